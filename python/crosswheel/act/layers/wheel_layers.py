"""The layers that the wheels of a target become, ready to be written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from crosswheel.act.layers.bytecode import BytecodeCompilers
from crosswheel.act.layers.layer_entries import LayerEntry
from crosswheel.act.layers.wheel_place import WheelPlace, owned_folders, wheel_entries
from crosswheel.act.target_wheels import CheckedWheel, TargetWheels
from crosswheel.act.wheels.opened_wheels import OpenedWheel, opened_wheels, shared_paths
from crosswheel.act.wheels.program_interpreter import program_interpreter
from crosswheel.decide.documents.nearest_name import near_names
from crosswheel.decide.images.layer_plan import DEFAULT_BUDGET, LayerPackage, plan_layers
from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError, raise_faults

__all__ = ["WheelLayer", "refuse_unknown_projects", "wheel_layers"]


@dataclass(frozen=True, kw_only=True, slots=True)
class WheelLayer:
    """One layer of wheels that can be written.

    Attributes:
        name: the one project's, or ``shared_`` and a number.
        wheels: what it is made of.
        entries: what it holds.
    """

    name: str
    wheels: tuple[CheckedWheel, ...]
    entries: tuple[LayerEntry, ...]


@contextmanager
def wheel_layers(
    wheels: TargetWheels,
    *,
    place: WheelPlace,
    interpreter: str | None = None,
    budget: int = DEFAULT_BUDGET,
    changes_often: Sequence[str] = (),
    compilers: BytecodeCompilers | None = None,
) -> Iterator[tuple[WheelLayer, ...]]:
    """Yield the layers, lowest first; they can be written as long as the context lasts.

    Args:
        wheels: the wheels.
        place: where they lie in the image.
        interpreter: path in the image for the first line of programs; see `program_interpreter`.
        budget: how many layers there may be.
        changes_often: names of the projects that change with nearly every image.
        compilers: what compiles bytecode; ``None`` for none. Must last as long as the context.

    Raises:
        BuildPythonError: bytecode cannot be compiled.
        CheckError: a wheel is not what its RECORD says.
        InputError: an argument is wrong, or two wheels disagree on a file.
    """
    program = program_interpreter(interpreter, wheels.target)
    often = {canonicalize_name(name) for name in changes_often}
    refuse_unknown_projects(often, {wheel.name for wheel in wheels.wheels}, wheels.target)
    by_name = {wheel.name: wheel for wheel in wheels.wheels}
    groups = plan_layers(
        (
            LayerPackage(name=name, size=wheel.path.stat().st_size, changes_often=name in often)
            for name, wheel in by_name.items()
        ),
        budget=budget,
    )
    with opened_wheels(wheels.paths, place.in_image, interpreter=program) as opened:
        shared_paths(one.files for one in opened)  # refuses what wheels disagree on, in one layer or in two
        by_path = {one.archive.path: one for one in opened}
        yield tuple(
            WheelLayer(
                name=group.name,
                wheels=tuple(by_name[name] for name in group.packages),
                entries=_entries([by_path[by_name[name].path] for name in group.packages], place, compilers),
            )
            for group in groups
        )


def _entries(
    wheels: Sequence[OpenedWheel], place: WheelPlace, compilers: BytecodeCompilers | None
) -> tuple[LayerEntry, ...]:
    """Return the entries of one layer, whatever other layers there are."""
    shared = shared_paths(wheel.files for wheel in wheels)
    files = [entry for wheel in wheels for entry in wheel_entries(wheel, shared=shared)]
    if compilers is not None:
        modules = [entry for entry in files if place.is_module(entry.path)]
        files += compilers.entries(modules, taken={entry.path for entry in files})
    return (*owned_folders(files, place), *files)


def refuse_unknown_projects(names: Iterable[str], known: Collection[str], target: Target) -> None:
    """Refuse names of projects that change often where there is no wheel of them.

    Args:
        names: the names, in any spelling.
        known: normalized names of the projects there are.
        target: whose wheels they are.

    Raises:
        InputError: there is none of a project; all such are collected.
    """
    raise_faults(
        [
            InputError(
                "give a layer of its own to project",
                name,
                why=f"there is no wheel of it for {target.id}",
                fix=near_names(name, known) or "name a project of the lock",
            )
            for name in sorted(map(canonicalize_name, names))
            if name not in known
        ]
    )
