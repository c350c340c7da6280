"""Which files of layers Linux can start, and the program loader that each asks for: told by their modes and first bytes."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from crosswheel.act.check.binary_kinds import BinaryKind, kind_of
from crosswheel.act.check.elf import program_loader
from crosswheel.act.check.policies import libc_sonames
from crosswheel.act.images.tar_stream import EntryKind, TarEntry, TarStream
from crosswheel.decide.images.layer_paths import plain_path

__all__ = ["ProgramHead", "ProgramHeads"]

#: Linkers put the loader's name right behind the program headers.
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class ProgramHead:
    """What is known of a file that is ELF, or that can be started.

    Attributes:
        is_elf: whether it is an ELF file; else it names in its first line what runs it.
        is_executable: whether somebody may execute it.
        loader: absolute path of the program loader it asks for; ``None`` for a script, and what is linked statically.
    """

    is_elf: bool
    is_executable: bool
    loader: str | None = None

    @property
    def libc(self) -> str | None:
        """The C library that its loader is of, ``glibc`` or ``musl``; ``None`` where it names none of these two."""
        known = None if self.loader is None else libc_sonames((posixpath.basename(self.loader),))
        return None if known is None else known[0]


@dataclass(slots=True)
class ProgramHeads:
    """Programs and libraries by path, as the layers shown so far have them in the end.

    What removes a file is not taken note of: paths tell whether it is there.

    Attributes:
        found: by plain path.
    """

    found: dict[str, ProgramHead] = field(default_factory=dict)

    def show(self, entry: TarEntry, tar: TarStream) -> None:
        """Take note of an entry of an archive, whose content is still to be read afterwards."""
        path = plain_path(entry.path)
        head = self._head(entry, tar)
        if head is None:
            self.found.pop(path, None)
        else:
            self.found[path] = head

    def _head(self, entry: TarEntry, tar: TarStream) -> ProgramHead | None:
        if entry.kind is EntryKind.HARD_LINK:
            return self.found.get(plain_path(entry.link))
        if entry.kind is not EntryKind.FILE:
            return None
        data = tar.peek(_HEAD)
        is_executable = entry.mode & 0o111 != 0
        if kind_of(data) is BinaryKind.ELF:
            return ProgramHead(is_elf=True, is_executable=is_executable, loader=program_loader(data))
        return ProgramHead(is_elf=False, is_executable=True) if is_executable and data[:2] == b"#!" else None
