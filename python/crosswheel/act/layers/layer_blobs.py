"""The forms of a layer's blob: its tar archive as it is, or as a gzip file put together from compressed pieces."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from enum import Enum
from typing import BinaryIO, TypeAlias

from crosswheel.act.layers.gzip_members import stored_member
from crosswheel.act.layers.splices import Splice
from crosswheel.values.digests import Digest
from crosswheel.values.oci_descriptors import MediaType

__all__ = ["Compression", "LayerBlob", "layer_blob"]

_Bytes: TypeAlias = bytes | bytearray | memoryview
#: What is stored is gathered up to this size.
_LONGEST_RUN = 1 << 20


class Compression(Enum):
    """How the blob of a layer holds its tar archive."""

    #: Spliced gzip: nothing is compressed but files from disk, and the bytes depend on no zlib.
    GZIP = "gzip"
    #: The tar archive itself.
    NONE = "none"

    @property
    def media_type(self) -> MediaType:
        """The media type of such a layer."""
        return {Compression.GZIP: MediaType.LAYER_GZIP, Compression.NONE: MediaType.LAYER_TAR}[self]

    @property
    def suffix(self) -> str:
        """The end of the name of such a blob's file."""
        return {Compression.GZIP: "tar.gz", Compression.NONE: "tar"}[self]


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


def layer_blob(stream: BinaryIO, compression: Compression) -> LayerBlob:
    """Return the blob that writes to `stream` in the form `compression`."""
    return {Compression.GZIP: _GzipBlob, Compression.NONE: _TarBlob}[compression](stream)
