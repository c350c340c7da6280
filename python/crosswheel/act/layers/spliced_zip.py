"""Zip archives put together from the compressed bytes of other zip archives.

Follows https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT. A member of a zip archive is a deflate stream, or the content
itself, whose CRC-32 and sizes the archive names: it can be taken over as it is, and only headers are written anew.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, TypeAlias

from crosswheel.act.layers.layer_entries import BytesContent, LayerEntry, MemberContent
from crosswheel.values.errors import InputError

__all__ = ["write_spliced_zip"]

_Bytes: TypeAlias = bytes | bytearray | memoryview

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_STORED, _DEFLATED = 0, 8
_DEFLATE_VERSION = 20
#: Made on Unix, so that the upper half of the attributes is a mode.
_MADE_BY = 3 << 8 | _DEFLATE_VERSION
_UTF8 = 1 << 11
_REGULAR = 0o100000
#: 1 January 1980, the earliest time there is.
_TIME, _DATE = 0, 1 << 5 | 1
_MOST_MEMBERS = 0xFFFE
#: As much is written at once; what was read for it is given back.
_PIECE = 1 << 22
_LARGEST = 0xFFFFFFFE


def write_spliced_zip(entries: Iterable[LayerEntry], path: Path, *, name: str) -> int:
    """Write files to a zip archive, in the order of the bytes of their paths; the same entries make the same bytes.

    Content of wheels is neither inflated nor compared with RECORD: whoever calls has seen that the wheels are the files
    that were checked.

    Args:
        entries: files, of wheels or made here; each path once.
        path: the archive; what is there is replaced.
        name: what it is called in messages.

    Returns:
        Its size in bytes.

    Raises:
        CheckError: a wheel is damaged.
        InputError: they are more, or larger, than such an archive can hold.
        OSError: `path` cannot be written.
    """
    ordered = sorted(entries, key=lambda entry: entry.path.encode())
    if len(ordered) > _MOST_MEMBERS:
        raise _too_large(name, f"{len(ordered)} files")
    with path.open("wb") as stream:
        directory = bytearray()
        for entry in ordered:
            directory += _write_member(stream, entry, name)
        start = stream.tell()
        if start + len(directory) > _LARGEST:
            raise _too_large(name, f"{start} bytes")
        stream.write(directory)
        count = len(ordered)
        stream.write(_END.pack(b"PK\5\6", 0, 0, count, count, len(directory), start, 0))
        return stream.tell()


def _write_member(stream: BinaryIO, entry: LayerEntry, archive: str) -> bytes:
    """Write one file and return its entry of the central directory."""
    method, crc, size, packed = _packed(entry)
    name, place = entry.path.encode(), stream.tell()
    if place > _LARGEST:
        raise _too_large(archive, f"{place} bytes")
    flags = 0 if entry.path.isascii() else _UTF8
    common = (flags, method, _TIME, _DATE, crc, len(packed), size, len(name), 0)
    stream.write(_LOCAL.pack(b"PK\3\4", _DEFLATE_VERSION, *common) + name)
    for start in range(0, len(packed), _PIECE):
        piece = memoryview(packed)[start : start + _PIECE]
        stream.write(piece)
        if isinstance(entry.content, MemberContent):
            entry.content.archive.forget(len(piece))
    attributes = (_REGULAR | entry.mode) << 16
    return _CENTRAL.pack(b"PK\1\2", _MADE_BY, _DEFLATE_VERSION, *common, 0, 0, 0, attributes, place) + name


def _packed(entry: LayerEntry) -> tuple[int, int, int, _Bytes]:
    """Return method, CRC-32 and size of a file, and its bytes as the archive holds them."""
    match entry.content:
        case MemberContent(archive=archive, member=member):
            method = _DEFLATED if member.is_deflated else _STORED
            return method, member.crc, member.size, archive.packed(member)
        case BytesContent(data=data):
            import deflate

            smaller = deflate.deflate_compress(data)
            if len(smaller) < len(data):
                return _DEFLATED, zlib.crc32(data), len(data), smaller
            return _STORED, zlib.crc32(data), len(data), data
        case _:
            raise TypeError(entry.content)


def _too_large(name: str, what: str) -> InputError:
    return InputError(
        "write zip archive",
        name,
        why=f"{what} are more than an archive without extensions can hold",
        fix="leave packages out",
    )
