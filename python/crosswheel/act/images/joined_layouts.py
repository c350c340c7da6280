"""Joins layouts with one platform each into one with an index of all: the last step of a multi-platform image."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.images.image_index import named_entry, write_image_marker
from crosswheel.act.images.layout_documents import LayoutDocuments
from crosswheel.act.images.layout_writer import IMAGE_MARKER, LayoutWriter, new_layout
from crosswheel.act.images.layouts import Layout
from crosswheel.act.images.open_layout import open_layout
from crosswheel.decide.documents.json_fields import Faults, Fields
from crosswheel.decide.images.oci_documents import (
    DocumentKind,
    IndexEntry,
    kind_of_document,
    read_index,
    read_manifest,
)
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError
from crosswheel.values.oci_descriptors import Descriptor

__all__ = ["JoinedImage", "join_layouts"]

_SBOMS = "sbom"


@dataclass(frozen=True, kw_only=True, slots=True)
class JoinedImage:
    """An image that was joined.

    Attributes:
        path: the layout.
        tag: what it is called there.
        digest: of what the tag leads to.
        platforms: what the layouts said of their platforms, as `WrittenPlatform.to_json` has it.
    """

    path: Path
    tag: str
    digest: Digest
    platforms: tuple[Mapping[str, JsonValue], ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as ``--json`` prints it."""
        return {
            "image": str(self.path),
            "tag": self.tag,
            "digest": self.digest.oci,
            "platforms": list(self.platforms),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """One layout: its images, what is about them, and what it says of itself."""

    layout: Layout
    images: tuple[IndexEntry, ...]
    referrers: tuple[IndexEntry, ...]
    tag: str
    platforms: tuple[Mapping[str, JsonValue], ...]


def join_layouts(
    layouts: Sequence[Path], destination: Path, *, created: str, annotations: Mapping[str, str]
) -> JoinedImage:
    """Write the layout `destination`: the same bytes as if its image had been made at once.

    Args:
        layouts: images that crosswheel made, in the order in which readers shall try the platforms.
        destination: the folder; replaced in one step if it is an earlier image of ours or empty.
        created: time of the index (RFC 3339); should be that of the images.
        annotations: words about the index; should be those of the images.

    Raises:
        CheckError: a blob is not what its digest says.
        InputError: there is no image of ours, the images have different tags, or two have the same platform.
        OutputError: `destination` is not ours to replace.
    """
    parts = [_part(path) for path in layouts]
    tag = _only_tag(parts)
    _refuse_same_platforms(parts)
    with new_layout(destination) as writer:
        for part in parts:
            for entry in (*part.images, *part.referrers):
                _take(writer, part.layout, entry)
            for name, data in _sboms(part):
                writer.write_file(f"{_SBOMS}/{name}", data)
        images = [entry for part in parts for entry in part.images]
        named = named_entry(writer, images, tag=tag, created=created, annotations=annotations)
        writer.finish([named, *(entry for part in parts for entry in part.referrers)])
        joined = JoinedImage(
            path=destination,
            tag=tag,
            digest=named.descriptor.digest,
            platforms=tuple(one for part in parts for one in part.platforms),
        )
        write_image_marker(writer, joined.to_json())
    return joined


def _part(path: Path) -> _Part:
    try:
        marker = Fields(json.loads((path / IMAGE_MARKER).read_bytes()), Faults("read image", str(path)))
    except (OSError, ValueError, RecursionError):
        raise InputError(
            "join image",
            str(path),
            why=f"it has no {IMAGE_MARKER}, which says what it is made of",
            fix="give layouts that `crosswheel step image` wrote",
        ) from None
    layout = open_layout(path)
    documents = _documents(layout)
    images: list[IndexEntry] = []
    referrers: list[IndexEntry] = []
    for entry in documents.index().entries:
        if entry.artifact_type:
            referrers.append(entry)
        elif kind_of_document(entry.descriptor.media_type) is DocumentKind.INDEX:
            images += documents.read(entry.descriptor, read_index).entries
        else:
            images.append(_unnamed(entry))
    platforms = marker.raw("platforms")
    return _Part(
        layout=layout,
        images=tuple(images),
        referrers=tuple(referrers),
        tag=marker.text("tag"),
        platforms=tuple(one for one in platforms if isinstance(one, Mapping))
        if isinstance(platforms, Sequence)
        else (),
    )


def _unnamed(entry: IndexEntry) -> IndexEntry:
    """Return an entry of ``index.json`` as an inner index has it: names are for the outer one."""
    descriptor = entry.descriptor
    return IndexEntry(
        descriptor=Descriptor(
            media_type=descriptor.media_type, digest=descriptor.digest, size=descriptor.size
        ),
        platform=entry.platform,
    )


def _only_tag(parts: Sequence[_Part]) -> str:
    tags = sorted({part.tag for part in parts})
    if len(tags) != 1:
        raise InputError(
            "join images with tags",
            ", ".join(tags),
            why="one image has one tag, which stands in its bill of materials, too",
            fix="make them with the same --tag",
        )
    return tags[0]


def _refuse_same_platforms(parts: Sequence[_Part]) -> None:
    seen: dict[str, str] = {}
    for part in parts:
        for entry in part.images:
            other = seen.get(str(entry.platform))
            seen[str(entry.platform)] = part.layout.name
            if other is not None:
                raise InputError(
                    "join images",
                    f"{other}, {part.layout.name}",
                    why=f"both are for {entry.platform}, and readers take the first",
                    fix="leave one of them out",
                )


def _take(writer: LayoutWriter, layout: Layout, entry: IndexEntry) -> None:
    documents = _documents(layout)
    manifest = documents.read(entry.descriptor, read_manifest)
    for descriptor in (entry.descriptor, manifest.config, *manifest.layers):
        try:
            stream = layout.blobs.open(descriptor.digest)
        except OSError as error:
            raise documents.wrong(
                f"{descriptor.digest.oci}: {(error.strerror or str(error)).lower()}"
            ) from None
        with stream:
            writer.copy(stream, descriptor, source=layout.name)


def _sboms(part: _Part) -> list[tuple[str, bytes]]:
    folder = Path(part.layout.name, _SBOMS)
    return [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.json"))]


def _documents(layout: Layout) -> LayoutDocuments:
    return LayoutDocuments(layout=layout, reading="join image", using="join image", fix="make it again")
