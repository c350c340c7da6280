"""The step ``build``: one build of a plan, from given files to a checked wheel."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from crosswheel.act.planned_build import PlannedBuildRun
from crosswheel.act.ready_wheel import ReadyWheel
from crosswheel.act.services import Services
from crosswheel.act.steps.given_files import given_files
from crosswheel.act.steps.wheel_folders import read_wheel_folder, write_wheel_folder
from crosswheel.decide.nearest_name import did_you_mean
from crosswheel.decide.plan import Plan
from crosswheel.values.errors import InputError

__all__ = ["build_step"]


def build_step(
    plan: Plan,
    id_: str,
    *,
    base: Path,
    files: Iterable[Path],
    wheels: Iterable[Path],
    output: Path,
    services: Services,
) -> ReadyWheel:
    """Build and check one wheel of a plan and write it to the folder `output`.

    Args:
        plan: the plan.
        id_: the build.
        base: folder that the plan's relative paths start from.
        files: the artifacts it reads, under any name; others do no harm.
        wheels: what this step left for the builds that it needs.
        output: the folder for the wheel.
        services: what to work with; nothing is fetched.

    Raises:
        InputError: the plan has no such build, or a file or wheel that it needs was not given.
        CrosswheelError: as `PlannedBuildRun.ready`.
    """
    if id_ not in plan.builds:
        raise InputError(
            "build",
            id_,
            why="the plan has no such build",
            fix=did_you_mean(id_, plan.builds) or f"it has {', '.join(sorted(plan.builds)) or 'none'}",
        )
    build = plan.builds[id_]
    run = PlannedBuildRun(
        build=build,
        plan=plan,
        base=base,
        services=services,
    )
    given = {wheel.build: wheel for wheel in map(read_wheel_folder, wheels)}
    needed = {}
    for other in run.builds_needed():
        if other not in given:
            raise InputError(
                "build",
                id_,
                why=f"it needs the wheel of {other}, which was not given",
                fix="give the folder that `crosswheel step build` wrote for it with --wheel",
            )
        needed[other] = given[other]
    with services.store.scratch() as scratch:
        ready = run.ready(given_files(files).named(run.needed(), scratch), needed)
        write_wheel_folder(output, ready)
    return ready
