"""The layers that a report shows: of an image layout, or of a folder that `crosswheel layer` wrote."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

from crosswheel.act.images.layout_documents import LayoutDocuments
from crosswheel.act.images.layout_images import LayoutImage, layout_images
from crosswheel.act.images.open_layout import open_layout
from crosswheel.act.layers.layer_folder import LAYER_INDEX
from crosswheel.act.layers.layer_reading import read_layers
from crosswheel.act.target_wheels import name_of_wheel
from crosswheel.decide.images.image_config import HistoryEntry
from crosswheel.decide.reports.report import ReportImage, ReportLayer
from crosswheel.values.oci_descriptors import Descriptor

__all__ = ["report_images"]


def report_images(path: Path) -> tuple[ReportImage, ...]:
    """Return the images at `path`, by platform.

    Args:
        path: a layout's folder, an archive of one, a folder of layers, or the ``layers.json`` in it.

    Raises:
        CrosswheelError: it is nothing of the kind, or damaged.
    """
    if path.name == LAYER_INDEX:
        return (_folder(path.parent),)
    if (path / LAYER_INDEX).is_file():
        return (_folder(path),)
    with open_layout(path) as layout:
        documents = LayoutDocuments(
            layout=layout, reading="read image", using="report on image", fix="make it again"
        )
        return tuple(_image(image, path) for image in layout_images(documents))


def _folder(folder: Path) -> ReportImage:
    read = read_layers(folder)
    return ReportImage(
        name=folder.name or LAYER_INDEX,
        platform=read.target.id,
        layers=tuple(
            ReportLayer(
                name=layer.name,
                size=layer.descriptor.size,
                digest=layer.descriptor.digest.oci,
                media_type=layer.descriptor.media_type,
                wheels=tuple(wheel.path.name for wheel in layer.wheels),
            )
            for layer in read.layers
        ),
    )


def _image(image: LayoutImage, path: Path) -> ReportImage:
    told = [entry for entry in image.config.history if not entry.empty_layer][: len(image.layers)]
    return ReportImage(
        name=image.name or path.name,
        platform=image.platform,
        layers=tuple(
            _layer(number, layer, entry)
            for number, (layer, entry) in enumerate(zip_longest(image.layers, told), start=1)
        ),
    )


def _layer(number: int, layer: Descriptor, entry: HistoryEntry | None) -> ReportLayer:
    words = "" if entry is None else entry.comment or entry.created_by
    # What `crosswheel image` says of a layer of wheels.
    files = words.split(", ")
    wheels = tuple(files) if all(file.endswith(".whl") for file in files) else ()
    return ReportLayer(
        name=", ".join(name_of_wheel(Path(wheel)) for wheel in wheels) or words or f"layer {number}",
        size=layer.size,
        digest=layer.digest.oci,
        media_type=layer.media_type,
        wheels=wheels,
    )
