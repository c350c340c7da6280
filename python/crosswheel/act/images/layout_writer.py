"""Writes an OCI image layout, blob by blob; the same blobs and documents make the same bytes.

Follows https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from crosswheel.act.images.layouts import LAYOUT_FILE, LAYOUT_MARKER, Blobs, blob_path
from crosswheel.act.storage.output_directory import OutputKind
from crosswheel.decide.images.oci_documents import ImageIndex, IndexEntry, index_to_json
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.errors import CheckError
from crosswheel.values.oci_descriptors import Descriptor

__all__ = ["IMAGE", "IMAGE_MARKER", "LayoutWriter", "new_layout"]

#: File that says what an image was made of, and that its layout is ours to replace.
IMAGE_MARKER = ".crosswheel-image.json"
IMAGE = OutputKind(thing="image", marker=IMAGE_MARKER)
_PIECE = 1 << 20
#: Whoever may read an image may read all of it; a link has the mode of its other name.
_FOR_ALL = 0o444


class LayoutWriter:
    """A layout that is being written.

    Args:
        folder: an empty folder.
        links: blobs that are files already may become second links to these.
    """

    def __init__(self, folder: Path, *, links: bool = True) -> None:
        self.folder = folder
        self._links = links
        self._blobs = folder / "blobs" / "sha256"
        self._blobs.mkdir(parents=True)
        for inner in (self._blobs.parent, self._blobs):
            inner.chmod(0o755)
        self._numbers = itertools.count()

    def unnamed_blob(self) -> Path:
        """Return the path of a new file, which `name_blob` makes a blob; threads get different ones."""
        return self._blobs / f".new-{next(self._numbers)}"

    def name_blob(self, path: Path, digest: Digest) -> None:
        """Make the file at `path` the blob `digest`."""
        path.chmod(0o644)
        path.replace(self.folder / blob_path(digest))

    def add(self, data: bytes, media_type: str) -> Descriptor:
        """Write a blob; return its descriptor."""
        digest = digest_of(data)
        path = self.unnamed_blob()
        path.write_bytes(data)
        self.name_blob(path, digest)
        return Descriptor(media_type=media_type, digest=digest, size=len(data))

    def take(self, blobs: Blobs, digest: Digest) -> None:
        """Take a blob of another layout over as it is, as a second link to its file where that can be.

        Raises:
            OSError: it cannot be read or written.
        """
        destination = self.folder / blob_path(digest)
        if destination.exists():
            return
        source = blobs.path(digest) if self._links else None
        if source is not None and source.stat().st_mode & _FOR_ALL == _FOR_ALL:
            with suppress(OSError):  # another file system, or one without links
                os.link(os.path.realpath(source), destination)  # else it would be a link to a symbolic one
                return
        path = self.unnamed_blob()
        with blobs.open(digest) as stream, path.open("xb") as copy:
            _copy(stream, copy)
        self.name_blob(path, digest)

    def copy(self, stream: IO[bytes], descriptor: Descriptor, *, source: str) -> None:
        """Write a blob that is a copy of `stream`.

        Args:
            stream: its bytes.
            descriptor: what they must be.
            source: who brings it, for the message.

        Raises:
            CheckError: they are not what `descriptor` says.
        """
        path = self.unnamed_blob()
        hashed = hashlib.sha256()
        with path.open("xb") as copied:
            while data := stream.read(_PIECE):
                hashed.update(data)
                copied.write(data)
        if hashed.hexdigest() != descriptor.digest.hex or path.stat().st_size != descriptor.size:
            raise CheckError(
                "take over blob",
                descriptor.digest.oci,
                why=f"{source} has other bytes than its digest says",
                fix="make it again",
            )
        self.name_blob(path, descriptor.digest)

    def write_file(self, name: str, data: bytes) -> None:
        """Write a file beside the blobs."""
        path = self.folder / name
        if path.parent != self.folder:
            path.parent.mkdir(exist_ok=True)
            path.parent.chmod(0o755)
        path.write_bytes(data)
        path.chmod(0o644)

    def finish(self, entries: Sequence[IndexEntry]) -> bytes:
        """Write ``index.json`` and ``oci-layout``; return the index."""
        index = index_to_json(ImageIndex(entries=tuple(entries)))
        self.write_file("index.json", index)
        self.write_file(LAYOUT_FILE, LAYOUT_MARKER)
        return index


def _copy(source: IO[bytes], destination: IO[bytes]) -> None:
    shutil.copyfileobj(source, destination, _PIECE)


@contextmanager
def new_layout(destination: Path, *, links: bool = True) -> Iterator[LayoutWriter]:
    """Give a writer for the layout `destination`, which appears whole when the block ends without an error.

    Args:
        destination: the folder.
        links: see `LayoutWriter`.

    Raises:
        OutputError: something that is no image of ours is there, or nothing can be written.
    """
    with IMAGE.replaced(destination) as folder:
        yield LayoutWriter(folder, links=links)
