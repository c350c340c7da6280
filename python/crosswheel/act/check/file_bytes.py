"""The bytes of a file to be judged: in memory, or, of a large one, mapped, so that only what is looked at is read."""

from __future__ import annotations

import mmap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias, overload

__all__ = ["IN_MEMORY", "FileBytes", "FilePart", "PartBytes", "looked_through", "map_file", "part_of"]

#: What slices, searches and `struct` read alike.
FileBytes: TypeAlias = bytes | mmap.mmap

#: Files up to this many bytes are held in memory.
IN_MEMORY = 16 * 1024 * 1024


def map_file(path: Path) -> FileBytes:
    """Return the bytes of a file; it must stay as it is as long as they are used.

    Raises:
        OSError: it cannot be read.
    """
    if path.stat().st_size <= IN_MEMORY:
        return path.read_bytes()
    with path.open("rb") as stream:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


class FilePart:
    """A part of a mapped file, read like a file of its own: what is sliced is copied, and nothing else.

    Args:
        file: the whole file.
        start: where the part begins.
        end: where it ends, no further than the file does.
    """

    __slots__ = ("_end", "_start", "file")

    def __init__(self, file: mmap.mmap, start: int, end: int) -> None:
        self.file = file
        self._start, self._end = start, end

    def __len__(self) -> int:
        return self._end - self._start

    @overload
    def __getitem__(self, key: int) -> int: ...
    @overload
    def __getitem__(self, key: slice) -> bytes: ...
    def __getitem__(self, key: int | slice) -> int | bytes:
        if isinstance(key, int):
            return self.file[range(self._start, self._end)[key]]
        start, end, step = key.indices(len(self))
        return self.file[self._start + start : self._start + max(start, end) : step]

    def find(self, text: bytes, start: int, end: int) -> int:
        """Return where `text` is between two places, both in the part; -1 if it is not there."""
        found = self.file.find(text, self._start + start, self._start + end)
        return found - self._start if found >= 0 else -1

    def buffer(self) -> memoryview:
        """Return the part for what searches buffers."""
        return memoryview(self.file)[self._start : self._end]


#: A file, or what an archive within it holds.
PartBytes: TypeAlias = FileBytes | FilePart

#: Up to this many bytes of an archive's member are copied.
_COPIED = 1 << 16
_LOOKING = threading.Lock()


def part_of(data: FileBytes, start: int, end: int) -> bytes | FilePart:
    """Return a part of a file: of a mapped one a small part is copied, a large one only looked at."""
    end = min(end, len(data))
    if isinstance(data, bytes) or end - start <= _COPIED:
        return data[start:end]
    return FilePart(data, start, end)


@contextmanager
def looked_through(data: PartBytes) -> Iterator[None]:
    """Let the block look through a file; a mapped one while no other thread does, and not in memory any more afterwards.

    The tables of a library of half a gigabyte have some tens of megabytes.
    """
    if isinstance(data, bytes):
        yield
        return
    with _LOOKING:
        try:
            yield
        finally:
            (data.file if isinstance(data, FilePart) else data).madvise(mmap.MADV_DONTNEED)
