"""The images of a layout, one for each platform, with what their configurations say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crosswheel.act.images.layout_documents import LayoutDocuments
from crosswheel.decide.images.image_config import ImageConfig, read_config
from crosswheel.decide.images.oci_documents import read_manifest
from crosswheel.values.oci_descriptors import Descriptor

__all__ = ["LayoutImage", "layout_images"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LayoutImage:
    """One image of a layout.

    Attributes:
        documents: those of the layout.
        name: its tag, or that of the index it is in; empty if it has none.
        platform: what it runs on.
        config: its configuration.
        layers: lowest first.
    """

    documents: LayoutDocuments
    name: str
    platform: str
    config: ImageConfig
    layers: tuple[Descriptor, ...]


def layout_images(documents: LayoutDocuments) -> Iterator[LayoutImage]:
    """Yield the images of a layout in the index's order; what is no image (a bill of materials) is passed over.

    Raises:
        InputError: a document is missing or wrong.
    """
    index = documents.index()
    for named in index.entries:
        for entry in documents.manifests(named):
            manifest = documents.read(entry.descriptor, read_manifest)
            if not manifest.is_image:
                continue
            config = documents.read(manifest.config, read_config)
            yield LayoutImage(
                documents=documents,
                name=named.name or "",
                platform=str(entry.platform or config.platform),
                config=config,
                layers=manifest.layers,
            )
