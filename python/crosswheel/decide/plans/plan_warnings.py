"""What a plan will lead to that is seldom meant, in sentences: it can be carried out, and its user should know."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from packaging.utils import parse_wheel_filename
from packaging.version import Version

from .plan import Plan, PlannedBuild, PlannedTarget

__all__ = ["plan_warnings"]

#: The release of a project since which modules that were compiled with an older one do not load.
#: numpy: https://numpy.org/doc/stable/dev/depending_on_numpy.html#numpy-2-abi-handling
_BREAKS = MappingProxyType({"numpy": Version("2")})


def plan_warnings(plan: Plan) -> list[str]:
    """Return a sentence for each target without wheels, and for each build that will not load beside the others."""
    return [sentence for planned in plan.targets for sentence in _of_target(plan, planned)]


def _of_target(plan: Plan, planned: PlannedTarget) -> Iterator[str]:
    if not planned.wheels:
        yield f"{planned.target.id}: no package of the lock is for this target, its wheel repository will be empty"
    held = {wheel.name: Version(wheel.version) for wheel in planned.wheels if wheel.name in _BREAKS}
    for wheel in planned.wheels if held else ():
        if wheel.build is None:
            continue
        for project, version in sorted(_required(plan, plan.builds[wheel.build]).items()):
            since = _BREAKS[project]
            if project in held and version < since <= held[project]:
                yield (
                    f"{planned.target.id}: {wheel.name} {wheel.version} will be compiled with {project} {version}, as its sdist asks, "
                    f"and does not load with the {project} {held[project]} of the lock: lock {project} below {since}, or another "
                    f"release of {wheel.name}"
                )


def _required(plan: Plan, build: PlannedBuild) -> dict[str, Version]:
    """Return the versions of the build requirements that `_BREAKS` is about."""
    required = [
        plan.artifacts[digest]
        for environment in build.environments.values()
        for digest in environment.requirements
    ]
    return {
        wheel.project: parse_wheel_filename(wheel.filename)[1]
        for wheel in required
        if wheel.project is not None and wheel.project in _BREAKS
    }
