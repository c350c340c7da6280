"""What a compiler of this machine says of itself: its family, and the folders that belong to it and to its target.

The programs are run as they are, outside the sandbox: they are the user's own, and what a build may see of them is only
found out this way.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crosswheel.values.errors import InputError

__all__ = ["Compiler", "read_compiler"]

#: How long an answer may take, seconds.
_PATIENCE = 60
_INCLUDED = re.compile(r"^ (/.*?)(?: \(framework directory\))?$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiler:
    """A compiler as it describes itself.

    Attributes:
        family: ``gcc`` or ``clang``.
        version: the first line of what ``--version`` prints.
        triple: what ``-dumpmachine`` prints; of Clang it is only the default.
        parts: folders that are its own and its target's, absolute.
        sysroot: the sysroot it was made for; empty for none, or for one among `parts`.
    """

    family: str
    version: str
    triple: str
    parts: tuple[str, ...]
    sysroot: str


def read_compiler(program: Path, folder: Path) -> Compiler:
    """Return what the compiler `program` says of itself.

    Args:
        program: the compiler.
        folder: the folder it stands in with its parts; where its sysroot is ``/``, it will be called with this one.

    Raises:
        InputError: it cannot be run, or is neither GCC nor Clang.
    """
    said = _asked(program, "--version")
    triple = _asked(program, "-dumpmachine").strip()
    family = "gcc" if "Free Software Foundation" in said else "clang" if "clang" in said else ""
    if not family or "-" not in triple:
        raise InputError(
            "use compiler",
            str(program),
            why=f"it is neither GCC nor Clang; it says of itself: {_first_line(said) or 'nothing'}",
            fix="name the C compiler of such a toolchain, for example aarch64-linux-gnu-gcc",
        )
    parts, sysroot = _gcc_parts(program, triple, folder) if family == "gcc" else (_clang_parts(program), "")
    return Compiler(family=family, version=_first_line(said), triple=triple, parts=parts, sysroot=sysroot)


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "")[:100]


def _asked(program: Path, *question: str) -> str:
    """Return what the program prints, on standard error as well; nothing where it knows no answer."""
    try:
        done = subprocess.run(
            [str(program), *question],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env={"LC_ALL": "C", "PATH": os.environ.get("PATH", "")},
            text=True,
            errors="replace",
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "it does not answer"
        raise InputError(
            "run compiler", str(program), why=why, fix="name a program that runs on this machine"
        ) from None
    return done.stdout + done.stderr if done.returncode == 0 else ""


def _gcc_parts(program: Path, triple: str, folder: Path) -> tuple[tuple[str, ...], str]:
    """Return the folders GCC reads, each cut behind the part named for its target, and the sysroot.

    GCC and what a distribution builds for it keep everything of one target below folders of that name, for example
    ``/usr/lib/gcc-cross/aarch64-linux-gnu`` and ``/usr/aarch64-linux-gnu``. The other folders it names are the machine's.
    A sysroot ``/`` would have it look there for folders of the target's name, which other packages may have made.
    """
    sysroot = _asked(program, "-print-sysroot").strip()
    rooted = (f"--sysroot={folder}",) if sysroot == "/" else ()
    folders = [
        folder
        for line in _asked(program, *rooted, "-print-search-dirs").splitlines()
        for folder in line.partition(": ")[2].removeprefix("=").split(":")
    ]
    folders += _INCLUDED.findall(_asked(program, *rooted, "-E", "-v", "-x", "c++", "/dev/null"))
    folders += _INCLUDED.findall(_asked(program, *rooted, "-E", "-v", "-x", "c", "/dev/null"))
    parts = _cut(folders, triple)
    if sysroot and any(Path(sysroot).resolve().is_relative_to(part) for part in parts):
        sysroot = ""
    return parts, sysroot


def _cut(folders: Iterable[str], name: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for folder in folders:
        parts = Path(os.path.realpath(folder)).parts if folder.startswith("/") else ()
        if name in parts:
            whole = Path(*parts[: parts.index(name) + 1])
            if whole.is_dir():
                found[str(whole)] = None
    return tuple(sorted(found))


def _clang_parts(program: Path) -> tuple[str, ...]:
    folder = _asked(program, "-print-resource-dir").strip()
    return (os.path.realpath(folder),) if os.path.isdir(folder) else ()  # noqa: PTH112
