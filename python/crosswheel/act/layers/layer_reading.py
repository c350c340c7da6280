"""Reads a folder of layers back: what `crosswheel layer` and the step of that name wrote."""

from __future__ import annotations

import json
from pathlib import Path

from crosswheel.act.layers.layer_folder import LAYER_INDEX, LayerFolder, WrittenLayer
from crosswheel.act.target_wheels import CheckedWheel
from crosswheel.decide.documents.json_fields import Faults, Fields
from crosswheel.decide.images.oci_documents import parse_oci_digest, read_descriptor
from crosswheel.target.targets import parse_target_id
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError, raise_faults
from crosswheel.values.oci_descriptors import LayerDescriptor

__all__ = ["read_layers"]


def read_layers(folder: Path) -> LayerFolder:
    """Return what a folder of layers holds; of the blobs nothing is read yet.

    Raises:
        CrosswheelError: it is no such folder; all faults of its index are collected.
    """
    try:
        document: JsonValue = json.loads((folder / LAYER_INDEX).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not JSON"
        raise InputError(
            "read layers",
            str(folder),
            why=f"{LAYER_INDEX}: {(why or str(error)).lower()}",
            fix="give what `crosswheel layer` or `crosswheel step layer` wrote",
        ) from None
    faults = Faults("read layers", str(folder / LAYER_INDEX))
    root = Fields(document, faults)
    if root.whole_number("schema", required=True) not in {1, None}:
        root.fault(None, "this crosswheel reads schema 1", "schema")
    target = root.parsed("target", parse_target_id, root.text("target"))
    layers = tuple(_layer(one, folder) for one in root.inners("layers"))
    bytecode = None if root.raw("bytecode") is None else root.text("bytecode")
    site, scripts, interpreter = (root.text(key) for key in ("site", "scripts", "interpreter"))
    root.close()
    raise_faults(faults.found)
    assert target is not None, "faults say why there is none"
    return LayerFolder(
        path=folder,
        target=target,
        site=site,
        scripts=scripts,
        interpreter=interpreter,
        bytecode=bytecode,
        layers=layers,
    )


def _layer(fields: Fields, folder: Path) -> WrittenLayer:
    descriptor = read_descriptor(fields)
    layer = WrittenLayer(
        name=fields.text("name"),
        filename=_plain_name(fields, "file"),
        descriptor=LayerDescriptor(
            media_type=descriptor.media_type,
            digest=descriptor.digest,
            size=descriptor.size,
            annotations=descriptor.annotations,
            diff_id=fields.parsed("diff_id", parse_oci_digest, fields.text("diff_id")) or Digest("0" * 64),
        ),
        wheels=tuple(_wheel(one, folder) for one in fields.inners("wheels")),
    )
    fields.close()
    return layer


def _wheel(fields: Fields, folder: Path) -> CheckedWheel:
    """Return a wheel by its name; its file is not there any more."""
    wheel = CheckedWheel(path=folder / _plain_name(fields, "filename"), sha256=fields.digest("sha256"))
    if wheel.path.name.count("-") < 2:
        fields.fault(wheel.path.name, "it is no name of a wheel", "filename")
    fields.close()
    return wheel


def _plain_name(fields: Fields, key: str) -> str:
    name = fields.text(key)
    if Path(name).name != name:
        fields.fault(name, "it is not the name of a file in the folder", key)
    return name
