"""Whether the signature inside a Mach-O file is of the file's bytes.

An ad-hoc signature proves no author, but the kernel of Apple silicon kills a process that loads a page whose hash is
not the signed one. Follows ``cs_blobs.h`` of xnu
(https://github.com/apple-oss-distributions/xnu/blob/main/osfmk/kern/cs_blobs.h).
"""

from __future__ import annotations

import hashlib
from enum import Enum

from .byte_reader import ByteReader, DamagedBinaryError
from .file_bytes import FileBytes

__all__ = ["Signature", "check_signature"]


class Signature(Enum):
    """What is to say of a signature."""

    ABSENT = "absent"
    VALID = "valid"
    BROKEN = "broken"


_EMBEDDED, _CODE_DIRECTORY = 0xFADE0CC0, 0xFADE0C02
_PRIMARY, _ALTERNATES = 0, range(0x1000, 0x1005)
_HASHES = {1: ("sha1", 20), 2: ("sha256", 32), 3: ("sha256", 20), 4: ("sha384", 48)}
_MOST_BLOBS = 64


def check_signature(data: FileBytes, start: int, length: int) -> Signature:
    """Return whether the signature at `start` is of `data`, one architecture's part of a file.

    Raises:
        DamagedBinaryError: it is outside of the file.
    """
    whole = ByteReader(data, ">")
    try:
        blob = ByteReader(whole.part(start, length), ">")
        magic, _, count = blob.numbers("III", 0)
        if magic != _EMBEDDED or count > _MOST_BLOBS:
            return Signature.BROKEN
        entries = [blob.numbers("II", 12 + 8 * index) for index in range(count)]
        directories = [offset for kind, offset in entries if kind == _PRIMARY or kind in _ALTERNATES]
        fitting = bool(directories) and all(_is_of(data, blob, offset) for offset in directories)
    except DamagedBinaryError:
        return Signature.BROKEN
    return Signature.VALID if fitting else Signature.BROKEN


def _is_of(data: FileBytes, blob: ByteReader, directory: int) -> bool:
    magic, _, _, _, hashes, _, _, pages, limit = blob.numbers("9I", directory)
    size, kind, _, shift = blob.numbers("4B", directory + 36)
    known = _HASHES.get(kind)
    if magic != _CODE_DIRECTORY or known is None or known[1] != size or limit > len(data):
        return False
    name = known[0]
    page = 1 << shift if shift else max(limit, 1)
    if shift > 24 or pages != -(-limit // page):
        return False
    wanted = blob.part(directory + hashes, pages * size)
    return all(
        hashlib.new(name, data[start : min(start + page, limit)]).digest()[:size]
        == wanted[index * size : (index + 1) * size]
        for index, start in enumerate(range(0, limit, page))
    )
