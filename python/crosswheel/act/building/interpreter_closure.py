"""Which files of the build machine a program needs to start: its loader and its shared libraries.

Asks the program's own loader (``ld.so --list``), which lists without running the program.
"""

from __future__ import annotations

import os
import re
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = [
    "Closure",
    "elf_interpreter",
    "in_store",
    "script_interpreter",
    "shared_libraries",
    "shared_library_closure",
]

_LISTED = re.compile(r"^\s*(?:(?P<name>\S+) => )?(?P<path>/.+?) \(0x[0-9a-f]+\)$", re.MULTILINE)
#: Folders whose paths name their content: what lies there is the same wherever the path is.
_STORES = ("/nix/store/", "/gnu/store/")


@dataclass(frozen=True, kw_only=True, slots=True)
class Closure:
    """Files to be mounted, where the loader of a program will look for them.

    Attributes:
        mounts: real path on the build machine by path in the sandbox.
    """

    mounts: tuple[tuple[Path, str], ...]


def in_store(path: str | Path) -> bool:
    """Tell whether `path` is one of a Nix or Guix store."""
    return str(path).startswith(_STORES)


def script_interpreter(path: Path) -> Path | None:
    """Return the program in a store that runs the script `path`; ``None`` if it is no script or another program does."""
    with path.open("rb") as stream:
        line = stream.readline(4096)
    words = line.removeprefix(b"#!").split() if line.startswith(b"#!") else []
    program = os.fsdecode(words[0]) if words else ""
    return Path(program) if in_store(program) and os.path.isfile(program) else None  # noqa: PTH113 # text in hand


def elf_interpreter(path: Path) -> str | None:
    """Return the loader that `path` names (``PT_INTERP``), or ``None``: static, a script, or not ELF at all."""
    with path.open("rb") as stream:
        header = stream.read(64)
        if len(header) < 52 or header[:4] != b"\x7fELF":
            return None
        wide, order = header[4] == 2, "<" if header[5] == 1 else ">"
        (table,) = struct.unpack_from(order + ("Q" if wide else "I"), header, 32 if wide else 28)
        size, count = struct.unpack_from(order + "HH", header, 54 if wide else 42)
        for index in range(count):
            stream.seek(table + index * size)
            entry = stream.read(size)
            if struct.unpack_from(order + "I", entry)[0] != 3:
                continue
            place, _, _, length = struct.unpack_from(
                order + ("QQQQ" if wide else "IIII"), entry, 8 if wide else 4
            )
            stream.seek(place)
            return stream.read(length).rstrip(b"\0").decode()
    return None


def shared_library_closure(program: Path, modules: Sequence[Path] = ()) -> Closure:
    """Return loader and libraries of `program`, and those of the `modules` it may load.

    A library of a private folder (a Python's own ``lib``) is placed beside the C library, where every loader looks,
    so that no folder of the build machine's user appears in the sandbox; Nix and Guix stores are kept as they are.
    """
    loader = elf_interpreter(program)
    if loader is None:
        return Closure(mounts=())
    found = dict(_listed(loader, program))
    for module in modules:
        for name, path in _listed(loader, module):
            found.setdefault(name, path)
    libc = next(
        (path for name, path in found.items() if name.startswith(("libc.so", "libc.musl"))), Path(loader)
    )
    home = os.path.realpath(libc.parent)
    mounts = {_placed(Path(loader), None): Path(loader)}
    for name, path in found.items():
        mounts.setdefault(_placed(path.parent / name, home), path)
    return Closure(
        mounts=tuple((Path(os.path.realpath(path)), place) for place, path in sorted(mounts.items()))
    )


def shared_libraries(program: Path) -> tuple[tuple[str, Path], ...]:
    """Return name and place of each library that `program` loads, as its loader finds them on this machine."""
    loader = elf_interpreter(program)
    return () if loader is None else _listed(loader, program)


def _placed(path: Path, home: str | None) -> str:
    if in_store(path) or home is None:
        return f"{os.path.realpath(path.parent)}/{path.name}"
    return f"{home}/{path.name}"


@cache
def _listed(loader: str, path: Path) -> tuple[tuple[str, Path], ...]:
    """Return the libraries by the name they are looked for; one that is missing is left out."""
    answer = subprocess.run(
        [loader, "--list", str(path)], capture_output=True, check=False, env={"LC_ALL": "C"}, text=True
    )
    listed: list[tuple[str, Path]] = []
    for match in _LISTED.finditer(answer.stdout):
        file = Path(match["path"])
        if os.path.realpath(file) != os.path.realpath(loader):
            listed.append((Path(match["name"] or file.name).name, file))
    return tuple(listed)
