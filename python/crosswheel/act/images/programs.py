"""What Linux needs to start a program of an image: what its first line names, and the program loader."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from crosswheel.act.images.entries_on_base import paths_of_entries
from crosswheel.act.images.layered_paths import LayeredPaths
from crosswheel.act.images.program_heads import PROGRAM_HEAD, ProgramHead, program_head
from crosswheel.act.layers.layer_entries import BytesContent, FileContent, LayerEntry
from crosswheel.values.platforms import Glibc

__all__ = ["Programs", "head_of_entry", "programs_of_entries"]

#: Linux follows so many first lines (``exec_binprm`` of fs/exec.c).
_MOST_SCRIPTS = 5


def _nothing(path: str) -> None:
    del path


@dataclass(frozen=True, kw_only=True, slots=True)
class Programs:
    """Programs and libraries of an image.

    Attributes:
        paths: its paths.
        known: tells what is known of a file by its own path, without a slash at the beginning.
        glibcs: versions of its glibcs by such paths, which may be gone.
    """

    paths: LayeredPaths = field(default_factory=LayeredPaths)
    known: Callable[[str], ProgramHead | None] = _nothing
    glibcs: Mapping[str, Glibc] = field(default_factory=dict)

    def at(self, path: str) -> ProgramHead | None:
        """Return what is known of the program that a path leads to through all links; ``None`` where it is none."""
        real = self.paths.real(path)
        return self.known(real) if real is not None and self.paths.has_file(real) else None

    def lack(self, path: str) -> str | None:
        """Return what keeps Linux from starting a program, in words that go on after its name; ``None`` where nothing is known.

        >>> Programs().lack("/usr/bin/python3.11")
        ' is not there'
        """
        *scripts, last = self._started(path)
        said = "".join(f" is a script for {runner}, which" for runner in (*scripts, last)[1:])
        if not self.paths.is_file(last):
            return f"{said} is not there"
        program = self.at(last)
        if program is None:
            return None
        if not program.is_executable:
            return f"{said} nobody may execute"
        if program.loader is None or not program.loader.startswith("/"):
            return None
        missing = self._lack_of_loader(program.loader)
        return missing and f"{said} asks for the program loader {program.loader}, which {missing}"

    def loader_folder(self, path: str) -> str | None:
        """Return where the loader lies that a program, or what runs a script, asks for: its folder, no links on the way."""
        program = self.at(self._started(path)[-1])
        loader = None if program is None or program.loader is None else self.paths.real(program.loader)
        return None if loader is None else posixpath.dirname(loader)

    def _started(self, path: str) -> list[str]:
        """Return a program, and what Linux starts in its place, one script after the other."""
        found = [path]
        while len(found) <= _MOST_SCRIPTS:
            program = self.at(found[-1])
            if program is None or not program.is_executable:
                break
            if program.runner is None or not program.runner.startswith("/"):
                break
            found.append(program.runner)
        return found

    def _lack_of_loader(self, path: str) -> str | None:
        loader = self.at(path)
        if self.paths.real(path) is None:
            return "is not there"
        if loader is None or not loader.is_elf:
            return "is no ELF file"
        return None if loader.is_executable else "nobody may execute"


def programs_of_entries(layers: Sequence[Sequence[LayerEntry]]) -> Programs:
    """Return the programs of layers that are yet to be written, lowest first; files are read when they are asked for."""
    entries: Mapping[str, LayerEntry] = {entry.path: entry for layer in layers for entry in layer}
    return Programs(paths=paths_of_entries(layers), known=lambda path: head_of_entry(entries[path]))


def head_of_entry(entry: LayerEntry) -> ProgramHead | None:
    """Return what is known of a file that is yet to be written; ``None`` where it is no program, or a wheel's."""
    if isinstance(entry.content, BytesContent):
        return program_head(entry.content.data[:PROGRAM_HEAD], entry.mode)
    if isinstance(entry.content, FileContent):
        with entry.content.path.open("rb") as stream:
            return program_head(stream.read(PROGRAM_HEAD), entry.mode)
    return None
