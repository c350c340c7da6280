"""A compiler for the tests of toolchains, pretended by the sandbox that it would run in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from crosswheel.act.building.build_python import BuildPython
from crosswheel.act.building.sandbox import Mounts
from crosswheel.render.build_paths import BuildPaths, build_paths_under
from elf_files import elf_file

__all__ = ["PretendedCompiler"]


class PretendedCompiler:
    """A sandbox in which every compiler leaves the same file, or fails."""

    kind = "pretended"

    def __init__(self, *, arch: str = "aarch64", libc: str = "2 36", fails: str = "") -> None:
        self.linked = elf_file(arch)
        self.libc = libc
        self.fails = fails
        self.calls: list[list[str]] = []

    def stop(self) -> None:
        """Nothing runs."""

    def check(self) -> None:
        """Nothing stops."""

    def paths(self, scratch: Path, build_python: BuildPython | None) -> BuildPaths:
        return build_paths_under(f"{scratch}/fixed", str(scratch))

    def run(
        self,
        command: Sequence[str],
        *,
        mounts: Mounts,
        environment: Mapping[str, str],
        working_directory: str,
        log: BinaryIO,
    ) -> int:
        words = [word for word in command if not word.startswith("-ffile-prefix-map")]
        self.calls.append([words[0].rpartition("/")[2], *words[1:]])
        if self.fails and self.fails in command:
            log.write(b"In file included\nc.c:1: fatal error: stdlib.h: No such file\n")
            return 1
        if "-o" in command:
            place = Path(working_directory, command[list(command).index("-o") + 1])
            place.write_bytes(f"C library: {self.libc}\n".encode() if "-E" in command else self.linked)
        return 0
