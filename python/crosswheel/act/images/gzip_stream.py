"""Gzip as the readers of images take it: members one behind the other, and nothing else.

Python and the program gzip pass over zeros behind a member, Go does not: what is padded cannot be pulled.
RFC 1952, section 2.2.
"""

from __future__ import annotations

import gzip
import zlib
from typing import IO

__all__ = ["GzipStream"]

_PIECE = 1 << 16
_MAGIC = b"\x1f\x8b"
#: A gzip header and trailer around the stream.
_GZIP = 16 + zlib.MAX_WBITS


class GzipStream:
    """What a gzip file holds, inflated while it is read.

    Args:
        packed: the file.
    """

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._rest = b""
        self._inflate = zlib.decompressobj(_GZIP)
        self._is_within = False
        self._is_first = True

    def read(self, amount: int) -> bytes:
        """Return up to `amount` bytes, none at the end.

        Raises:
            gzip.BadGzipFile: what begins here is no member.
            zlib.error: a member is damaged.
            EOFError: the file ends within a member.
        """
        while True:
            packed = self._rest or self._packed.read(_PIECE)
            if not self._is_within:
                if not packed and not self._is_first:
                    return b""
                self._begin(packed)
            plain = self._inflate.decompress(packed, amount)
            self._is_within = not self._inflate.eof
            self._rest = self._inflate.unconsumed_tail if self._is_within else self._inflate.unused_data
            if plain:
                return plain
            if self._is_within and not packed:
                raise EOFError("Compressed file ended before the end-of-stream marker was reached")

    def _begin(self, packed: bytes) -> None:
        if packed and not _MAGIC.startswith(packed[:2]):
            raise gzip.BadGzipFile(f"Not a gzipped file ({packed[:2]!r})")
        self._inflate = zlib.decompressobj(_GZIP)
        self._is_first = False
