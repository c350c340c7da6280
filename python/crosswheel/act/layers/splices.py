"""The content of layer entries, checked, piece by piece: compressed as a layer may hold it, and plain.

Memory stays small whatever the size of a file: what is large is inflated, compared with its hashes and passed on in
pieces.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from crosswheel.act.layers.gzip_members import GZIP_HEADER, gzip_trailer
from crosswheel.act.layers.layer_entries import BytesContent, Content, FileContent, MemberContent
from crosswheel.values.errors import CheckError, InputError

__all__ = ["Splice", "size_of", "splices"]

_Bytes: TypeAlias = bytes | bytearray | memoryview

#: Members up to this size are inflated at once, by libdeflate, which is twice as fast; larger ones by zlib, in pieces.
_AT_ONCE = 1 << 22
_PACKED_PIECE = 1 << 16
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Splice:
    """A piece of a file.

    Attributes:
        packed: the piece as part of a gzip file; ``None`` where nothing is compressed.
        plain: the piece itself; empty where `packed` is but header or trailer.
    """

    packed: _Bytes | None
    plain: _Bytes


def size_of(content: Content) -> int:
    """Return the number of bytes that `splices` will yield.

    Raises:
        InputError: a file cannot be read.
    """
    match content:
        case MemberContent():
            return content.member.size
        case BytesContent():
            return len(content.data)
        case FileContent():
            try:
                return content.path.stat().st_size
            except OSError as error:
                raise _unreadable(content, error) from None
        case _:
            return 0


def splices(content: Content, size: int, *, packed: bool) -> Iterator[Splice]:
    """Yield the content of one entry, `size` bytes in all.

    Args:
        content: where it comes from.
        size: what `size_of` said.
        packed: whether the pieces of files on disk shall be compressed; those of wheels are as they are.

    Raises:
        CheckError: a wheel's file is not what its RECORD or its CRC-32 says; its pieces so far are to be thrown away.
        InputError: a file cannot be read, or has changed.
    """
    match content:
        case MemberContent():
            return _spliced_member(content) if size else iter(())
        case BytesContent():
            return iter((Splice(None, content.data),) if size else ())
        case FileContent():
            return _spliced_file(content, size, packed=packed)
        case _:
            return iter(())


def _spliced_member(content: MemberContent) -> Iterator[Splice]:
    member, archive = content.member, content.archive
    data = archive.packed(member)
    if not member.is_deflated:
        pieces = _stored(content, data)
    elif member.size <= _AT_ONCE:
        pieces = _inflated_at_once(content, data)
    else:
        pieces = _inflated_in_pieces(content, data)
    recorded = hashlib.new(content.entry.algorithm)
    for splice in pieces:
        recorded.update(splice.plain)
        yield splice
        archive.forget(len(splice.plain) if splice.packed is None else len(splice.packed))
    if recorded.digest() != content.entry.digest:
        raise CheckError(
            "install wheel",
            archive.path.name,
            why=f"the content of {member.name} does not match the hash in RECORD",
            fix="get the file again, or have its author repair it",
        )


def _inflated_at_once(content: MemberContent, data: memoryview) -> Iterator[Splice]:
    """Yield one gzip member, having inflated those very bytes; libdeflate compares CRC-32 and size with its trailer."""
    import deflate

    member = content.member
    trailer = gzip_trailer(member.crc, member.size)
    packed = b"".join((GZIP_HEADER, data, trailer))
    try:
        plain = deflate.gzip_decompress(packed, member.size)
    except deflate.DeflateError:
        raise _damaged(content) from None
    # What was found behind the stream equals the trailer, and there is but one place where it could have been found.
    if len(plain) != member.size or packed.find(trailer, len(GZIP_HEADER)) != len(packed) - len(trailer):
        yield from _inflated_in_pieces(content, data)
    else:
        yield Splice(packed, plain)


def _inflated_in_pieces(content: MemberContent, data: memoryview) -> Iterator[Splice]:
    yield Splice(GZIP_HEADER, b"")
    crc = size = 0
    for packed, plain in _inflated(content, data):
        crc, size = zlib.crc32(plain, crc), size + len(plain)
        yield Splice(packed, plain)
    if (crc, size) != (content.member.crc, content.member.size):
        raise _damaged(content)
    yield Splice(gzip_trailer(crc, size), b"")


def _inflated(content: MemberContent, data: memoryview) -> Iterator[tuple[_Bytes, bytes]]:
    """Yield the pieces of a deflate stream, each with what can be inflated by it; nothing may follow the stream."""
    inflater = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        for start in range(0, len(data), _PACKED_PIECE):
            packed = data[start : start + _PACKED_PIECE]
            yield packed, inflater.decompress(packed, _PIECE)
            while not inflater.eof and (plain := inflater.decompress(inflater.unconsumed_tail, _PIECE)):
                yield b"", plain
            if inflater.eof and (inflater.unused_data or start + len(packed) < len(data)):
                raise _damaged(content)
    except zlib.error:
        raise _damaged(content) from None
    if not inflater.eof:
        raise _damaged(content)


def _stored(content: MemberContent, data: memoryview) -> Iterator[Splice]:
    crc = 0
    for start in range(0, len(data), _PIECE):
        plain = data[start : start + _PIECE]
        crc = zlib.crc32(plain, crc)
        yield Splice(None, plain)
    if crc != content.member.crc:
        raise _damaged(content)


def _damaged(content: MemberContent) -> CheckError:
    return content.archive.fault(f"the compressed data of {content.member.name} is damaged")


def _spliced_file(content: FileContent, size: int, *, packed: bool) -> Iterator[Splice]:
    try:
        with content.path.open("rb") as stream:
            left = size
            while left and (plain := stream.read(min(_PIECE, left))):
                left -= len(plain)
                yield Splice(_gzipped(plain) if packed else None, plain)
            if left or os.fstat(stream.fileno()).st_size != size:
                raise InputError(
                    "put into a layer",
                    str(content.path),
                    why="the file has changed meanwhile",
                    fix="run again when nothing writes to it",
                )
    except OSError as error:
        raise _unreadable(content, error) from None


def _gzipped(plain: bytes) -> bytearray | None:
    """Return a gzip member with `plain`, or ``None`` if it would not be smaller."""
    import deflate

    packed = deflate.gzip_compress(plain)
    return packed if len(packed) < len(plain) else None


def _unreadable(content: FileContent, error: OSError) -> InputError:
    return InputError(
        "put into a layer",
        str(content.path),
        why=error.strerror or str(error),
        fix="name a file that can be read",
    )
