"""The local executor: reads a plan, fetches, builds, checks, and writes one wheel repository per target.

Decides nothing about which file a package becomes; the plan has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from crosswheel.act.fetching.fetch import fetch_artifacts, refuse_other_sizes
from crosswheel.act.files_at_odds import files_at_odds
from crosswheel.act.ordered_work import work_in_order
from crosswheel.act.planned_build import PlannedBuildRun
from crosswheel.act.prebuilt import checked_prebuilt
from crosswheel.act.ready_wheel import ReadyWheel
from crosswheel.act.services import Services
from crosswheel.act.told_unmet import tell_unmet
from crosswheel.act.worker_pool import worker_pool
from crosswheel.decide.plans.plan import Artifact, Plan, PlannedBuild, PlannedTarget
from crosswheel.decide.plans.required_builds import builds_needed
from crosswheel.values.digests import Digest
from crosswheel.values.errors import BuildError, CrosswheelError, InputError, raise_faults

__all__ = ["ensure_builds", "ensure_wheels"]

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
    roots = [wheel.build for planned in targets for wheel in planned.wheels if wheel.build is not None]
    runs = _runs(plan, roots, base, services)
    refuse_other_sizes(services.store, _unique(_read_before(runs)))
    files = fetch_artifacts(
        services.store,
        _unique([*_prebuilt_artifacts(plan, targets), *_needed(runs)]),
        base=base,
        settings=services.settings,
        reporter=services.reporter,
    )
    by_build, build_faults = _built(runs, files, services)
    checked, check_faults = _each(
        [(planned, wheel) for planned in targets for wheel in planned.wheels if wheel.artifact is not None],
        lambda pair: checked_prebuilt(plan, pair[0], pair[1], files, services.store, services.reporter),
        services.jobs,
    )
    raise_faults([*build_faults, *check_faults])
    if len(targets) == len(plan.targets):  # only all targets together tell that an accept is idle
        raise_faults(_idle_accepts(plan, [*by_build.values(), *checked]))
    by_wheel = {(ready.target, ready.name): ready for ready in checked}
    ready = {
        planned.target.id: tuple(
            by_build[wheel.build] if wheel.build is not None else by_wheel[planned.target.id, wheel.name]
            for wheel in planned.wheels
        )
        for planned in targets
    }
    for planned in targets:
        tell_unmet(planned.target, ready[planned.target.id], services.reporter)
        for sentence in files_at_odds(planned.target, ready[planned.target.id], services.store):
            services.reporter.warned(f"{planned.target.id}: {sentence}")
    return ready


def _idle_accepts(plan: Plan, wheels: Sequence[ReadyWheel]) -> list[CrosswheelError]:
    """Return a fault for each accepted finding that no wheel of its package has on any target."""
    given: dict[tuple[str, str], bool] = {}
    for wheel in wheels:
        for accept in _accepts_to_be_used(plan, wheel):
            used = accept not in wheel.outcome.unused_accepts
            given[wheel.name, accept] = given.get((wheel.name, accept), False) or used
    return [
        InputError(
            f"accept finding '{accept}' for",
            name,
            why="none of its wheels has such a finding",
            fix=f"remove it from the configuration, or if wheels for other targets have it, say it of these: packages.{name}.targets",
        )
        for (name, accept), used in sorted(given.items())
        if not used
    ]


def _accepts_to_be_used(plan: Plan, wheel: ReadyWheel) -> tuple[str, ...]:
    if wheel.build is None:
        return plan.accept.get(wheel.name, ())
    build = plan.builds[wheel.build]
    return tuple(accept for accept in build.accept if accept not in build.known)


def ensure_builds(
    plan: Plan, ids: Iterable[str], *, base: Path, services: Services
) -> Mapping[str, ReadyWheel]:
    """Return the checked wheels of the builds `ids`, building what the store does not have, and what that needs.

    Args:
        plan: the plan.
        ids: the builds.
        base: folder that the plan's relative paths start from.
        services: what to work with.

    Raises:
        CrosswheelError: as `ensure_wheels`.
    """
    ids = tuple(ids)
    runs = _runs(plan, ids, base, services)
    refuse_other_sizes(services.store, _unique(_read_before(runs)))
    files = fetch_artifacts(
        services.store,
        _unique(_needed(runs)),
        base=base,
        settings=services.settings,
        reporter=services.reporter,
    )
    built, faults = _built(runs, files, services)
    raise_faults(faults)
    return {id_: built[id_] for id_ in ids}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """A build's run; what it needs built first, which is nothing once it is done."""

    run: PlannedBuildRun
    done: bool
    needs: tuple[str, ...]


def _runs(plan: Plan, roots: Iterable[str], base: Path, services: Services) -> Mapping[str, _Run]:
    """Return a run for each build of `roots` and each that one still to be done needs, needed ones first."""
    runs: dict[str, _Run] = {}

    def needs(build: PlannedBuild) -> tuple[str, ...]:
        run = PlannedBuildRun(
            build=build,
            plan=plan,
            base=base,
            services=services,
        )
        done = run.done() is not None
        runs[build.id] = _Run(run=run, done=done, needs=() if done else run.builds_needed())
        return runs[build.id].needs

    return {id_: runs[id_] for id_ in builds_needed(plan, roots, needs=needs)}


def _needed(runs: Mapping[str, _Run]) -> list[Artifact]:
    return [artifact for one in runs.values() if not one.done for artifact in one.run.needed()]


def _read_before(runs: Mapping[str, _Run]) -> list[Artifact]:
    """Return what builds have read that are done: nothing fetches it, but what is locked of it must be true."""
    return [artifact for one in runs.values() if one.done for artifact in one.run.needed()]


def _built(
    runs: Mapping[str, _Run], files: Mapping[Digest, Path], services: Services
) -> tuple[Mapping[str, ReadyWheel], list[CrosswheelError]]:
    """Return the wheels of all runs by id of the build, and a fault for each that there is none of."""
    # Chosen before the first build: it is refused now, not after the last of a long list.
    sandbox = None if all(one.done for one in runs.values()) else services.sandbox()
    cached = sum(one.done for one in runs.values())
    services.reporter.expected("build", len(runs) - cached, cached)
    results = work_in_order(
        {id_: one.needs for id_, one in runs.items()},
        lambda id_, built: runs[id_].run.ready(files, built),
        jobs=services.jobs,
        stop=None if sandbox is None else sandbox.stop,
    )
    faults = [*results.failed.values(), *(_not_begun(*pair) for pair in results.left_out.items())]
    return results.finished, faults


def _not_begun(id_: str, failed: str) -> BuildError:
    return BuildError(
        "build",
        id_,
        why=f"it needs the wheel of {failed}, which could not be built",
        fix="mend that one first",
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
    with worker_pool(jobs) as pool:
        for future in [pool.submit(work, task) for task in tasks]:
            try:
                results.append(future.result())
            except CrosswheelError as fault:
                faults.append(fault)
    return results, faults
