"""Compiles modules to bytecode that depends on the source and the interpreter's version only; runs in the build Python.

Reads from standard input, for each module, the lengths of path and source and then both; answers with the length of the
``.pyc`` and the ``.pyc``, of no length if the source cannot be compiled. The first answer is what the interpreter is.

Each module is compiled in a process of its own, forked from one that has compiled and imported next to nothing: which
strings of a module are one object depends on what else the interpreter holds.
"""

from __future__ import annotations

import marshal
import os
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` is not loaded: what is loaded here is in every compiler
    from typing import BinaryIO

__all__ = ["canonical_marshal", "pyc_of", "serve"]

_LENGTHS = struct.Struct("<2L")
_LENGTH = struct.Struct("<L")
#: Hash-based, and never compared with the source: https://peps.python.org/pep-0552/.
_UNCHECKED_HASH = _LENGTH.pack(1)

_REFERABLE = 0x80
_ALONE = b"0NFTS."
#: Bytes of content by type; https://github.com/python/cpython/blob/v3.14.0/Python/marshal.c.
_FIXED = {**dict.fromkeys(_ALONE, 0), ord("i"): 4, ord("g"): 8, ord("y"): 16}
_COUNTED_BYTES = {ord(kind): width for kinds, width in (("stuaA", 4), ("zZ", 1)) for kind in kinds}
_COUNTED_OBJECTS = {ord("("): 4, ord(")"): 1, ord("["): 4, ord("<"): 4, ord(">"): 4}
#: A code object: five numbers, eight objects, one number, two objects; the same since Python 3.11.
_CODE = ((5, 8), (1, 2))


def pyc_of(path: str, source: bytes) -> bytes:
    """Return the ``.pyc`` of a module that lies at `path` on the target; empty if the source cannot be compiled."""
    try:
        code = compile(source, path, "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return b""
    data = canonical_marshal(marshal.dumps(code))
    import importlib.util  # not before, for what it imports

    return importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + importlib.util.source_hash(source) + data


def canonical_marshal(data: bytes) -> bytes:
    """Return marshalled data with only those objects marked as referable that are referred to.

    `marshal` marks every object that anything else in the interpreter happens to share, a name for instance that another
    module has as well, so that the bytes depend on what was done before.
    """
    return _Marshalled(data).canonical()


class _Marshalled:
    """Marshalled data: where it marks objects, and where it refers to them."""

    def __init__(self, data: bytes) -> None:
        self._data = bytearray(data)
        self._place = 0
        self._marks: list[int] = []
        self._references: list[int] = []
        self._walk()

    def canonical(self) -> bytes:
        used = {self._number(place) for place in self._references}
        numbers: dict[int, int] = {}
        for old, place in enumerate(self._marks):
            if old in used:
                numbers[old] = len(numbers)
            else:
                self._data[place] &= ~_REFERABLE
        for place in self._references:
            _LENGTH.pack_into(self._data, place, numbers[self._number(place)])
        return bytes(self._data)

    def _number(self, place: int) -> int:
        number: int = _LENGTH.unpack_from(self._data, place)[0]
        return number

    def _walk(self) -> None:
        """Find all marks and references; what is still to be read of objects begun is kept, not called."""
        waiting: list[tuple[int, int]] = [(0, 1)]  # numbers to skip, then objects to read
        while waiting:
            numbers, objects = waiting.pop()
            self._skip(4 * numbers)
            if objects > 1:
                waiting.append((0, objects - 1))
            if objects:
                waiting += self._object()
        if self._place != len(self._data):
            raise ValueError("something follows the marshalled object")

    def _object(self) -> list[tuple[int, int]]:
        """Read one object up to the objects in it, and return what is to be read of those, last first."""
        kind = self._data[self._place] & ~_REFERABLE
        if self._data[self._place] & _REFERABLE:
            self._marks.append(self._place)
        self._skip(1)
        if kind in _COUNTED_BYTES:
            self._skip(self._count(_COUNTED_BYTES[kind]))
        elif kind in _FIXED:
            self._skip(_FIXED[kind])
        elif kind == ord("r"):
            self._references.append(self._place)
            self._skip(4)
        elif kind in _COUNTED_OBJECTS:
            return [(0, self._count(_COUNTED_OBJECTS[kind]))]
        elif kind == ord("c"):
            return list(reversed(_CODE))
        elif kind == ord(":"):
            return [(0, 3)]
        elif kind == ord("l"):
            self._skip(2 * abs(self._count(4, signed=True)))
        else:
            raise ValueError(f"marshalled data of an unknown type {kind:#x}")
        return []

    def _skip(self, length: int) -> None:
        self._place += length

    def _count(self, width: int, *, signed: bool = False) -> int:
        number = int.from_bytes(self._data[self._place : self._place + width], "little", signed=signed)
        self._skip(width)
        return number


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    version = sys.version.split()[0].rstrip("+")
    _answer(answers, f"{version} {sys.implementation.cache_tag}".encode())
    while lengths := requests.read(_LENGTHS.size):
        path, source = (requests.read(length) for length in _LENGTHS.unpack(lengths))
        _answer(answers, _in_a_fresh_process(path.decode(), source))


def _in_a_fresh_process(path: str, source: bytes) -> bytes:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with os.fdopen(writing, "wb") as stream:
                stream.write(pyc_of(path, source))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        data = stream.read()
    if os.waitpid(child, 0)[1]:
        raise RuntimeError(f"{path} could not be compiled")
    return data


def _answer(answers: BinaryIO, data: bytes) -> None:
    answers.write(_LENGTH.pack(len(data)) + data)
    answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
