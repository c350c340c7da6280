"""The images of a layout, one for each platform, with what their configurations say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crosswheel.act.images.layout_documents import LayoutDocuments
from crosswheel.decide.image_config import ImageConfig, read_config
from crosswheel.decide.oci_documents import (
    IndexEntry,
    read_manifest,
)
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
            if manifest.artifact_type:
                continue
            config = documents.read(manifest.config, read_config)
            document: JsonValue = json.loads(documents.layout.document(manifest.config.digest) or b"{}")
            yield LayoutImage(
                documents=documents,
                name=named.name or "",
                platform=_platform(entry, document),
                config=config,
                document=document,
                layers=manifest.layers,
            )


def _platform(entry: IndexEntry, config: JsonValue) -> str:
    said: Mapping[str, JsonValue] = config if isinstance(config, Mapping) else {}
    if entry.platform is not None:
        return str(entry.platform)
    return "/".join(str(said[key]) for key in ("os", "architecture", "variant") if said.get(key))
