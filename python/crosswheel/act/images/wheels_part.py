"""The part of an image that its wheels are: the virtual environment, and the layers of wheels, to be written or ready."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

from crosswheel.act.images.bases import OwnLayer
from crosswheel.act.images.image_request import ImageRequest
from crosswheel.act.images.layered_paths import PathEntry
from crosswheel.act.images.ready_layers import ImageLayer, ReadyLayer
from crosswheel.act.images.virtual_environment import environment_entries, environment_python, python_name
from crosswheel.act.layers.bytecode import bytecode_compilers
from crosswheel.act.layers.layer_folder import LayerFolder
from crosswheel.act.layers.wheel_layers import wheel_layers
from crosswheel.act.layers.wheel_place import wheel_place
from crosswheel.act.services import Services
from crosswheel.act.target_wheels import CheckedWheel, TargetWheels
from crosswheel.decide.images.layer_plan import crowding
from crosswheel.values.errors import InputError

__all__ = ["WheelsPart", "environment_of", "wheels_part"]


@dataclass(frozen=True, kw_only=True, slots=True)
class WheelsPart:
    """The layers of an image that its wheels are.

    Attributes:
        layers: lowest first.
        uncompiled: paths of the modules whose bytecode was wanted and cannot be made, sorted.
    """

    layers: Sequence[ImageLayer]
    uncompiled: tuple[str, ...] = ()


def environment_of(layers: LayerFolder) -> str:
    """Return the virtual environment that layers were made for.

    Raises:
        InputError: they were made for another place.
    """
    program = f"/bin/{python_name(layers.target)}"
    environment = layers.interpreter.removesuffix(program)
    in_environment = environment != layers.interpreter and environment.startswith("/")
    if not in_environment or wheel_place(layers.target, prefix=environment).site != layers.site:
        raise InputError(
            "put into an image layers",
            str(layers.path),
            why=f"their modules are in {layers.site}, their programs start with #!{layers.interpreter}, which is no virtual environment",
            fix="make them with `crosswheel step layer --environment`",
        )
    return environment


@contextmanager
def wheels_part(
    wheels: TargetWheels | LayerFolder, request: ImageRequest, interpreter: str, *, services: Services
) -> Iterator[WheelsPart]:
    """Give the layers of the virtual environment and of the wheels in it, lowest first.

    Args:
        wheels: the wheels, or layers made of them.
        request: what the image is made of.
        interpreter: the base's Python.
        services: which interpreter compiles bytecode, and how much at a time.

    Raises:
        CrosswheelError: as `wheel_layers`.
    """
    prefix, target = request.environment, wheels.target
    environment = OwnLayer(
        name="environment",
        comment=f"virtual environment of {interpreter}",
        entries=environment_entries(prefix, target, interpreter),
    )
    if isinstance(wheels, LayerFolder):
        yield WheelsPart(layers=[environment, *_ready(wheels)])
        return
    compiling = bytecode_compilers(target, build_python=services.build_python, count=services.jobs)
    layered = partial(
        wheel_layers,
        wheels,
        place=wheel_place(target, prefix=prefix),
        interpreter=environment_python(prefix, target),
        budget=request.budget,
        changes_often=request.changes_often,
    )
    with (
        compiling if request.bytecode else nullcontext() as compilers,
        layered(compilers=compilers) as layers,
    ):
        written = [
            OwnLayer(name=layer.name, comment=_comment(layer.wheels), entries=layer.entries)
            for layer in layers
        ]
        names = (layer.name for layer in layers)
        if told := crowding(names, request.changes_often, budget=request.budget):
            services.reporter.warned(f"{target.id}: {told}")
        yield WheelsPart(
            layers=[environment, *written],
            uncompiled=tuple(sorted(compilers.uncompiled)) if compilers else (),
        )


def _ready(folder: LayerFolder) -> Iterator[ReadyLayer]:
    for layer in folder.layers:
        yield ReadyLayer(
            name=layer.name,
            comment=_comment(layer.wheels),
            descriptor=layer.descriptor,
            path=folder.path / layer.filename,
            entries=tuple(
                PathEntry(path, is_folder=True)
                for path in accumulate(folder.site.strip("/").split("/"), posixpath.join)
            ),
        )


def _comment(wheels: tuple[CheckedWheel, ...]) -> str:
    return ", ".join(wheel.path.name for wheel in wheels)
