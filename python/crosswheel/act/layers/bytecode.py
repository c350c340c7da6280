"""Bytecode for the modules of layers, compiled by a build Python of the target's own X.Y.

The other side is `crosswheel.act.layers.injected.compile_bytecode`, whose header describes the protocol and why the bytes
depend on nothing but source and version.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Container, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path
from queue import SimpleQueue
from subprocess import DEVNULL, PIPE, Popen
from tempfile import TemporaryDirectory, mkstemp
from typing import IO

from crosswheel.act.building.build_python import find_build_python
from crosswheel.act.layers.layer_entries import BytesContent, FileContent, LayerEntry, MemberContent
from crosswheel.act.worker_pool import worker_pool
from crosswheel.target.targets import Target
from crosswheel.values.errors import BuildPythonError, CrosswheelError, raise_faults

__all__ = ["BytecodeCompilers", "bytecode_compilers"]

_LENGTHS = struct.Struct("<2L")
_LENGTH = struct.Struct("<L")


class _Compiler:
    """A process of the build Python that compiles one module after the other."""

    def __init__(self, process: Popen[bytes]) -> None:
        assert process.stdin is not None, "it was asked for"
        assert process.stdout is not None, "it was asked for"
        self._requests: IO[bytes] = process.stdin
        self._answers: IO[bytes] = process.stdout
        self.version, self.cache_tag = self._answer().decode().split(" ")

    def compile(self, path: str, source: bytes) -> bytes:
        """Return the ``.pyc`` of a module; empty if it cannot be compiled."""
        name = path.encode()
        self._requests.write(b"".join((_LENGTHS.pack(len(name), len(source)), name, source)))
        self._requests.flush()
        return self._answer()

    def _answer(self) -> bytes:
        length = self._answers.read(_LENGTH.size)
        if len(length) != _LENGTH.size:
            raise EOFError
        return self._answers.read(_LENGTH.unpack(length)[0])


class BytecodeCompilers:
    """Processes of one build Python that wait for modules.

    Attributes:
        version: full version of the build Python.
        uncompiled: paths of the modules so far that it could not compile.
    """

    def __init__(self, compilers: Sequence[_Compiler], folder: Path) -> None:
        self.version = compilers[0].version
        self.uncompiled: list[str] = []
        self._cache_tag = compilers[0].cache_tag
        self._folder = folder
        self._count = len(compilers)
        self._idle: SimpleQueue[_Compiler] = SimpleQueue()
        for compiler in compilers:
            self._idle.put(compiler)

    def entries(self, modules: Sequence[LayerEntry], *, taken: Container[str]) -> tuple[LayerEntry, ...]:
        """Return the bytecode of `modules`, beside each where Python looks for it.

        Args:
            modules: their sources; what cannot be compiled is left out.
            taken: paths that wheels bring something at, which stays as it is.

        Raises:
            BuildPythonError: the build Python came to an end.
            CheckError: a wheel is damaged.
        """
        compiled: list[LayerEntry | None] = []
        faults: list[CrosswheelError] = []
        with worker_pool(self._count) as pool:
            for future in [
                pool.submit(self._compiled, module) for module in modules if self._path(module) not in taken
            ]:
                try:
                    compiled.append(future.result())
                except CrosswheelError as fault:
                    faults.append(fault)
        raise_faults(faults)
        return tuple(entry for entry in compiled if entry is not None)

    def _path(self, module: LayerEntry) -> str:
        """Return the path of a module's bytecode (PEP 3147)."""
        folder, _, name = module.path.rpartition("/")
        return f"{folder}/__pycache__/{name.removesuffix('.py')}.{self._cache_tag}.pyc"

    def _compiled(self, module: LayerEntry) -> LayerEntry | None:
        source = _content(module)
        compiler = self._idle.get()
        try:
            data = compiler.compile(f"/{module.path}", source)
        except (EOFError, OSError):
            raise _ended(module.path) from None
        finally:
            self._idle.put(compiler)
        if not data:
            self.uncompiled.append(module.path)
            return None
        descriptor, name = mkstemp(dir=self._folder)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        return LayerEntry(
            path=self._path(module), content=FileContent(Path(name)), mode=0o644, owner=module.owner
        )


@contextmanager
def bytecode_compilers(
    target: Target, *, build_python: Path | None, count: int
) -> Iterator[BytecodeCompilers]:
    """Start processes that compile for `target`; with the context they end, and what they compiled is removed.

    Args:
        target: whose Python the bytecode is for.
        build_python: the interpreter; ``None`` to look for one.
        count: how many processes.

    Raises:
        BuildPythonError: no interpreter here has the target's version and flags, or it cannot do this.
    """
    found = find_build_python(target.python, explicit=build_python)
    script = (files("crosswheel") / "act" / "layers" / "injected" / "compile_bytecode.py").read_text()
    command = [str(found.executable), "-I", "-S", "-W", "ignore", "-c", script]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="crosswheel-bytecode-")))
        try:
            compilers = [
                _Compiler(
                    stack.enter_context(Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}))
                )
                for _ in range(max(1, count))
            ]
        except (EOFError, OSError):
            raise _ended(str(found.executable)) from None
        yield BytecodeCompilers(compilers, folder)


def _content(module: LayerEntry) -> bytes:
    """Return the source; its hash is compared when the layer is written, which comes later."""
    match module.content:
        case MemberContent(archive=archive, member=member):
            source = bytes(archive.read(member))
            archive.forget(member.packed)
            return source
        case BytesContent(data=data):
            return data
        case _:
            raise AssertionError("wheels bring files only")


def _ended(what: str) -> BuildPythonError:
    return BuildPythonError(
        "compile bytecode of",
        what,
        why="the build Python came to an end",
        fix="name another interpreter with --build-python, or leave --bytecode out",
    )
