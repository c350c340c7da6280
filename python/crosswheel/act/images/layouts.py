"""An OCI image layout: its index and its blobs, in a folder or in a tar archive.

Follows https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError

__all__ = [
    "BLOB_FOLDER",
    "LAYOUT_FILE",
    "LAYOUT_MARKER",
    "LONGEST_DOCUMENT",
    "ArchiveBlobs",
    "Blobs",
    "FolderBlobs",
    "Layout",
    "blob_path",
]

#: The file that says a folder is a layout, and its text.
LAYOUT_FILE = "oci-layout"
LAYOUT_MARKER = b'{"imageLayoutVersion":"1.0.0"}'
#: Where its blobs lie.
BLOB_FOLDER = "blobs/sha256"
#: Registries take no longer manifest (distribution-spec, "Pushing Manifests"); configurations are as short.
LONGEST_DOCUMENT = 4 << 20


class Blobs(Protocol):
    """The blobs of a layout, by digest."""

    def open(self, digest: Digest) -> IO[bytes]:
        """Open a blob, for reading once from its beginning.

        Raises:
            FileNotFoundError: there is none.
        """

    def size(self, digest: Digest) -> int | None:
        """Return the size of a blob, ``None`` if there is none."""

    def path(self, digest: Digest) -> Path | None:
        """Return the file that a blob is, ``None`` where it is part of another one."""

    def digests(self) -> frozenset[Digest]:
        """Return every blob there is."""


def blob_path(digest: Digest) -> str:
    """Return where a blob lies in a layout."""
    return f"{BLOB_FOLDER}/{digest.hex}"


@dataclass(frozen=True, slots=True)
class FolderBlobs:
    """Blobs as files."""

    folder: Path

    def open(self, digest: Digest) -> IO[bytes]:
        """Open a blob; a folder or a pipe of its name is none."""
        path = self.folder / blob_path(digest)
        if not path.is_file():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        return path.open("rb")

    def size(self, digest: Digest) -> int | None:
        """Return the size of a blob."""
        with suppress(OSError):
            status = (self.folder / blob_path(digest)).stat()
            return status.st_size if stat.S_ISREG(status.st_mode) else None
        return None

    def path(self, digest: Digest) -> Path | None:
        """Return the file."""
        return self.folder / blob_path(digest)

    def digests(self) -> frozenset[Digest]:
        """Return every blob there is; files of other names are none."""
        names: list[str] = []
        with suppress(OSError):
            names = os.listdir(self.folder / BLOB_FOLDER)  # noqa: PTH208 # the names are all that is wanted
        found = set()
        for name in names:
            with suppress(InputError):
                found.add(Digest(name))
        return frozenset(found)


@dataclass(slots=True)
class ArchiveBlobs:
    """Blobs as members of a tar archive, or made in memory.

    Attributes:
        archive: the open archive.
        members: the member that each blob is.
        made: further blobs.
    """

    archive: tarfile.TarFile
    members: Mapping[Digest, tarfile.TarInfo]
    made: dict[Digest, bytes] = field(default_factory=dict)

    def open(self, digest: Digest) -> IO[bytes]:
        """Open a blob."""
        if digest in self.made:
            return io.BytesIO(self.made[digest])
        stream = self.archive.extractfile(self.members[digest]) if digest in self.members else None
        if stream is None:
            raise FileNotFoundError(digest.hex)
        return stream

    def size(self, digest: Digest) -> int | None:
        """Return the size of a blob."""
        if digest in self.made:
            return len(self.made[digest])
        return self.members[digest].size if digest in self.members else None

    def path(self, digest: Digest) -> Path | None:
        """Return nothing: they are no files."""
        del digest
        return None

    def digests(self) -> frozenset[Digest]:
        """Return every blob there is."""
        return frozenset({*self.members, *self.made})


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """An open layout.

    Attributes:
        name: what it is called in messages.
        marker: the text of ``oci-layout``, ``None`` if there is none.
        index: the text of ``index.json``, ``None`` if there is none; the beginning of one longer than a document.
        blobs: the blobs.
        archive: the archive it is in, to be closed; ``None`` for a folder.
    """

    name: str
    marker: bytes | None
    index: bytes | None
    blobs: Blobs
    archive: tarfile.TarFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.archive is not None:
            self.archive.close()

    def document(self, digest: Digest) -> bytes | None:
        """Return a blob that is a JSON document; ``None`` if there is none, or one too long to be a document."""
        size = self.blobs.size(digest)
        if size is None or size > LONGEST_DOCUMENT:
            return None
        with self.blobs.open(digest) as stream:
            return stream.read()
