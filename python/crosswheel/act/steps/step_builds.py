"""The step ``build``: one build of a plan, from given files to a checked wheel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from crosswheel.act.planned_build import PlannedBuildRun
from crosswheel.act.ready_wheel import ReadyWheel
from crosswheel.act.services import Services
from crosswheel.act.steps.given_files import given_files
from crosswheel.act.steps.given_toolchain import with_toolchain
from crosswheel.act.steps.own_libraries import with_own_libraries
from crosswheel.act.steps.own_source import unnamed_programs, with_own_source
from crosswheel.act.steps.wheel_folders import read_wheel_folder, write_wheel_folder
from crosswheel.decide.documents.nearest_name import did_you_mean
from crosswheel.decide.plans.plan import Plan
from crosswheel.decide.plans.toolchain_pin import ToolchainPin
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
    source: Mapping[str, Path] | None = None,
    programs: Mapping[str, Path] | None = None,
    libraries: Iterable[tuple[str, Path]] = (),
    toolchain: ToolchainPin | None = None,
    plan_anew: str | None = None,
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
        source: files of the project, by their path in its folder, to build in place of the plan's sdist.
        programs: the same for those that can be executed.
        libraries: what to link in place of the plan's libraries, as of `with_own_libraries`.
        toolchain: what compiles in place of the plan's toolchain, as of `take_toolchain`.
        plan_anew: how the plan is made anew, for messages; ``None`` leaves it general.

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
    if toolchain is not None:
        plan = with_toolchain(plan, plan.builds[id_].target, toolchain)
    with services.store.scratch() as scratch, services.store.scratch() as links:
        if source or programs:
            plan, sdist = with_own_source(
                plan, id_, source or {}, programs or {}, folder=scratch, plan_anew=plan_anew
            )
            files = [sdist, *files]
            _tell_programs(source or {}, services)
        if libraries:
            plan, archives = with_own_libraries(plan, id_, libraries, folder=scratch)
            files = [*archives, *files]
        run = PlannedBuildRun(build=plan.builds[id_], plan=plan, base=base, services=services)
        needed = _needed(run, wheels)
        ready = run.ready(given_files(files).named(run.needed(), links), needed)
        write_wheel_folder(output, ready)
    return ready


def _tell_programs(source: Mapping[str, Path], services: Services) -> None:
    for path in unnamed_programs(source):
        services.reporter.warned(
            f"{path} can be executed where it lies, and not in the wheel: name it in `programs`, not in `sources`"
        )


def _needed(run: PlannedBuildRun, wheels: Iterable[Path]) -> dict[str, ReadyWheel]:
    given = {wheel.build: wheel for wheel in map(read_wheel_folder, wheels)}
    needed = {}
    for other in run.builds_needed():
        if other not in given:
            raise InputError(
                "build",
                run.build.id,
                why=f"it needs the wheel of {other}, which was not given",
                fix="give the folder that `crosswheel step build` wrote for it with --wheel",
            )
        needed[other] = given[other]
    return needed
