"""The image of one platform in a layout, as a base: its configuration, its layers, and where their bytes are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crosswheel.act.images.layout_documents import LayoutDocuments
from crosswheel.act.images.layouts import Blobs, Layout
from crosswheel.decide.images.image_config import ImageConfig, read_config
from crosswheel.decide.images.image_references import full_reference
from crosswheel.decide.images.oci_documents import (
    LAYER_COMPRESSIONS,
    ImageManifest,
    IndexEntry,
    oci_layer_type,
    read_manifest,
)
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError
from crosswheel.values.oci_descriptors import LayerDescriptor, OciPlatform

__all__ = ["BaseImage", "find_base_image"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseImage:
    """An image that another one is put on top of.

    Attributes:
        name: its reference, ``registry/repository:tag``; empty where none is known.
        digest: of its manifest; ``None`` where it has none of its own.
        id: digest of its configuration, which Docker calls the image's id.
        config: its configuration; its history has an entry for every layer.
        layers: lowest first, with OCI's media types.
        blobs: where their bytes are.
    """

    name: str = ""
    digest: Digest | None = None
    id: Digest
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
    found = [(entry, image) for entry in entries for image in documents.manifests(entry)]
    if not found:
        raise documents.wrong("no image is in it: its indexes lead to none")
    known: dict[str, tuple[IndexEntry, IndexEntry, ImageConfig, ImageManifest]] = {}
    for entry, image in found:
        manifest = documents.read(image.descriptor, read_manifest)
        if not manifest.is_image:
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
        id=manifest.config.digest,
        config=config.with_history(len(manifest.layers)),
        layers=_layers(documents, config, manifest),
        blobs=layout.blobs,
    )


def _reference(entry: IndexEntry) -> str:
    """Return the reference of an image where the layout knows one; a tag alone leads nowhere."""
    name = entry.name or ""
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
    entries = [entry for entry in documents.index().entries if documents.is_image(entry)]
    chosen = entries if tag is None else _called(entries, tag)
    if not chosen:
        if tag is None:
            raise documents.wrong("it holds no image")
        names = list(dict.fromkeys(entry.name for entry in entries if entry.name))
        why = _no_such_tag(tag, names)
        raise InputError("use base image", f"{layout.name}:{tag}", why=why, fix="name one of them")
    images: dict[str, list[Digest]] = {}
    for entry in chosen:
        images.setdefault(entry.name or "", []).append(entry.descriptor.digest)
    called = list(images)
    # One image may have several names, as when it was saved with all of them.
    if any(images[name] != images[called[0]] for name in called):
        raise InputError(
            "use base image",
            layout.name,
            why=f"it holds several images: {', '.join(filter(None, called))}",
            fix=f"name one, for example {layout.name}:{next(filter(None, called))}",
        )
    yield from (entry for entry in chosen if (entry.name or "") == called[0])


def _no_such_tag(tag: str, names: Sequence[str]) -> str:
    """Return why no image is called `tag`, a clause; a name without a tag means its latest."""
    listed = f"its tags are {', '.join(names) or 'none'}"
    repository, _, latest = full_reference(tag).rpartition(":")
    is_short = not tag.endswith(f":{latest}")
    has_others = any(full_reference(name).rpartition(":")[0] == repository for name in names)
    return f"{tag} means {tag}:{latest}, and {listed}" if is_short and has_others else listed


def _called(entries: Sequence[IndexEntry], tag: str) -> list[IndexEntry]:
    """Return the entries of a name as it stands there, else of another spelling of it."""
    exact = [entry for entry in entries if tag in {entry.name, entry.tag}]
    wanted = full_reference(tag)
    return exact or [entry for entry in entries if entry.name and full_reference(entry.name) == wanted]
