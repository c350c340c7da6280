"""Shared libraries of a target in a folder: unpacked packages of a distribution, or a folder of the user's.

Only that folder is looked at, never the build machine: links are followed as if the folder were ``/``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from crosswheel.act.check.byte_reader import DamagedBinaryError
from crosswheel.act.check.elf import Elf, ElfType, parse_elf
from crosswheel.act.check.elf_checks import BinaryFile, machine_findings
from crosswheel.target.targets import Target
from crosswheel.target.triples import debian_multiarch

__all__ = ["FoundLibrary", "SysrootLibraries"]

_LINKS = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundLibrary:
    """A shared library of the target.

    Attributes:
        name: the name it is needed by.
        source: its file, relative to the folder, links followed.
        data: its bytes.
        elf: what they say.
    """

    name: str
    source: str
    data: bytes
    elf: Elf


@dataclass(frozen=True)
class SysrootLibraries:
    """The shared libraries below `root`, for `target`.

    Attributes:
        root: the folder.
        target: what the libraries must be for; others are passed over.
    """

    root: Path
    target: Target

    def find(self, name: str) -> FoundLibrary | None:
        """Return the library that a loader on the target would take for `name`, ``None`` without one.

        The folders a loader looks in come first, then all others; a file with another name counts by its SONAME.
        """
        if "/" in name or not name:
            return None
        for path in (*self._usual(name), *self._by_file_name.get(name, ())):
            found = self._read(name, path)
            if found is not None:
                return found
        for path in self._by_soname.get(name, ()):
            found = self._read(name, path)
            if found is not None:
                return found
        return None

    def _usual(self, name: str) -> Iterator[Path]:
        multiarch = debian_multiarch(self.target.platform)
        for folder in (f"usr/local/lib/{multiarch}", f"lib/{multiarch}", f"usr/lib/{multiarch}"):
            yield self.root / folder / name
        bits = "64" if self.target.platform.arch.pointer_width == 64 else "32"
        for folder in ("usr/local/lib", f"lib{bits}", f"usr/lib{bits}", "lib", "usr/lib"):
            yield self.root / folder / name

    @cached_property
    def _by_file_name(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for path in sorted(self.root.rglob("*.so*")):
            found.setdefault(path.name, []).append(path)
        return found

    @cached_property
    def _by_soname(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for paths in self._by_file_name.values():
            for path in paths:
                library = self._read(path.name, path)
                if library is not None and library.elf.soname:
                    found.setdefault(library.elf.soname, []).append(path)
        return found

    def _read(self, name: str, path: Path) -> FoundLibrary | None:
        end = self._followed(path)
        if end is None or not end.is_file():
            return None
        data = end.read_bytes()
        if data[:4] != b"\x7fELF":
            return None  # a linker script such as libc.so
        try:
            elf = parse_elf(data)
        except DamagedBinaryError:
            return None
        if elf.type != ElfType.SHARED or machine_findings(BinaryFile(name, elf), self.target, built=True):
            return None
        return FoundLibrary(name=name, source=end.relative_to(self.root).as_posix(), data=data, elf=elf)

    def _followed(self, path: Path) -> Path | None:
        """Follow links of every folder on the way, absolute ones from `root`; ``None`` where they lead out or in circles."""
        todo = list(reversed(path.relative_to(self.root).parts))
        here: list[str] = []
        links = 0
        while todo:
            part = todo.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not here:
                    return None
                here.pop()
                continue
            step = self.root.joinpath(*here, part)
            if not step.is_symlink():
                here.append(part)
                continue
            links += 1
            if links > _LINKS:
                return None
            to = step.readlink()
            if to.is_absolute():
                here = []
            todo += reversed([part for part in to.parts if part != "/"])
        return self.root.joinpath(*here)
