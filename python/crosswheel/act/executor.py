"""The local executor: reads a plan, fetches, builds, checks, and writes one wheel repository per target.

Decides nothing about which file a package becomes; the plan has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.planned_build import PlannedBuildRun
from crosswheel.act.prebuilt import checked_prebuilt
from crosswheel.act.ready_wheel import ReadyWheel
from crosswheel.act.services import Services
from crosswheel.decide.plan import Artifact, Plan, PlannedBuild, PlannedTarget
from crosswheel.values.digests import Digest
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

__all__ = ["ensure_wheels"]

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def ensure_wheels(
    plan: Plan, *, base: Path, targets: Iterable[PlannedTarget], services: Services
) -> Mapping[str, tuple[ReadyWheel, ...]]:
    """Fetch or build, and check, every wheel of `targets`.

    What the store already holds is not done again. Every fault is collected before raising, so that one run
    shows all packages that do not build.

    Args:
        plan: the plan.
        base: folder that the plan's relative paths start from.
        targets: which of the plan's targets.
        services: what to work with.

    Returns:
        By target id, the wheels sorted by name.

    Raises:
        FetchError, BuildError, CheckError, BuildPythonError, SandboxError: as found, all together.
    """
    targets = tuple(targets)
    builds = {
        wheel.build: plan.builds[wheel.build]
        for planned in targets
        for wheel in planned.wheels
        if wheel.build is not None
    }
    runs = [_run_of(build, plan, targets, base, services) for build in builds.values()]
    pending = [run for run in runs if run.done() is None]
    wanted = [
        *_prebuilt_artifacts(plan, targets),
        *(item for run in pending for item in run.needed()),
    ]
    files = fetch_artifacts(
        services.store, _unique(wanted), base=base, settings=services.settings, reporter=services.reporter
    )
    if pending:
        services.sandbox()  # refuse before the first build, not after the last download of a long list
    built, build_faults = _each(runs, lambda run: run.ready(files), services.jobs)
    checked, check_faults = _each(
        [(planned, wheel) for planned in targets for wheel in planned.wheels if wheel.artifact is not None],
        lambda pair: checked_prebuilt(plan, pair[0], pair[1], files, services.store, services.reporter),
        services.jobs,
    )
    raise_faults([*build_faults, *check_faults])
    if len(targets) == len(plan.targets):  # only all targets together tell that an accept is idle
        raise_faults(_idle_accepts(plan, [*built, *checked]))
    by_build = {ready.build: ready for ready in built}
    by_wheel = {(ready.target, ready.name): ready for ready in checked}
    return {
        planned.target.id: tuple(
            by_build[wheel.build] if wheel.build is not None else by_wheel[planned.target.id, wheel.name]
            for wheel in planned.wheels
        )
        for planned in targets
    }


def _idle_accepts(plan: Plan, wheels: Sequence[ReadyWheel]) -> list[CrosswheelError]:
    """Return a fault for each accepted finding that no wheel of its package has on any target."""
    given: dict[tuple[str, str], bool] = {}
    for wheel in wheels:
        accepts = plan.accept.get(wheel.name, ()) if wheel.build is None else plan.builds[wheel.build].accept
        for accept in accepts:
            used = accept not in wheel.unused_accepts
            given[wheel.name, accept] = given.get((wheel.name, accept), False) or used
    return [
        InputError(
            f"accept finding '{accept}' for",
            name,
            why="none of its wheels has such a finding",
            fix="remove it from the configuration",
        )
        for (name, accept), used in sorted(given.items())
        if not used
    ]


def _run_of(
    build: PlannedBuild, plan: Plan, targets: Sequence[PlannedTarget], base: Path, services: Services
) -> PlannedBuildRun:
    planned = next(planned for planned in targets if planned.target == build.target)
    return PlannedBuildRun(
        build=build,
        planned_target=planned,
        plan=plan,
        base=base,
        store=services.store,
        sandbox=services.sandbox,
        reporter=services.reporter,
        build_python=services.build_python,
    )


def _prebuilt_artifacts(plan: Plan, targets: Sequence[PlannedTarget]) -> list[Artifact]:
    return [
        plan.artifacts[wheel.artifact]
        for planned in targets
        for wheel in planned.wheels
        if wheel.artifact is not None
    ]


def _unique(artifacts: Iterable[Artifact]) -> list[Artifact]:
    found: dict[Digest, Artifact] = {}
    for artifact in artifacts:
        found.setdefault(artifact.sha256, artifact)
    return list(found.values())


def _each(
    tasks: Sequence[_Task], work: Callable[[_Task], _Result], jobs: int
) -> tuple[list[_Result], list[CrosswheelError]]:
    """Run `work` on every task, `jobs` at a time; return the results and the faults, each in task order."""
    results: list[_Result] = []
    faults: list[CrosswheelError] = []
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        futures = [pool.submit(work, task) for task in tasks]
        try:
            for future in futures:
                try:
                    results.append(future.result())
                except CrosswheelError as fault:
                    faults.append(fault)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return results, faults
