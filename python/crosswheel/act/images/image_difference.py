"""What differs between two image layouts: by platform, the configuration, the layers, and the files of those that changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from crosswheel.act.images.layer_pass import pass_over_layer
from crosswheel.act.images.layout_documents import LayoutDocuments
from crosswheel.act.images.layout_images import LayoutImage, layout_images
from crosswheel.act.images.open_layout import open_layout
from crosswheel.act.images.tar_stream import EntryKind, TarEntry, TarStream
from crosswheel.decide.difference import Difference, differences
from crosswheel.decide.oci_documents import LAYER_COMPRESSIONS
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.oci_descriptors import Descriptor

__all__ = ["image_differences"]

_BLOCK = 1 << 20


def image_differences(old: Path, new: Path) -> tuple[Difference, ...]:
    """Return what differs between the images of two layouts, platform by platform.

    Args:
        old: a layout's folder, or an archive of one.
        new: another.

    Raises:
        InputError: one cannot be read, or is none.
    """
    with open_layout(old) as first, open_layout(new) as second:
        images = [
            {image.platform: image for image in layout_images(documents)}
            for documents in (
                LayoutDocuments(
                    layout=layout, reading="read image", using="compare image", fix="make it again"
                )
                for layout in (first, second)
            )
        ]
        found: list[Difference] = []
        for platform in sorted({*images[0], *images[1]}):
            before, after = images[0].get(platform), images[1].get(platform)
            if before is None or after is None:
                words = ["" if image is None else f"{len(image.layers)} layers" for image in (before, after)]
                found.append(Difference(where=platform, what="image", old=words[0], new=words[1]))
            else:
                found += _between(platform, before, after)
        return tuple(found)


def _between(platform: str, old: LayoutImage, new: LayoutImage) -> Iterator[Difference]:
    configs = [dict(_flat(image.document)) for image in (old, new)]
    yield from sorted(differences(platform, *configs), key=lambda one: one.what)
    layers = [[layer.digest for layer in image.layers] for image in (old, new)]
    changed = [
        [layer for layer in image.layers if layer.digest not in others]
        for image, others in ((old, layers[1]), (new, layers[0]))
    ]
    if layers[0] != layers[1]:
        words = [
            f"{len(mine)} layers, {len(own)} of them not in the other"
            for mine, own in zip(layers, changed, strict=True)
        ]
        yield Difference(where=platform, what="layers", old=words[0], new=words[1])
    files = [_files(image, own) for image, own in ((old, changed[0]), (new, changed[1]))]
    yield from sorted(differences(platform, *files), key=lambda one: one.what)


def _flat(value: JsonValue, place: str = "config") -> Iterator[tuple[str, str]]:
    """Yield the leaves of an image's configuration; the layers' digests are told by the layers themselves."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in {"rootfs", "history"}:
                yield from _flat(inner, f"{place}.{key}".removeprefix("config."))
    elif isinstance(value, str):
        yield place, value
    elif isinstance(value, Sequence):
        for number, inner in enumerate(value):
            name = inner.partition("=")[0] if isinstance(inner, str) and "=" in inner else str(number)
            yield from _flat(inner, f"{place}.{name}")
    else:
        yield place, json.dumps(value)


def _files(image: LayoutImage, layers: Sequence[Descriptor]) -> dict[str, str]:
    """Return what is at each path of some layers of an image; the last layer that has it wins."""
    found: dict[str, str] = {}

    def show(entry: TarEntry, tar: TarStream) -> None:
        found[entry.path] = _words(entry, tar)

    for layer in layers:
        compression = LAYER_COMPRESSIONS.get(layer.media_type)
        if compression is None:
            raise image.documents.wrong(f"a layer is of the kind '{layer.media_type}', which is unknown")
        try:
            stream = image.documents.layout.blobs.open(layer.digest)
        except OSError as error:
            raise image.documents.wrong(
                f"{layer.digest.oci}: {(error.strerror or str(error)).lower()}"
            ) from None
        with stream:
            digests = pass_over_layer(stream, compression, show)
        if digests.damage:
            raise image.documents.wrong(f"the layer {layer.digest.oci} is damaged: {digests.damage}")
    return found


def _words(entry: TarEntry, tar: TarStream) -> str:
    words = f"{entry.kind.value}, mode {entry.mode:o}, owner {entry.uid}:{entry.gid}"
    if entry.link:
        words += f", to {entry.link}"
    if entry.kind is EntryKind.FILE:
        content = sha256()
        while block := tar.read(_BLOCK):
            content.update(block)
        words += f", {entry.size} bytes {content.hexdigest()[:12]}"
    return words
