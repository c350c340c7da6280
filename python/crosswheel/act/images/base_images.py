"""The image of one platform in a layout, as a base: its configuration, its layers, and where their bytes are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crosswheel.act.images.layout_documents import LayoutDocuments
from crosswheel.act.images.layouts import Blobs, Layout
from crosswheel.decide.image_config import ImageConfig, read_config
from crosswheel.decide.oci_documents import (
    LAYER_COMPRESSIONS,
    DocumentKind,
    ImageManifest,
    IndexEntry,
    kind_of_document,
    oci_layer_type,
    read_index,
    read_manifest,
)
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError
from crosswheel.values.oci_descriptors import LayerDescriptor, OciPlatform

__all__ = ["BaseImage", "find_base_image"]

#: containerd's annotation of a whole reference, where ref.name is but its tag.
_WHOLE_NAME = "io.containerd.image.name"


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseImage:
    """An image that another one is put on top of.

    Attributes:
        name: its reference, ``registry/repository:tag``; empty where none is known.
        digest: of its manifest; ``None`` where it has none of its own.
        config: its configuration; its history has an entry for every layer.
        layers: lowest first, with OCI's media types.
        blobs: where their bytes are.
    """

    name: str = ""
    digest: Digest | None = None
    config: ImageConfig
    layers: tuple[LayerDescriptor, ...]
    blobs: Blobs


def find_base_image(layout: Layout, platform: OciPlatform, *, tag: str | None = None) -> BaseImage:
    """Return the image of a layout for a platform.

    Args:
        layout: the open layout.
        platform: what the image must run on.
        tag: which of the layout's images; ``None`` for the only one.

    Raises:
        InputError: there is none, several are meant, or a document is wrong.
    """
    documents = LayoutDocuments(
        layout=layout,
        reading="read base image",
        using="use base image",
        fix="see `crosswheel image verify`, and copy the base again",
    )
    entries = list(_tagged(documents, tag))
    found = [(entry, image) for entry in entries for image in _manifests(documents, entry)]
    known: dict[str, tuple[IndexEntry, IndexEntry, ImageConfig, ImageManifest]] = {}
    for entry, image in found:
        manifest = documents.read(image.descriptor, read_manifest)
        if manifest.artifact_type:
            continue
        config = documents.read(manifest.config, read_config)
        first = known.setdefault(str(config.platform.normalized), (entry, image, config, manifest))
        if first[0].descriptor.digest != entry.descriptor.digest:
            raise InputError(
                "use base image",
                layout.name,
                why=f"it holds several images for {config.platform.normalized} under one name or none",
                fix="copy one of them with a tag of its own, e.g. `skopeo copy oci:OLD@DIGEST oci:NEW:tag`",
            )
    chosen = known.get(str(platform.normalized))
    if chosen is None:
        raise InputError(
            "use base image",
            layout.name,
            why=f"it has no image for {platform.normalized}, only for {', '.join(known) or 'nothing'}",
            fix=f"copy the base with all its platforms, e.g. `skopeo copy --all`, or name one for {platform.normalized}",
        )
    entry, image, config, manifest = chosen
    return BaseImage(
        name=_reference(entry),
        digest=image.descriptor.digest if layout.archive is None or layout.marker else None,
        config=config.with_history(len(manifest.layers)),
        layers=_layers(documents, config, manifest),
        blobs=layout.blobs,
    )


def _reference(entry: IndexEntry) -> str:
    """Return the reference of an image where the layout knows one; a tag alone leads nowhere."""
    name = entry.descriptor.annotations.get(_WHOLE_NAME) or entry.name or ""
    return name if "/" in name else ""


def _layers(
    documents: LayoutDocuments, config: ImageConfig, manifest: ImageManifest
) -> tuple[LayerDescriptor, ...]:
    if len(config.diff_ids) != len(manifest.layers):
        raise documents.wrong(f"it has {len(manifest.layers)} layers and {len(config.diff_ids)} diff_ids")
    unknown = [layer.media_type for layer in manifest.layers if layer.media_type not in LAYER_COMPRESSIONS]
    if unknown:
        raise documents.wrong(f"{unknown[0]} is no media type of a layer")
    return tuple(
        LayerDescriptor(
            media_type=oci_layer_type(layer.media_type),
            digest=layer.digest,
            size=layer.size,
            annotations=layer.annotations,
            diff_id=diff_id,
        )
        for layer, diff_id in zip(manifest.layers, config.diff_ids, strict=True)
    )


def _tagged(documents: LayoutDocuments, tag: str | None) -> Iterator[IndexEntry]:
    """Yield the entries of index.json that `tag` means."""
    layout = documents.layout
    if layout.index is None:
        raise documents.wrong("it has no index.json")
    entries = [
        entry
        for entry in documents.parsed(layout.index, "index.json", read_index).entries
        if kind_of_document(entry.descriptor.media_type) is not None and not entry.artifact_type
    ]
    names: Mapping[str, None] = dict.fromkeys(entry.name or "" for entry in entries)
    if tag is not None and tag not in names:
        listed = ", ".join(filter(None, names)) or "none"
        raise InputError(
            "use base image", f"{layout.name}:{tag}", why=f"its tags are {listed}", fix="name one of them"
        )
    if tag is None and len(names) > 1:
        raise InputError(
            "use base image",
            layout.name,
            why=f"it holds several images: {', '.join(filter(None, names))}",
            fix=f"name one, for example {layout.name}:{next(filter(None, names))}",
        )
    yield from (entry for entry in entries if tag is None or entry.name == tag)


def _manifests(documents: LayoutDocuments, entry: IndexEntry, depth: int = 0) -> Iterator[IndexEntry]:
    if kind_of_document(entry.descriptor.media_type) is DocumentKind.MANIFEST:
        yield entry
    elif depth < 8:
        for inner in documents.read(entry.descriptor, read_index).entries:
            if kind_of_document(inner.descriptor.media_type) is not None and not inner.artifact_type:
                yield from _manifests(documents, inner, depth + 1)
