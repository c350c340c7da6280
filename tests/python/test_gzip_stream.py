"""Gzip as the readers of images take it."""

from __future__ import annotations

import gzip
import io
import random
import zlib

import pytest

from crosswheel.act.images.gzip_stream import GzipStream

TEXT = random.Random(1).randbytes(100_000) + bytes(3_000_000)


def inflated(packed: bytes, amount: int = 1 << 16) -> bytes:
    stream, found = GzipStream(io.BytesIO(packed)), bytearray()
    while piece := stream.read(amount):
        assert len(piece) <= amount
        found += piece
    assert stream.read(amount) == b""
    return bytes(found)


@pytest.mark.parametrize("amount", [1000, 1 << 16, 1 << 24])
@pytest.mark.parametrize("texts", [[b""], [TEXT], [b"", TEXT, b"", b"x"]])
def test_members_one_behind_the_other_are_read(texts: list[bytes], amount: int) -> None:
    assert inflated(b"".join(map(gzip.compress, texts)), amount) == b"".join(texts)


@pytest.mark.parametrize("more", [bytes(1), bytes(100), b"\x1fx", b"more"])
def test_what_is_no_member_is_refused_wherever_it_stands(more: bytes) -> None:
    for packed in (gzip.compress(TEXT) + more, more + gzip.compress(TEXT)):
        with pytest.raises(gzip.BadGzipFile, match="Not a gzipped file"):
            inflated(packed)


@pytest.mark.parametrize("length", [0, 1, 5, 200, -1, -9])
def test_an_end_within_a_member_is_told(length: int) -> None:
    with pytest.raises(EOFError):
        inflated(gzip.compress(TEXT)[:length])


def test_a_damaged_member_is_told() -> None:
    packed = bytearray(gzip.compress(b"content"))
    packed[-6] ^= 1
    with pytest.raises(zlib.error):
        inflated(bytes(packed))
