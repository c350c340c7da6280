"""The images of a layout, one for each platform, with what their configurations say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crosswheel.act.images.layout_documents import LayoutDocuments
from crosswheel.decide.image_config import ImageConfig, read_config
from crosswheel.decide.json_fields import Fields
from crosswheel.decide.oci_documents import read_manifest
from crosswheel.values.canonical_json import JsonValue
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
        document: the configuration's JSON, whatever it says besides.
        layers: lowest first.
    """

    documents: LayoutDocuments
    name: str
    platform: str
    config: ImageConfig
    document: JsonValue
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
            config, document = documents.read(manifest.config, _config_and_all_it_says)
            yield LayoutImage(
                documents=documents,
                name=named.name or "",
                platform=str(entry.platform or config.platform),
                config=config,
                document=document,
                layers=manifest.layers,
            )


def _config_and_all_it_says(fields: Fields) -> tuple[ImageConfig, JsonValue]:
    return read_config(fields), {key: fields.raw(key) for key in fields}
