"""All wheels of one target, from given files: what the steps ``repository``, ``tree``, ``layer`` and ``image`` begin with."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from crosswheel.act.prebuilt import checked_prebuilt
from crosswheel.act.ready_wheel import ReadyWheel
from crosswheel.act.services import Services
from crosswheel.act.steps.given_files import GivenFiles, given_files
from crosswheel.act.steps.wheel_folders import WHEEL_FACTS, read_wheel_folder
from crosswheel.decide.plans.plan import Plan, PlannedTarget, PlannedWheel
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

__all__ = ["given_wheels"]


def given_wheels(
    plan: Plan, planned: PlannedTarget, *, given: Iterable[Path], scratch: Path, services: Services
) -> tuple[ReadyWheel, ...]:
    """Return the wheels of a target, sorted by name; every prebuilt one is checked here and now.

    Args:
        plan: the plan.
        planned: which of its targets.
        given: prebuilt wheels under any name, and what the step ``build`` left; others do no harm.
        scratch: an empty folder that lives as long as the wheels are used.
        services: what to work with; nothing is fetched or built.

    Raises:
        InputError: a wheel was not given.
        CheckError: a prebuilt wheel does not fit.
    """
    given = tuple(given)
    folders = [path for path in given if (path / WHEEL_FACTS).is_file()]
    built = {wheel.build: wheel for wheel in map(read_wheel_folder, folders)}
    files = given_files(path for path in given if path not in folders)
    faults: list[CrosswheelError] = []
    ready: list[ReadyWheel] = []
    for wheel in planned.wheels:
        try:
            if wheel.build is None:
                ready.append(_prebuilt(plan, planned, wheel, files, scratch, services))
            elif wheel.build in built:
                ready.append(built[wheel.build])
            else:
                faults.append(_missing(wheel.build))
        except CrosswheelError as fault:
            faults.append(fault)
    raise_faults(faults)
    return tuple(ready)


def _prebuilt(
    plan: Plan,
    planned: PlannedTarget,
    wheel: PlannedWheel,
    files: GivenFiles,
    scratch: Path,
    services: Services,
) -> ReadyWheel:
    assert wheel.artifact is not None, "a planned wheel is prebuilt or built"
    found = files.named([plan.artifacts[wheel.artifact]], scratch)
    return checked_prebuilt(plan, planned, wheel, found, services.store, services.reporter)


def _missing(build: str) -> InputError:
    return InputError(
        "find the wheel of",
        build,
        why="it was not given",
        fix="give the folder that `crosswheel step build` wrote for it",
    )
