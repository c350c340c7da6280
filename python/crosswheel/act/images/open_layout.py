"""Opens images by what they are: a folder, a tar archive of one, or what ``docker save`` wrote."""

from __future__ import annotations

import posixpath
import tarfile
from contextlib import suppress
from pathlib import Path

from crosswheel.act.images.docker_archive import docker_layout
from crosswheel.act.images.image_paths import refuse_transport
from crosswheel.act.images.layouts import (
    BLOB_FOLDER,
    LAYOUT_FILE,
    LONGEST_DOCUMENT,
    ArchiveBlobs,
    FolderBlobs,
    Layout,
)
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError

__all__ = ["open_layout"]

#: What tarfile raises of archives that are none: its own errors, and of sizes that no file has.
_DAMAGES = (tarfile.TarError, ValueError, OverflowError)

#: How the file ``version`` of a folder begins that skopeo calls ``dir:``.
_SKOPEO_FOLDER = b"Directory Transport Version:"


def open_layout(path: Path) -> Layout:
    """Open a layout.

    Args:
        path: a folder, a tar archive of one (``oci-archive``), or what ``docker save`` writes.

    Raises:
        InputError: there is nothing of the kind.
    """
    if path.is_dir():
        index = _read(path / "index.json")
        if index is None and (_read(path / "version") or b"").startswith(_SKOPEO_FOLDER):
            raise InputError(
                "read image",
                str(path),
                why="it is a folder of skopeo's `dir:` and no OCI layout",
                fix=f"copy it to a layout: `skopeo copy --all dir:{path} oci:image`",
            )
        return Layout(
            name=str(path),
            marker=_read(path / LAYOUT_FILE),
            index=index,
            blobs=FolderBlobs(path),
        )
    if not path.exists():
        refuse_transport(str(path), doing="read image")
    elif not path.is_file():
        raise InputError(
            "read image", str(path), why="it is no file and no folder", fix="give the path of an OCI layout"
        )
    try:
        archive = tarfile.open(path, "r:")  # noqa: SIM115 # the layout closes it
    except _DAMAGES:
        raise InputError(
            "read image",
            str(path),
            why="it is neither a folder nor an uncompressed tar archive",
            fix="give an OCI layout, or what docker save wrote, uncompressed",
        ) from None
    except OSError as error:
        raise InputError(
            "read image", str(path), why=error.strerror or str(error), fix="give the path of an OCI layout"
        ) from None
    try:
        return _open_archive(path, archive)
    except BaseException:
        archive.close()
        raise


def _read(path: Path) -> bytes | None:
    try:
        if path.is_file():  # a pipe would have it wait
            with path.open("rb") as stream:
                return stream.read(LONGEST_DOCUMENT + 1)
    except OSError:
        pass
    return None


def _open_archive(path: Path, archive: tarfile.TarFile) -> Layout:
    try:
        members = _members(path, archive)
    except _DAMAGES as error:
        raise InputError(
            "read image", str(path), why=f"it is damaged ({error})", fix="save the image again"
        ) from None
    if LAYOUT_FILE not in members and "manifest.json" in members:
        return docker_layout(str(path), archive, members)
    blobs: dict[Digest, tarfile.TarInfo] = {}
    for name, info in members.items():
        folder, _, hexadecimal = name.rpartition("/")
        if folder == BLOB_FOLDER:
            with suppress(InputError):
                blobs[Digest(hexadecimal)] = info
    return Layout(
        name=str(path),
        marker=_member(archive, members.get(LAYOUT_FILE)),
        index=_member(archive, members.get("index.json")),
        blobs=ArchiveBlobs(archive, blobs),
        archive=archive,
    )


def _members(path: Path, archive: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    """Return the files and links of an archive by name, each of which is there once.

    Of two files of one name some readers take the first, others the last. Blobs are told by their digests, whatever the name.
    """
    members: dict[str, tarfile.TarInfo] = {}
    for info in archive:
        name = posixpath.normpath(info.name)
        if not (info.isfile() or info.issym()):
            continue
        if name in members and not name.startswith(f"{BLOB_FOLDER}/"):
            why = f"it holds {name} twice, and readers take one or the other"
            raise InputError("read image", str(path), why=why, fix="save the image again")
        members[name] = info
    return members


def _member(archive: tarfile.TarFile, info: tarfile.TarInfo | None) -> bytes | None:
    stream = None if info is None else archive.extractfile(info)
    return None if stream is None else stream.read(LONGEST_DOCUMENT + 1)
