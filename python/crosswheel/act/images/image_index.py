"""What the tag of a layout leads to: the only image, or an index of the images of all platforms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from crosswheel.act.images.layout_writer import IMAGE_MARKER, LayoutWriter
from crosswheel.decide.images.oci_documents import REFERENCE_NAME, ImageIndex, IndexEntry, index_to_json
from crosswheel.values.canonical_json import JsonValue, pretty_json
from crosswheel.values.oci_descriptors import Descriptor, MediaType

__all__ = ["named_entry", "write_image_marker"]

_CREATED = "org.opencontainers.image.created"


def named_entry(
    writer: LayoutWriter,
    entries: Sequence[IndexEntry],
    *,
    tag: str,
    created: str,
    annotations: Mapping[str, str],
) -> IndexEntry:
    """Return the entry of ``index.json`` that has the tag, after writing the index of several platforms.

    Args:
        writer: writes the layout.
        entries: the image of each platform, in the order in which readers shall try them.
        tag: what the image is called.
        created: when it was made (RFC 3339).
        annotations: words about it.
    """
    name = {REFERENCE_NAME: tag}
    if len(entries) == 1:
        only = entries[0]
        return replace(only, descriptor=_annotated(only.descriptor, name))
    index = ImageIndex(entries=tuple(entries), annotations={_CREATED: created, **annotations})
    return IndexEntry(descriptor=_annotated(writer.add(index_to_json(index), MediaType.INDEX), name))


def _annotated(descriptor: Descriptor, annotations: Mapping[str, str]) -> Descriptor:
    return Descriptor(
        media_type=descriptor.media_type,
        digest=descriptor.digest,
        size=descriptor.size,
        annotations=annotations,
    )


def write_image_marker(writer: LayoutWriter, image: Mapping[str, JsonValue]) -> None:
    """Write the file that says what an image is made of.

    Args:
        writer: writes the layout.
        image: the image as ``--json`` prints it; where it lies is left out.
    """
    about = {key: value for key, value in image.items() if key != "image"}
    writer.write_file(IMAGE_MARKER, pretty_json({"schema": 1, **about}))
