"""The manifests in zig's cache: which files a result was made from, each with its inode, its time and its content's digest.

The format is that of zig 0.17: ``Manifest.File`` in its ``lib/std/Build/Cache.zig``.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["fit_manifests"]

#: Size, inode, time in nanoseconds, digest of the content, and flags; the path follows, to a zero byte.
_ENTRY = struct.Struct("<QQq16sB")
_INODE_AND_TIME = struct.Struct("<Qq")
_INODE_OFFSET = 8
#: The flags of a file that is below zig's ``lib``, and known by its content.
_OF_ZIG = 1 << 2


def fit_manifests(cache: Path, zig: Path) -> None:
    """Write into the manifests of a cache which inodes and times the compiler's own files have here.

    zig 0.17 takes a source whose inode or time has changed for another one, whatever it holds (``checkInputPath``
    compares with a digest that nobody computed), and compiles libc++ again for a cache that comes from another machine,
    an archive, or a compiler that was unpacked once more. The files are the same: a cache is made for one digest of zig.
    What is no manifest is left alone.

    Args:
        cache: zig's global cache; its files can be written.
        zig: folder of the compiler that will use it.
    """
    stats: dict[bytes, tuple[int, int]] = {}

    def stat(path: bytes) -> tuple[int, int]:
        if path not in stats:
            found = os.stat(os.path.join(os.fsencode(zig), b"lib", path))  # noqa: PTH116, PTH118 # a path of bytes
            stats[path] = (found.st_ino, found.st_mtime_ns)
        return stats[path]

    manifests = cache / "h"
    for path in sorted(manifests.iterdir()) if manifests.is_dir() else ():
        before = path.read_bytes()
        try:
            after = _fitted(before, stat)
        except (struct.error, ValueError, OSError):
            continue
        if after != before:
            path.write_bytes(after)


def _fitted(data: bytes, stat: Callable[[bytes], tuple[int, int]]) -> bytes:
    """Return a manifest that is true here; where it is of the source, its first file, it is of the headers, too."""
    fitted = bytearray(data)
    for offset, path in _files_of_zig(data):
        known = stat(path)
        if offset == 0 and _INODE_AND_TIME.unpack_from(data, _INODE_OFFSET) == known:
            return data
        _INODE_AND_TIME.pack_into(fitted, offset + _INODE_OFFSET, *known)
    return bytes(fitted)


def _files_of_zig(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Return the offset and the path of each entry that is a file of zig's, one below its ``lib``."""
    offset = 0
    while offset + 1 < len(data):
        *_, flags = _ENTRY.unpack_from(data, offset)
        start = offset + _ENTRY.size
        end = data.index(0, start)
        if flags == _OF_ZIG:
            yield offset, data[start:end]
        offset = end + 1
