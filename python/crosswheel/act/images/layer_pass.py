"""One pass over a layer: inflated as it comes, its digests made, every entry shown once. Nothing is kept."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import IO, cast

from crosswheel.act.images.gzip_stream import GzipStream
from crosswheel.act.images.tar_stream import DamagedTarError, TarEntry, TarStream
from crosswheel.act.images.zstd_stream import DamagedFrameError, open_zstd, zstd_error
from crosswheel.decide.images.oci_documents import LayerCompression, compression_of, other_compression
from crosswheel.values.digests import Digest

__all__ = ["LayerDigests", "pass_over_layer"]

_PIECE = 1 << 20
#: How much of a blob tells what it is: the magic number of a tar archive is the last.
_BEGINNING = 512
#: Where archives since ustar say that they are one (POSIX, pax, "ustar Interchange Format").
_USTAR = slice(257, 262)
_WORDS: Mapping[LayerCompression, str] = MappingProxyType(
    {
        LayerCompression.NONE: "a plain tar archive",
        LayerCompression.GZIP: "gzip",
        LayerCompression.ZSTD: "zstd",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerDigests:
    """What was read.

    Attributes:
        digest: of the blob.
        size: of the blob, bytes.
        diff_id: digest of what is inside; ``None`` where it could not be read to its end.
        damage: why it could not, a clause.
        has_more: whether something else than zeros follows the end of the archive.
        is_unpadded: whether it ends right after the content of its last entry, within a block.
    """

    digest: Digest
    size: int
    diff_id: Digest | None
    damage: str = ""
    has_more: bool = False
    is_unpadded: bool = False


class _Hashed(io.RawIOBase):
    """A stream that takes note of all that is read through it."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner
        self._hash = hashlib.sha256()
        self.size = 0
        self.beginning = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._inner.read(size)
        self._hash.update(data)
        if len(self.beginning) < _BEGINNING:
            self.beginning += data[: _BEGINNING - len(self.beginning)]
        self.size += len(data)
        return data

    def drain(self) -> None:
        """Read what is left."""
        while self.read(_PIECE):
            pass

    @property
    def digest(self) -> Digest:
        return Digest(self._hash.hexdigest())


def pass_over_layer(
    blob: IO[bytes],
    compression: LayerCompression,
    show: Callable[[TarEntry, TarStream], None],
    *,
    name: str,
) -> LayerDigests:
    """Read a layer from front to back.

    Args:
        blob: the blob.
        compression: how it is compressed.
        show: is given each entry, and the stream to read its content from.
        name: which layer it is, for the error.

    Returns:
        The digests; of a damaged layer that of the blob is right.

    Raises:
        InputError: this Python cannot read zstd.
        OSError: the blob cannot be read.
    """
    packed = _Hashed(blob)
    plain = _Hashed(_inflated(packed, compression, name))
    damage = ""
    damages: tuple[type[Exception], ...] = (DamagedTarError, zlib.error, EOFError, gzip.BadGzipFile)
    if compression is LayerCompression.ZSTD:
        damages += (zstd_error(), DamagedFrameError)
    tar = TarStream(cast("IO[bytes]", plain))
    try:
        for entry in tar:
            show(entry, tar)
    except damages as error:
        damage = " ".join(str(error).split()) or type(error).__name__
    packed.drain()
    if damage:
        damage = _disagreement(packed.beginning, compression) or damage
    return LayerDigests(
        digest=packed.digest,
        size=packed.size,
        diff_id=None if damage else plain.digest,
        damage=damage,
        has_more=tar.has_more,
        is_unpadded=tar.is_unpadded and not damage,
    )


def _disagreement(beginning: bytes, compression: LayerCompression) -> str:
    """Return in what a blob that cannot be read is something else than its media type says, a clause; else nothing."""
    found = compression_of(beginning)
    if found is LayerCompression.NONE:
        is_tar = beginning[_USTAR] == b"ustar"
        begins = other_compression(beginning) or (_WORDS[found] if is_tar else "")
    else:
        begins = _WORDS[found]
    said = _WORDS[compression]
    return f"it begins as {begins} does, and its media type says {said}" if begins not in {"", said} else ""


def _inflated(packed: _Hashed, compression: LayerCompression, name: str) -> IO[bytes]:
    stream = cast("IO[bytes]", packed)
    match compression:
        case LayerCompression.NONE:
            return stream
        case LayerCompression.GZIP:
            return cast("IO[bytes]", GzipStream(stream))
        case LayerCompression.ZSTD:
            return open_zstd(stream, name)
