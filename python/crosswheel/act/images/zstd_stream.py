"""Reading zstd, which Python itself can from 3.14 on (PEP 784), and before with the package ``zstandard``."""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator
from types import ModuleType
from typing import IO, cast

from crosswheel.values.errors import InputError

__all__ = ["DamagedFrameError", "open_zstd", "zstd_error"]

_BUILT_IN, _PACKAGE = "compression.zstd", "zstandard"
#: Of frames, and of those that readers skip, whatever the last four bits (RFC 8878, 3.1).
_MAGIC, _SKIPPABLE = 0xFD2FB528, 0x184D2A50
#: Of blocks: one byte repeated, and what there is none of yet (RFC 8878, 3.1.1.2.2).
_REPEATED, _RESERVED = 1, 3
_PIECE = 1 << 20


class DamagedFrameError(ValueError):
    """A zstd stream does not consist of whole frames; the text is a clause."""


class _WholeFrames(io.RawIOBase):
    """The frames of a zstd stream as they are, without skippable ones; an error where one is cut off.

    The package zstandard takes a stream that ends in the middle for one that ends, and stops at a skippable frame, which
    the layers of podman (zstd:chunked) have.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._pieces = _pieces(stream)
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._piece:
            self._piece = memoryview(next(self._pieces, b""))
        size = len(self._piece) if size < 0 else size
        data, self._piece = bytes(self._piece[:size]), self._piece[size:]
        return data


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while start := _up_to(stream, 4):
        magic = int.from_bytes(start, "little")
        if magic & ~0xF == _SKIPPABLE:
            left = int.from_bytes(_exactly(stream, 4), "little")
            while left:
                left -= len(_exactly(stream, min(left, _PIECE)))
        elif magic == _MAGIC:
            yield start
            yield from _frame(stream)
        else:
            raise DamagedFrameError("what follows a frame of zstd, or begins it, is none")


def _frame(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield what follows the magic number of a frame."""
    descriptor = _exactly(stream, 1)
    bits = descriptor[0]
    is_single_segment = bits >> 5 & 1
    content_size = (is_single_segment, 2, 4, 8)[bits >> 6]
    yield descriptor + _exactly(stream, 1 - is_single_segment + (0, 1, 2, 4)[bits & 3] + content_size)
    is_last = False
    while not is_last:
        header = _exactly(stream, 3)
        value = int.from_bytes(header, "little")
        is_last, kind, size = bool(value & 1), value >> 1 & 3, value >> 3
        if kind == _RESERVED:
            raise DamagedFrameError("a block of zstd is of a kind that there is none of")
        yield header + _exactly(stream, 1 if kind == _REPEATED else size)
    if bits >> 2 & 1:
        yield _exactly(stream, 4)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = _up_to(stream, size)
    if len(data) < size:
        raise DamagedFrameError("it ends within a frame of zstd")
    return data


def _up_to(stream: IO[bytes], size: int) -> bytes:
    data = b""
    while len(data) < size and (more := stream.read(size - len(data))):
        data += more
    return data


def open_zstd(stream: IO[bytes], name: str) -> IO[bytes]:
    """Return the inflated content of a stream, frame after frame; reading it may raise `DamagedFrameError`.

    Args:
        stream: the stream.
        name: which layer it is, for the error.

    Raises:
        InputError: this Python cannot read zstd.
    """
    module = _module()
    if module is None:
        raise InputError(
            "read layer",
            name,
            why="it is compressed with zstd, which this Python cannot read",
            fix="give it as gzip or uncompressed, or run crosswheel with Python 3.14, or with the package zstandard",
        )
    stream = cast("IO[bytes]", _WholeFrames(stream))
    inflated: IO[bytes]
    if module.__name__ == _BUILT_IN:
        inflated = module.ZstdFile(stream)
    else:
        inflated = module.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
    return inflated


def zstd_error() -> type[Exception]:
    """Return the class of errors that damaged data raises, where `open_zstd` has opened any."""
    error: type[Exception] = getattr(_module(), "ZstdError", DamagedFrameError)
    return error


def _module() -> ModuleType | None:
    for name in (_BUILT_IN, _PACKAGE):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None
