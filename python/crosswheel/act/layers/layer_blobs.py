"""The forms of a layer's blob: its tar archive as it is, as gzip put together from compressed pieces, or as zstd."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from crosswheel.act.layers.gzip_members import stored_member
from crosswheel.act.layers.splices import Splice
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError
from crosswheel.values.oci_descriptors import MediaType

if TYPE_CHECKING:
    import zstandard

__all__ = ["Compression", "LayerBlob", "layer_blob"]

_Bytes: TypeAlias = bytes | bytearray | memoryview
#: What comes in small pieces is gathered up to this size.
_LONGEST_RUN = 1 << 20
#: libzstd's own default.
_ZSTD_LEVEL = 3


class Compression(Enum):
    """How the blob of a layer holds its tar archive."""

    #: Spliced gzip: nothing is compressed but files from disk, and the bytes depend on no zlib.
    GZIP = "gzip"
    #: The tar archive itself.
    NONE = "none"
    #: Compressed anew, by a version of libzstd that is pinned exactly.
    ZSTD = "zstd"

    @property
    def media_type(self) -> MediaType:
        """The media type of such a layer."""
        return _FORMS[self][0]

    @property
    def suffix(self) -> str:
        """The end of the name of such a blob's file."""
        return _FORMS[self][1]


class LayerBlob(ABC):
    """A blob that is being written.

    Attributes:
        size: bytes of the blob so far.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.size = 0
        self._stream = stream
        self._blob_hash = hashlib.sha256()

    @property
    def digest(self) -> Digest:
        """The digest of the blob so far."""
        return Digest(self._blob_hash.hexdigest())

    @property
    @abstractmethod
    def diff_id(self) -> Digest:
        """The digest of the tar archive so far."""

    @abstractmethod
    def write(self, data: _Bytes) -> None:
        """Take bytes of the archive."""

    @abstractmethod
    def splice(self, piece: Splice) -> None:
        """Take a piece of a file, in the form that suits."""

    @abstractmethod
    def finish(self) -> None:
        """Write what is still held back; nothing may follow."""

    def _put(self, data: _Bytes) -> None:
        self._blob_hash.update(data)
        self._stream.write(data)
        self.size += len(data)


class _TarBlob(LayerBlob):
    """The archive itself."""

    @property
    def diff_id(self) -> Digest:
        return self.digest

    def write(self, data: _Bytes) -> None:
        self._put(data)

    def splice(self, piece: Splice) -> None:
        self._put(piece.plain)

    def finish(self) -> None:
        """Nothing is held back."""


class _GzipBlob(LayerBlob):
    """A series of gzip members: as they come where something is compressed, of stored blocks where not."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self._archive_hash = hashlib.sha256()
        self._run = bytearray()

    @property
    def diff_id(self) -> Digest:
        return Digest(self._archive_hash.hexdigest())

    def write(self, data: _Bytes) -> None:
        self._archive_hash.update(data)
        self._run += data
        if len(self._run) >= _LONGEST_RUN:
            self.finish()

    def splice(self, piece: Splice) -> None:
        if piece.packed is None:
            self.write(piece.plain)
            return
        self.finish()
        self._archive_hash.update(piece.plain)
        self._put(piece.packed)

    def finish(self) -> None:
        if self._run:
            self._put(stored_member(self._run))
            self._run.clear()


class _ZstdBlob(LayerBlob):
    """One zstd frame."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self._archive_hash = hashlib.sha256()
        self._waiting = bytearray()
        self._frame = _zstd_frame()

    @property
    def diff_id(self) -> Digest:
        return Digest(self._archive_hash.hexdigest())

    def write(self, data: _Bytes) -> None:
        self._archive_hash.update(data)
        self._waiting += data
        # Always as much at a time: the frame could depend on how its content was handed over.
        while len(self._waiting) >= _LONGEST_RUN:
            self._put(self._frame.compress(bytes(self._waiting[:_LONGEST_RUN])))
            del self._waiting[:_LONGEST_RUN]

    def splice(self, piece: Splice) -> None:
        self.write(piece.plain)

    def finish(self) -> None:
        self._put(self._frame.compress(bytes(self._waiting)))
        self._put(self._frame.flush())


def _zstd_frame() -> zstandard.ZstdCompressionObj:
    try:
        import zstandard
    except ImportError:
        raise InputError(
            "compress layers with",
            "zstd",
            why="the package zstandard is not installed",
            fix="install crosswheel[zstd], or use gzip, which compresses nothing anew",
        ) from None
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compressobj()


_FORMS: Mapping[Compression, tuple[MediaType, str, type[LayerBlob]]] = {
    Compression.GZIP: (MediaType.LAYER_GZIP, "tar.gz", _GzipBlob),
    Compression.NONE: (MediaType.LAYER_TAR, "tar", _TarBlob),
    Compression.ZSTD: (MediaType.LAYER_ZSTD, "tar.zst", _ZstdBlob),
}


def layer_blob(stream: BinaryIO, compression: Compression) -> LayerBlob:
    """Return the blob that writes to `stream` in the form `compression`.

    Raises:
        InputError: that form needs a package that is not installed.
    """
    return _FORMS[compression][2](stream)
