"""Where everything stands while a wheel is built, as the build backend sees it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SANDBOX_FOLDERS", "SANDBOX_PATHS", "BuildPaths", "build_paths_under"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildPaths:
    """Absolute paths, as seen by the build.

    Attributes:
        python: prefix of the build Python (read-only).
        environment: the build environment, a virtual environment of the build Python (read-only).
        target: what is rendered for the target: headers, sysconfigdata, config.site, view (read-only).
        toolchain: compiler launchers, in ``bin/`` (read-only).
        zig: the unpacked zig toolchain (read-only).
        compiler: a toolchain of the user's own, if one compiles for the target (read-only).
        compiler_sysroot: its sysroot, if that lies elsewhere (read-only).
        rust: the Rust toolchain, if Rust is compiled (read-only).
        crates: cargo's home, with the crates in it, if Rust is compiled (read-only).
        sysroot: libraries of the target, with ``usr/`` below it (read-only; absent when a build needs none).
        downloads: what the build would download: ``files/``, and unpacked in ``sources/`` (read-only; absent when it
            has none pinned).
        source: the unpacked sdist (writable).
        output: where the backend leaves the wheel (writable).
        cache: the compiler's cache, a copy of the warm one (writable).
        temporary: ``TMPDIR`` (writable).
        home: an empty home directory (writable).
    """

    python: str
    environment: str
    target: str
    toolchain: str
    zig: str
    compiler: str
    compiler_sysroot: str
    rust: str
    crates: str
    sysroot: str
    downloads: str
    source: str
    output: str
    cache: str
    temporary: str
    home: str

    @property
    def libc(self) -> str:
        """What stands for ``/usr`` of a system with the target's C library alone: `crosswheel.render.libc_files`."""
        return f"{self.toolchain}/libc/usr"


def build_paths_under(fixed: str, scratch: str) -> BuildPaths:
    """Return the paths for read-only inputs below `fixed` and writable folders below `scratch`."""
    return BuildPaths(
        python=f"{fixed}/python",
        environment=f"{fixed}/environment",
        target=f"{fixed}/target",
        toolchain=f"{fixed}/toolchain",
        zig=f"{fixed}/zig",
        compiler=f"{fixed}/compiler",
        compiler_sysroot=f"{fixed}/compiler-sysroot",
        rust=f"{fixed}/rust",
        crates=f"{fixed}/crates",
        sysroot=f"{fixed}/sysroot",
        downloads=f"{fixed}/downloads",
        source=f"{scratch}/source",
        output=f"{scratch}/output",
        cache=f"{scratch}/cache",
        temporary=f"{scratch}/temporary",
        home=f"{scratch}/home",
    )


#: What everything a build sees stands below, inside the sandbox; no target has these folders.
SANDBOX_FOLDERS = ("/crosswheel", "/build")
#: The paths inside the sandbox: the same on every machine, so that a path that ends up in a wheel is too.
SANDBOX_PATHS = build_paths_under(*SANDBOX_FOLDERS)
