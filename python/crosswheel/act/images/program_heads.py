"""Which files of layers Linux can start, and what each asks for to be started: told by their modes and first bytes."""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import dataclass, field

from crosswheel.act.check.binary_kinds import BinaryKind, kind_of
from crosswheel.act.check.elf import program_loader
from crosswheel.act.check.policies import libc_sonames
from crosswheel.act.images.tar_stream import EntryKind, TarEntry, TarStream
from crosswheel.decide.images.layer_paths import plain_path

__all__ = ["PROGRAM_HEAD", "ProgramHead", "ProgramHeads", "program_head"]

#: So many bytes tell: linkers put the loader's name right behind the program headers.
PROGRAM_HEAD = 4096
#: So many bytes of a script Linux looks at (``BINPRM_BUF_SIZE``).
_FIRST_LINE = 256
#: What follows ``#!``: a path, and what ends it. Without an end it may go on where Linux does not look.
_RUNNER = re.compile(rb"#![ \t]*([^ \t\n\0]+)[ \t\n\0]")


@dataclass(frozen=True, slots=True)
class ProgramHead:
    """What is known of a file that is ELF or a script.

    Attributes:
        is_elf: whether it is an ELF file; else its first line begins with ``#!``.
        is_executable: whether somebody may execute it.
        loader: path of the program loader it asks for; ``None`` for a script, and what is linked statically.
        runner: path of the program that runs it; ``None`` for an ELF file, and a script that names none.
    """

    is_elf: bool
    is_executable: bool
    loader: str | None = None
    runner: str | None = None

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
        return program_head(tar.peek(PROGRAM_HEAD), entry.mode)


def program_head(data: bytes, mode: int) -> ProgramHead | None:
    """Return what a file's first bytes, `PROGRAM_HEAD` of them, and its mode tell; ``None`` where it is neither ELF nor a script."""
    is_executable = mode & 0o111 != 0
    if kind_of(data) is BinaryKind.ELF:
        return ProgramHead(is_elf=True, is_executable=is_executable, loader=program_loader(data))
    if data[:2] != b"#!":
        return None
    found = _RUNNER.match(data[:_FIRST_LINE].ljust(_FIRST_LINE, b"\0"))
    runner = None if found is None else os.fsdecode(found[1])
    return ProgramHead(is_elf=False, is_executable=is_executable, runner=runner)
