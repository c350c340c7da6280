"""The bytes of a file to be judged: in memory, or, of a large one, mapped, so that only what is looked at is read."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import TypeAlias

__all__ = ["IN_MEMORY", "FileBytes", "map_file"]

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
