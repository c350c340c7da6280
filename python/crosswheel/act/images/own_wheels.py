"""Wheels of the user's own that go into an image beside those of the plan, after the same check."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.findings import check_error
from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.act.target_wheels import CheckedWheel, TargetWheels, name_of_wheel
from crosswheel.decide.planning.unmet_requirements import Requiring, unmet_requirements
from crosswheel.target.environments import marker_environment
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

__all__ = ["refuse_planned", "with_own_wheels"]

_FIX = "mend your project; where it has a wheel for each platform, make an image for each target with its own"


def with_own_wheels(wheels: TargetWheels, paths: Sequence[Path]) -> TargetWheels:
    """Return the wheels of a target with more of them.

    Args:
        wheels: the wheels.
        paths: more wheels, for any platform or for the target's; what they require and do not find is in `unmet`.

    Raises:
        CheckError: one does not fit the target; all that do not are collected.
        InputError: one cannot be read, or there is a wheel of its project already.
    """
    found = {wheel.name: wheel for wheel in wheels.wheels}
    requirements: dict[str, tuple[str, ...]] = {}
    faults: list[CrosswheelError] = []
    for path in paths:
        try:
            report = check_wheel(path, wheels.target)
        except InputError as fault:
            faults.append(fault)
            continue
        if report.refused:
            faults.append(check_error(report, fix=_FIX, accepts=False))
            continue
        wheel = CheckedWheel(path=path, sha256=digest_of_file(path))
        other = found.setdefault(wheel.name, wheel)
        if other is not wheel:
            faults.append(_twice(path, f"{other.path.name} is in it already"))
        requirements[wheel.name] = report.requirements
    raise_faults(faults)
    all_wheels = tuple(found[name] for name in sorted(found))
    requiring = [
        Requiring(name=one.name, version=one.version, requirements=requirements.get(one.name, ()))
        for one in all_wheels
    ]
    unmet = unmet_requirements(requiring, marker_environment(wheels.target))
    return replace(wheels, wheels=all_wheels, unmet=unmet)


def refuse_planned(paths: Sequence[Path], projects: Collection[str]) -> None:
    """Refuse wheels of projects that a plan has a wheel of, before that is there.

    Args:
        paths: the wheels.
        projects: normalized names of the plan's projects.

    Raises:
        InputError: there is such a wheel; all are collected.
    """
    raise_faults(
        [
            _twice(path, f"a wheel of {name_of_wheel(path)} is in the plan already")
            for path in paths
            if name_of_wheel(path) in projects
        ]
    )


def _twice(path: Path, why: str) -> InputError:
    return InputError("put into an image wheel", path.name, why=why, fix="leave one of them out")
