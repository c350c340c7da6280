"""Whether a toolchain of the user's own compiles for a target, in the sandbox and by the words that builds use."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crosswheel.act.building.own_toolchain import OwnToolchain
from crosswheel.act.building.sandbox import Mounts, Sandbox
from crosswheel.act.building.toolchain_settings import toolchain_settings
from crosswheel.act.check.byte_reader import DamagedBinaryError
from crosswheel.act.check.elf import parse_elf
from crosswheel.act.check.elf_machines import ELF_MACHINES
from crosswheel.render.compiler_arguments import Run, rewrite
from crosswheel.render.compiler_outputs import first_error
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import digest_of_json
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Emscripten, Glibc, Linux, Musl, Platform

if TYPE_CHECKING:
    from crosswheel.act.building.build_python import BuildPython
    from crosswheel.act.storage.store import Store

__all__ = ["try_toolchain"]

#: Raise it when the trial below changes.
_TRIAL = 1
_SOURCES = {
    "c.c": "int crosswheel_trial(int x) { return x + 1; }\n",
    "cxx.cc": "#include <stdexcept>\n#include <string>\n"
    'int crosswheel_trial(int x) { if (x) throw std::runtime_error(std::string("x")); return 1; }\n',
    "libc.c": "#include <stdlib.h>\nC library: __GLIBC__ __GLIBC_MINOR__\n",
}
_GLIBC = re.compile(r"C library: (\d+) (\d+)")


def try_toolchain(
    own: OwnToolchain, target: Target, *, store: Store, sandbox: Sandbox, python: BuildPython
) -> str:
    """Compile and link with a toolchain, once, and return the C library it links with, e.g. ``glibc 2.36``.

    Args:
        own: the toolchain.
        target: what it shall compile for.
        store: remembers the result.
        sandbox: what it is tried in.
        python: runs those of its programs that are Python's.

    Raises:
        InputError: it does not compile, or it does for another machine or another C library.
    """
    key = digest_of_json(["toolchain-trial", _TRIAL, own.pin.id.hex, target.id, sandbox.kind])
    known = store.read_record("toolchain-trial", key)
    if not isinstance(known, str):
        with store.scratch() as scratch:
            known = _Trial(own=own, target=target, sandbox=sandbox, python=python, scratch=scratch).libc()
        store.write_record("toolchain-trial", key, known)
    return known


@dataclass(frozen=True, kw_only=True, slots=True)
class _Trial:
    own: OwnToolchain
    target: Target
    sandbox: Sandbox
    python: BuildPython
    scratch: Path

    def libc(self) -> str:
        """Compile everything and return the name of the C library."""
        for name in ("source", "cache", "home", "temporary"):
            (self.scratch / name).mkdir()
        for name, text in _SOURCES.items():
            (self.scratch / "source" / name).write_text(text)
        self._run("cc", "-E", "-P", "libc.c", "-o", "libc.txt")
        self._made("cc", "c.c")
        if "c++" in self.own.pin.programs:
            self._made("c++", "cxx.cc")
        self._run("ar", "rcs", "c.a", "c.o")
        return self._libc_of((self.scratch / "source" / "libc.txt").read_text("utf-8", "replace"))

    def _made(self, tool: str, source: str) -> None:
        stem = source.partition(".")[0]
        self._run(tool, "-fPIC", "-c", source, "-o", f"{stem}.o")
        self._run(tool, "-shared", f"{stem}.o", "-o", f"{stem}.so")
        if not _is_for(self.scratch / "source" / f"{stem}.so", self.target.platform):
            raise self._unfit(
                f"what it compiles is not for {self.target.platform.arch.value}",
                "name a compiler for the target, or the target it compiles for",
            )

    def _run(self, tool: str, *arguments: str) -> None:
        paths = self.sandbox.paths(self.scratch, self.python)
        settings = toolchain_settings(self.target, paths, build_machine=os.uname().machine, own=self.own.pin)
        command = rewrite(tool, arguments, settings, lambda _: False)
        assert isinstance(command, Run)  # a plain call is always run
        environment = settings["environment"]
        assert isinstance(environment, dict)
        writable = (("source", paths.source), ("cache", paths.cache), ("temporary", paths.temporary))
        mounts = Mounts(
            read_only=self.own.mounts(paths, sandbox=self.sandbox.kind),
            writable=tuple((self.scratch / name, place) for name, place in writable),
            build_python=self.python,
        )
        with tempfile.TemporaryFile() as log:
            code = self.sandbox.run(
                command.argv,
                mounts=mounts,
                environment={
                    **{name: str(value) for name, value in environment.items()},
                    "HOME": paths.home,
                    "LC_ALL": "C",
                    "PATH": "/usr/bin:/bin",
                    "TMPDIR": paths.temporary,
                },
                working_directory=paths.source,
                log=log,
            )
            if code != 0:
                raise self._failed(log, command.argv)

    def _failed(self, log: BinaryIO, command: Sequence[str]) -> InputError:
        log.seek(0)
        said = log.read().decode(errors="replace")
        return self._unfit(
            f"it does not compile where builds do ({first_error(said) or 'it says nothing'})",
            "install what it lacks, or name what it reads beyond the files found "
            "(inputs, sysroot and options in [tool.crosswheel.toolchains])",
            details=[" ".join(command), *said.strip().splitlines()[-20:]],
        )

    def _libc_of(self, text: str) -> str:
        system = self.target.platform.os
        found = _GLIBC.search(text)
        name = f"glibc {found[1]}.{found[2]}" if found else "musl" if isinstance(system, Linux) else ""
        wanted = system.libc if isinstance(system, Linux) else None
        if (isinstance(wanted, Glibc) and not found) or (isinstance(wanted, Musl) and found):
            raise self._unfit(
                f"it links with {name if found else 'another C library than glibc'}",
                "name a compiler for the target's C library, or the target it compiles for",
            )
        return name

    def _unfit(self, why: str, fix: str, *, details: Sequence[str] = ()) -> InputError:
        return InputError(
            "use toolchain",
            self.own.pin.compiler,
            why=why,
            fix=fix,
            context=(self.target.id,),
            details=details,
        )


def _is_for(path: Path, platform: Platform) -> bool:
    """Tell whether a linked file is for the machine of a platform."""
    data = path.read_bytes()
    if isinstance(platform.os, Emscripten):
        return data.startswith(b"\0asm")
    wanted = ELF_MACHINES.get(platform.arch)
    try:
        elf = parse_elf(data)
    except DamagedBinaryError:
        return False
    return wanted is not None and (elf.machine, elf.bits, elf.byteorder) == (
        wanted.machine,
        wanted.bits,
        platform.arch.byteorder,
    )
