"""The folder that `crosswheel layer` writes: blobs of layers, each with its description, and an index of them.

Its files are documented in docs/guides/layers.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from crosswheel.act.building.build_python import find_build_python
from crosswheel.act.layers.bytecode import bytecode_compilers
from crosswheel.act.layers.layer_entries import merged_entries
from crosswheel.act.layers.layer_writer import Compression, write_layer
from crosswheel.act.layers.mtree import mtree
from crosswheel.act.layers.wheel_layers import WheelLayer, refuse_unknown_projects, wheel_layers
from crosswheel.act.layers.wheel_place import DEFAULT_PREFIX, unmerged_prefix, wheel_place
from crosswheel.act.storage.output_directory import OutputKind, set_plain_modes
from crosswheel.act.target_wheels import CheckedWheel, TargetWheels
from crosswheel.act.wheels.program_interpreter import program_interpreter
from crosswheel.act.wheels.schemes import TreeLayout
from crosswheel.act.worker_pool import worker_pool
from crosswheel.decide.images.layer_plan import DEFAULT_BUDGET, crowding, refuse_wrong_budget
from crosswheel.decide.plans.plan import PlannedTarget
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue, pretty_json
from crosswheel.values.errors import CrosswheelError, raise_faults
from crosswheel.values.oci_descriptors import LayerDescriptor

__all__ = ["LAYERS", "LAYER_INDEX", "LayerFolder", "WrittenLayer", "refuse_wrong_layers", "write_layers"]

#: File that says what a folder of layers holds, and that the folder is ours to replace.
LAYER_INDEX = "layers.json"
#: How many layers are written at a time, at most: memory grows with it.
_MOST_AT_A_TIME = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenLayer:
    """One layer on disk.

    Attributes:
        name: the one project's, or ``shared_`` and a number.
        filename: of the blob, in the folder.
        descriptor: what the blob is.
        wheels: what it is made of.
    """

    name: str
    filename: str
    descriptor: LayerDescriptor
    wheels: tuple[CheckedWheel, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the layer as its JSON file has it, with the keys of OCI descriptors and of rules_img's layers."""
        return {
            "name": self.name,
            "file": self.filename,
            "mediaType": self.descriptor.media_type,
            "digest": self.descriptor.digest.oci,
            "size": self.descriptor.size,
            "diff_id": self.descriptor.diff_id.oci,
            "annotations": dict(self.descriptor.annotations),
            "wheels": [{"filename": wheel.path.name, "sha256": wheel.sha256.hex} for wheel in self.wheels],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerFolder:
    """What `write_layers` wrote.

    Attributes:
        path: the folder.
        target: whose wheels they are.
        site: absolute path of the modules in the image; what PYTHONPATH has to name if the image's Python does not
            look there by itself.
        scripts: absolute path of the programs in the image.
        interpreter: what programs start with.
        bytecode: full version of the Python that compiled the modules; ``None`` if none did.
        layers: the layers, lowest first.
        uncompiled: paths of the modules that the Python could not compile, sorted.
        crowding: a sentence on the projects that change often and got no layer of their own; empty if there is none.
    """

    path: Path
    target: Target
    site: str
    scripts: str
    interpreter: str
    bytecode: str | None
    layers: tuple[WrittenLayer, ...]
    uncompiled: tuple[str, ...] = ()
    crowding: str = ""

    @property
    def wheels(self) -> tuple[CheckedWheel, ...]:
        """The wheels of all layers, sorted by project."""
        every = (wheel for layer in self.layers for wheel in layer.wheels)
        return tuple(sorted(every, key=lambda wheel: wheel.name))

    def to_json(self) -> dict[str, JsonValue]:
        """Return the index of the folder."""
        return {
            "schema": 1,
            "target": self.target.id,
            "site": self.site,
            "scripts": self.scripts,
            "interpreter": self.interpreter,
            "bytecode": self.bytecode,
            "layers": [layer.to_json() for layer in self.layers],
        }


def _is_layer_index(path: Path) -> bool:
    """Tell whether a file is an index of layers that crosswheel wrote: ``layers.json`` is no rare name."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "site" in value


LAYERS = OutputKind(thing="layers", marker=LAYER_INDEX, is_ours=_is_layer_index)


def refuse_wrong_layers(
    planned: PlannedTarget,
    *,
    prefix: str,
    layout: TreeLayout,
    interpreter: str | None,
    budget: int,
    changes_often: Sequence[str],
    bytecode: bool,
    build_python: Path | None,
) -> None:
    """Refuse what `write_layers` would refuse of its arguments, before any wheel is made for it.

    Args:
        planned: whose wheels they will be.
        prefix: as for `write_layers`.
        layout: likewise.
        interpreter: likewise.
        budget: likewise.
        changes_often: likewise.
        bytecode: likewise.
        build_python: likewise.

    Raises:
        CrosswheelError: as `write_layers`.
    """
    wheel_place(planned.target, prefix=unmerged_prefix(prefix), layout=layout)
    program_interpreter(interpreter, planned.target)
    refuse_wrong_budget(budget)
    refuse_unknown_projects(changes_often, {wheel.name for wheel in planned.wheels}, planned.target)
    if bytecode:
        find_build_python(planned.target.python, explicit=build_python)


def write_layers(
    wheels: TargetWheels,
    destination: Path,
    *,
    prefix: str = DEFAULT_PREFIX,
    layout: TreeLayout = TreeLayout.PREFIX,
    interpreter: str | None = None,
    compression: Compression = Compression.GZIP,
    budget: int = DEFAULT_BUDGET,
    changes_often: Sequence[str] = (),
    bytecode: bool = False,
    build_python: Path | None = None,
    jobs: int = 1,
) -> LayerFolder:
    """Write the layers of `wheels` to `destination`, in one step; the same wheels make the same bytes.

    Args:
        wheels: the wheels, each file of which is compared with its RECORD.
        destination: the folder; replaced if it is an earlier one of ours or empty.
        prefix: absolute path in the image.
        layout: shape of the tree below the prefix.
        interpreter: path in the image for the first line of programs; see `program_interpreter`.
        compression: how blobs hold their archives.
        budget: how many layers there may be.
        changes_often: names of the projects that change with nearly every image.
        bytecode: put the bytecode of all modules beside them.
        build_python: the interpreter that compiles it; ``None`` to look for one.
        jobs: how many layers may be written, and modules compiled, at a time.

    Raises:
        BuildPythonError: no interpreter here has the target's version, to compile bytecode.
        CheckError: a wheel is not what its RECORD says.
        InputError: an argument is wrong, or two wheels disagree on a file.
        OutputError: `destination` is not ours to replace.
    """
    place = wheel_place(wheels.target, prefix=unmerged_prefix(prefix), layout=layout)
    compiling = bytecode_compilers(wheels.target, build_python=build_python, count=jobs) if bytecode else None
    layered = partial(wheel_layers, wheels, place=place, interpreter=interpreter, budget=budget)
    with (
        compiling or nullcontext() as compilers,
        layered(changes_often=changes_often, compilers=compilers) as layers,
        LAYERS.replaced(destination) as root,
    ):
        written = LayerFolder(
            path=destination,
            target=wheels.target,
            site=place.site,
            scripts=place.scripts,
            interpreter=program_interpreter(interpreter, wheels.target),
            bytecode=compilers.version if compilers else None,
            layers=_written(layers, root, compression, min(jobs, _MOST_AT_A_TIME)),
            uncompiled=tuple(sorted(compilers.uncompiled)) if compilers else (),
            crowding=crowding((layer.name for layer in layers), changes_often, budget=budget),
        )
        _write_index(root, written)
    return written


def _write_index(root: Path, written: LayerFolder) -> None:
    (root / LAYER_INDEX).write_bytes(pretty_json(written.to_json()))
    set_plain_modes(root)


def _written(
    layers: Sequence[WheelLayer], root: Path, compression: Compression, jobs: int
) -> tuple[WrittenLayer, ...]:
    written: list[WrittenLayer] = []
    faults: list[CrosswheelError] = []
    with worker_pool(jobs) as pool:
        for future in [pool.submit(_write, layer, root, compression) for layer in layers]:
            try:
                written.append(future.result())
            except CrosswheelError as fault:
                faults.append(fault)
    raise_faults(faults)
    return tuple(written)


def _write(layer: WheelLayer, root: Path, compression: Compression) -> WrittenLayer:
    filename = f"{layer.name}.{compression.suffix}"
    descriptor = write_layer(layer.entries, root / filename, compression=compression)
    written = WrittenLayer(
        name=layer.name,
        filename=filename,
        descriptor=replace(descriptor, annotations=_annotations(layer)),
        wheels=layer.wheels,
    )
    (root / f"{layer.name}.json").write_bytes(pretty_json(written.to_json()))
    with (root / f"{layer.name}.mtree").open("xb") as stream:
        stream.writelines(mtree(merged_entries(layer.entries)))
    return written


def _annotations(layer: WheelLayer) -> Mapping[str, str]:
    """Return what an image's manifest says of the layer (image-spec 1.1.1, annotations.md)."""
    return {"org.opencontainers.image.title": layer.name}
