"""Gzip members put together from compressed bytes that exist, and from bytes left as they are.

A gzip file is a series of members, each a raw deflate stream with a header before it and CRC-32 and size after it
(RFC 1952, section 2.2), and a member of a zip archive is such a stream whose CRC-32 and size the archive names. What
is no such stream becomes stored blocks (RFC 1951, section 3.2.4), which are the same whatever library writes them.
"""

from __future__ import annotations

import struct
import zlib

__all__ = ["GZIP_HEADER", "gzip_trailer", "stored_member"]

#: No time, no name, no flags, unknown system.
GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_TRAILER = struct.Struct("<2L")
_BLOCK_HEADER = struct.Struct("<B2H")
_LONGEST_BLOCK = 0xFFFF


def gzip_trailer(crc: int, size: int) -> bytes:
    """Return what follows the deflate stream of content with this CRC-32 and size in bytes."""
    return _TRAILER.pack(crc, size & 0xFFFFFFFF)


def stored_member(data: bytes | bytearray | memoryview) -> bytes:
    """Return `data`, at least one byte, as one gzip member of stored blocks."""
    parts: list[bytes | memoryview] = [GZIP_HEADER]
    view = memoryview(data)
    for start in range(0, len(view), _LONGEST_BLOCK):
        part = view[start : start + _LONGEST_BLOCK]
        is_last = start + len(part) == len(view)
        parts += [_BLOCK_HEADER.pack(is_last, len(part), len(part) ^ 0xFFFF), part]
    return b"".join([*parts, gzip_trailer(zlib.crc32(data), len(data))])
