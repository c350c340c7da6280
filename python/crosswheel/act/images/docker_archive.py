"""What ``docker save`` wrote before version 25, and ``skopeo copy docker-archive:`` writes, seen as an OCI layout.

The archive has a ``manifest.json`` with the files of configuration and layers of each image. These bytes become blobs as
they are; index and manifest, which it does not have, are made here.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Mapping
from typing import Any, cast

from crosswheel.act.images.layouts import LAYOUT_MARKER, LONGEST_DOCUMENT, ArchiveBlobs, Layout
from crosswheel.decide.images.oci_documents import (
    REFERENCE_NAME,
    ImageIndex,
    ImageManifest,
    IndexEntry,
    compression_of,
    index_to_json,
    manifest_to_json,
    media_type_of_layer,
)
from crosswheel.decide.images.oci_json import strict_json
from crosswheel.values.canonical_json import json_fault
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.errors import InputError
from crosswheel.values.oci_descriptors import Descriptor, MediaType

__all__ = ["docker_layout"]

_Members = Mapping[str, tarfile.TarInfo]
_KEYS = ("Config", "Layers", "RepoTags")
#: Readers in Go take a key in another case for it.
_ANY_CASE = frozenset(key.casefold() for key in _KEYS)


def docker_layout(name: str, archive: tarfile.TarFile, members: _Members) -> Layout:
    """Return the layout that an archive stands for.

    Args:
        name: what it is called in messages.
        archive: the open archive, which the layout closes.
        members: its files and links by name; ``manifest.json`` is one.

    Raises:
        InputError: a file is missing, or ``manifest.json`` is none.
    """
    reading = _Reading(name, archive, members)
    images = reading.manifest()
    entries = [entry for image in images for entry in reading.entries(image)]
    return Layout(
        name=name,
        marker=LAYOUT_MARKER,
        index=index_to_json(ImageIndex(entries=tuple(entries))),
        blobs=ArchiveBlobs(archive, reading.blobs, reading.made),
        archive=archive,
    )


def _is_image(value: object) -> bool:
    """Tell whether a value names a configuration, layers and tags."""
    if not isinstance(value, dict):
        return False
    if any(key not in _KEYS and key.casefold() in _ANY_CASE for key in value):
        return False
    lists = [value.get("Layers"), value.get("RepoTags") or []]
    return isinstance(value.get("Config"), str) and all(
        isinstance(one, list) and all(isinstance(name, str) for name in one) for one in lists
    )


class _Reading:
    def __init__(self, name: str, archive: tarfile.TarFile, members: _Members) -> None:
        self.name = name
        self.archive = archive
        self.members = members
        self.blobs: dict[Digest, tarfile.TarInfo] = {}
        self.made: dict[Digest, bytes] = {}

    def manifest(self) -> list[dict[str, Any]]:
        """Return the images that manifest.json tells of."""
        try:
            images = strict_json(self._bytes("manifest.json"))
        except (ValueError, RecursionError) as error:
            raise self._fault(f"its manifest.json is no JSON ({json_fault(error)})") from None
        if not isinstance(images, list) or not all(map(_is_image, images)):
            raise self._fault(
                "its manifest.json is not as docker save writes it: Config, Layers and RepoTags of each image"
            )
        return cast("list[dict[str, Any]]", images)

    def entries(self, image: Mapping[str, Any]) -> list[IndexEntry]:
        """Return the entries of an image, one for each of its tags, having kept its blobs."""
        config = self._bytes(image["Config"])
        self.made[digest_of(config)] = config
        manifest = manifest_to_json(
            ImageManifest(
                config=Descriptor(media_type=MediaType.CONFIG, digest=digest_of(config), size=len(config)),
                layers=tuple(self._layer(layer) for layer in image["Layers"]),
            )
        )
        self.made[digest_of(manifest)] = manifest
        names = image.get("RepoTags") or [None]
        return [
            IndexEntry(
                descriptor=Descriptor(
                    media_type=MediaType.MANIFEST,
                    digest=digest_of(manifest),
                    size=len(manifest),
                    annotations={} if tag is None else {REFERENCE_NAME: tag},
                )
            )
            for tag in names
        ]

    def _layer(self, name: str) -> Descriptor:
        info = self._member(name)
        stream = self.archive.extractfile(info)
        if stream is None:
            raise self._fault(f"its layer {name} is no file")
        with stream:
            kind = media_type_of_layer(compression_of(stream.read(4)))
            stream.seek(0)
            digest = Digest(hashlib.file_digest(stream, "sha256").hexdigest())  # type: ignore[arg-type]  # it is a file
        self.blobs[digest] = info
        return Descriptor(media_type=kind, digest=digest, size=info.size)

    def _bytes(self, name: str) -> bytes:
        stream = self.archive.extractfile(self._member(name))
        return b"" if stream is None else stream.read(LONGEST_DOCUMENT)

    def _member(self, name: str) -> tarfile.TarInfo:
        """Return a file by name; a layer may be a link to the one of another image that is the same."""
        for _ in range(10):
            info = self.members.get(name)
            if info is None:
                break
            if not info.issym():
                return info
            folder = name.rpartition("/")[0]
            parts: list[str] = []
            for part in f"{folder}/{info.linkname}".split("/"):
                parts = parts[:-1] if part == ".." else [*parts, part] if part not in {"", "."} else parts
            name = "/".join(parts)
        raise self._fault(f"it does not hold {name}")

    def _fault(self, why: str) -> InputError:
        return InputError("read image", self.name, why=why, fix="save the image again")
