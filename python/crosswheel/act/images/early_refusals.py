"""What of a request for an image is refused before any of its wheels is there, or anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crosswheel.act.building.build_python import find_build_python
from crosswheel.act.images.base_sources import BaseKind
from crosswheel.act.images.bases import refuse_unfit_base
from crosswheel.act.images.image_request import ImageRequest
from crosswheel.act.images.layout_writer import IMAGE
from crosswheel.act.layers.wheel_place import wheel_place
from crosswheel.act.planning.plan_files import files_beside
from crosswheel.act.services import Services
from crosswheel.act.target_wheels import TargetWheels
from crosswheel.decide.images.base_lock import base_lock_from_json
from crosswheel.decide.images.layer_plan import refuse_wrong_budget
from crosswheel.target.oci_platforms import oci_platform_of
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.oci_descriptors import OciPlatform

__all__ = ["refuse_unfit_inputs", "refuse_wrong_request"]


def refuse_wrong_request(request: ImageRequest, destination: Path) -> None:
    """Refuse a request that no image can be made of, whatever its wheels are.

    Args:
        request: what the image is to be made of; of its wheels only the targets are looked at.
        destination: the layout to make.

    Raises:
        InputError: an argument is wrong.
        OutputError: `destination` is not ours to replace, or an input lies in it.
    """
    _refuse_same_platforms(request)
    _refuse_base_as_destination(request, destination)
    IMAGE.refuse_other(destination, inputs=_inputs(request))
    refuse_wrong_budget(request.budget)
    for wheels in request.wheels:
        wheel_place(wheels.target, prefix=request.environment)


def refuse_unfit_inputs(request: ImageRequest, services: Services) -> None:
    """Refuse bases and a build Python that do not serve the targets, as far as it is known before they are used.

    Args:
        request: what the image is to be made of.
        services: which interpreter is to compile bytecode.

    Raises:
        CrosswheelError: one does not serve its target; all are collected.
    """
    faults: list[CrosswheelError] = []
    for wheels, base in zip(request.wheels, request.bases, strict=True):
        try:
            refuse_unfit_base(base, wheels.target, interpreter=request.interpreter)
            if request.bytecode:
                find_build_python(wheels.target.python, explicit=services.build_python)
        except CrosswheelError as fault:
            faults.append(fault)
    raise_faults(faults)


def _inputs(request: ImageRequest) -> Iterator[Path]:
    """Yield the files and folders that the image is made from."""
    for base in request.bases:
        if base.kind is not BaseKind.SCRATCH:
            yield base.path
        if base.kind is BaseKind.LOCK:
            lock = base_lock_from_json(base.path.read_bytes(), name=str(base.path))
            yield from files_beside(lock.artifacts.values(), base.path.parent)
    if request.application:
        yield request.application.source
    for file in request.files:
        yield file.source
    yield from request.finished
    for wheels in request.wheels:
        yield from wheels.paths if isinstance(wheels, TargetWheels) else [wheels.path]


def _refuse_same_platforms(request: ImageRequest) -> None:
    seen: dict[OciPlatform, Target] = {}
    for wheels in request.wheels:
        platform = oci_platform_of(wheels.target.platform)
        other = seen.setdefault(platform, wheels.target)
        if other != wheels.target:
            raise InputError(
                "put into one image targets",
                f"{other.id}, {wheels.target.id}",
                why=f"both are {platform}, and readers take the first",
                fix="name one of them with --target",
            )


def _refuse_base_as_destination(request: ImageRequest, destination: Path) -> None:
    for base in request.bases:
        if base.kind is BaseKind.LAYOUT and base.path.resolve() == destination.resolve():
            raise InputError(
                "write image",
                str(destination),
                why="it is the base, which would be lost",
                fix="give another place with -o",
            )
