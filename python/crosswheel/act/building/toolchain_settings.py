"""What the compiler launchers are told: the contents of ``toolchain.json``, documented in docs/concepts/toolchain.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from crosswheel.act.building.musl_libc import libc_library, musl_of
from crosswheel.act.building.zig_library import library_variables
from crosswheel.decide.plans.toolchain_pin import ToolchainPin
from crosswheel.render.build_paths import BuildPaths
from crosswheel.render.cargo import rust_settings
from crosswheel.render.own_toolchain import own_environment, own_programs
from crosswheel.render.system_settings import (
    build_platform_settings,
    sdk_settings,
    system_settings,
    zig_programs,
)
from crosswheel.target.glibc_versions import has_narrow_time, has_old_long_double
from crosswheel.target.targets import Target
from crosswheel.target.triples import debian_multiarch, gnu_triple, zig_triple
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.platforms import Arch, Glibc, Linux, MacOs, Platform

__all__ = ["GLIBC_COMPAT", "INJECTED_SOURCES", "TIME_HEADER", "toolchain_settings"]

#: Compiled into C++ modules where libc++ calls a newer glibc than the target's; the file tells more.
_IEEE128 = "ieee128.c"
#: Compiled into everything that is linked where `long double` is IBM's; the file tells more.
_IBM128 = "ibm128.c"
#: Compiled into what links an archive of the sysroot; the file tells more.
GLIBC_COMPAT = "glibc_compat.c"
#: The same, for AArch64.
_OUTLINE_ATOMICS = "outline_atomics.c"
#: Compiled into what links OpenMP's library; the file tells more.
_OPENMP = "openmp.c"
#: All of them.
INJECTED_SOURCES = (_IBM128, _IEEE128, GLIBC_COMPAT, _OUTLINE_ATOMICS, _OPENMP)
#: Stands in for zig's where the target's glibc has a `time_t` of 32 bits only; the file tells more.
TIME_HEADER = "features-time64.h"

#: The oldest glibc that Rust's own compiler and cargo run with; what they load asks for no newer one.
_BUILD_GLIBC = "2.17"


def toolchain_settings(
    target: Target,
    paths: BuildPaths,
    *,
    build_machine: str,
    libraries: Mapping[str, JsonValue] | None = None,
    own: ToolchainPin | None = None,
) -> dict[str, JsonValue]:
    """Return the contents of ``toolchain.json``, documented in docs/concepts/toolchain.md.

    Args:
        target: what is compiled for.
        paths: where things stand.
        build_machine: the build machine's architecture in zig's words, e.g. ``x86_64``.
        libraries: the sysroot's link table; ``None`` for a build without a sysroot.
        own: the user's own toolchain that compiles for the target; ``None`` for zig.

    Raises:
        InputError: zig cannot compile for the target, e.g. its glibc is older than zig knows there.
    """
    fixed = str(Path(paths.target).parent)
    scratch = str(Path(paths.source).parent)
    in_place = [["/crosswheel", fixed], ["/build", scratch]]
    sysroot = {} if libraries is None else _sysroot(target.platform, paths, libraries)
    moved = [[f"/usr/{name}", f"{paths.sysroot}/usr/{name}"] for name in ("include", "lib")]
    return {
        "schema": 2,
        "zig": f"{paths.zig}/zig",
        "bin": f"{paths.toolchain}/bin",
        "target": {**_platform(target, paths, own), **system_settings(target, paths)},
        # Static: what is compiled for the build machine runs whatever C library the sandbox holds.
        "build": build_platform_settings(paths, build_machine, "musl"),
        # What a program of the build machine loads (a procedural macro) needs that program's C library.
        "build_shared": build_platform_settings(paths, build_machine, "gnu", f".{_BUILD_GLIBC}"),
        "rust": rust_settings(target.platform, paths),
        "environment": _variables(target, paths, own),
        "replaced_folders": [
            [f"{paths.python}/include/python{target.python.version}", f"{paths.target}/include"],
            *(moved if sysroot else []),
        ],
        "libc_files": paths.libc,
        "dropped_folders": [f"{paths.python}/lib", f"{paths.python}/include"],
        "own_folders": [
            *(paths.target, paths.environment, scratch),
            *([paths.sysroot] if sysroot else []),
            *([] if own is None else [paths.compiler, paths.compiler_sysroot]),
        ],
        **({"sysroot": sysroot} if sysroot else {}),
        # Without a sandbox folders have other names than inside; what lands in the bytes is as if inside.
        "prefix_maps": [[actual, name] for name, actual in in_place if actual != name],
    }


def _variables(target: Target, paths: BuildPaths, own: ToolchainPin | None) -> dict[str, JsonValue]:
    caches: dict[str, JsonValue] = {
        f"ZIG_{name.upper()}_CACHE_DIR": f"{paths.cache}/{name}" for name in ("global", "local")
    }
    if own is not None:
        return {**caches, **own_environment(own, target, paths)}
    return {**caches, **library_variables(target.platform, paths)}


def _sysroot(
    platform: Platform, paths: BuildPaths, libraries: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """Return what the launchers know of the sysroot; folders of the architecture go before the common ones."""
    usr = f"{paths.sysroot}/usr"
    is_linux = isinstance(platform.os, Linux)
    is_glibc = isinstance(platform.os, Linux) and isinstance(platform.os.libc, Glibc)
    sources = [GLIBC_COMPAT] if is_glibc else []
    sources += [_OUTLINE_ATOMICS] if is_linux and platform.arch is Arch.AARCH64 else []
    multiarch = [debian_multiarch(platform)] if is_linux else []
    folders = {
        kind: [*(f"{usr}/{kind}/{name}" for name in multiarch), f"{usr}/{kind}"]
        for kind in ("include", "lib")
    }
    return {
        "root": paths.sysroot,
        "headers": folders["include"],
        "libraries": folders["lib"],
        "package_configs": [f"{folder}/pkgconfig" for folder in (*folders["lib"], f"{usr}/share")],
        "sources": [f"{paths.toolchain}/lib/{name}" for name in sources],
        "openmp": f"{paths.toolchain}/lib/{_OPENMP}",
        "table": dict(libraries),
        **sdk_settings(platform, paths),
    }


def _platform(target: Target, paths: BuildPaths, own: ToolchainPin | None) -> dict[str, JsonValue]:
    platform = target.platform
    facts: dict[str, JsonValue] = {
        "arch": platform.arch.value,
        "pointer_width": platform.arch.pointer_width,
        "gnu_triple": gnu_triple(platform),
        "multiarch": debian_multiarch(platform) if isinstance(platform.os, Linux) else "",
        "compile_options": [],
        "link_sources": [],
        "cxx_sources": [],
        "libc": "",
    }
    if own is not None:
        return {**facts, **own_programs(own, target, paths)}
    old_long_double = has_old_long_double(platform)
    return {
        **facts,
        "family": "zig",
        "programs": zig_programs(paths, zig_triple(platform)),
        "compile_options": _compile_options(platform, paths, old_long_double=old_long_double),
        "link_sources": [f"{paths.toolchain}/lib/{_IBM128}"] if old_long_double else [],
        "cxx_sources": [f"{paths.toolchain}/lib/{_IEEE128}"] if old_long_double else [],
        "libc": libc_library(platform, paths),
    }


def _compile_options(platform: Platform, paths: BuildPaths, *, old_long_double: bool) -> list[JsonValue]:
    """Return what every compilation for the platform is told, before the options of the build.

    On musl position independent code, as on Alpine: in zig's list of libc's symbols all objects lie at one address, so
    a program that copies one of them (`stdin`, `environ`) into itself, which other code does, gets all of them there.

    On macOS a call of what the target may lack, with no ``__builtin_available`` around it, is an error: the reference is weak, so
    neither the linker nor the loader finds fault with it, and the call goes to address 0.
    """
    options: list[JsonValue] = ["-mabi=ibmlongdouble"] if old_long_double else []
    if has_narrow_time(platform):
        options.append(f"-I{paths.toolchain}/include")  # zig's own folders come before any -isystem
    if isinstance(platform.os, MacOs):
        options.append("-Werror=unguarded-availability")
    return ["-fPIC"] if musl_of(platform) is not None else options
