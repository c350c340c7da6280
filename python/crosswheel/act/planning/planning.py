"""Making a plan: reads the lock, selects, locks build requirements, pins headers, and puts it all together."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.fetching.fetch import refuse_other_sizes
from crosswheel.act.fetching.index_configuration import read_resolver_indexes
from crosswheel.act.planning.accepted_findings import unknown_accepts
from crosswheel.act.planning.backend_questions import BackendQuestions
from crosswheel.act.planning.build_obstacles import build_fault
from crosswheel.act.planning.lock_reading import LockRequest, ReadLock, read_lock, rebased
from crosswheel.act.planning.own_declarations import with_declarations
from crosswheel.act.planning.own_projects import packed_path, packed_projects, project_names, with_projects
from crosswheel.act.planning.plan_inputs import (
    PlanRequest,
    configuration_folder,
    input_digests,
    quirks_digest,
    read_policy,
)
from crosswheel.act.planning.project_folders import FolderSdist
from crosswheel.act.planning.uv_program import UvProgram
from crosswheel.decide.planning.planner import RequiredBuild, ResolvedBuild, TargetChoice, assemble_plan
from crosswheel.decide.plans.plan import Artifact, Plan, Sysroot
from crosswheel.decide.plans.plan_warnings import plan_warnings
from crosswheel.decide.selection.selection import Selection, select
from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest
from crosswheel.values.errors import CrosswheelError, raise_faults

if TYPE_CHECKING:
    from crosswheel.act.fetching.fetch_settings import FetchSettings
    from crosswheel.act.planning.build_resolution import BuildResolution
    from crosswheel.act.planning.build_subjects import BuildSubject, BuildSubjects
    from crosswheel.act.planning.cargo_locking import LockRequest as CargoLockRequest
    from crosswheel.act.planning.rust_inputs import RustInputs
    from crosswheel.act.planning.sysroot_choice import SysrootChooser
    from crosswheel.act.planning.target_views import TargetViews
    from crosswheel.act.ready_wheel import ReadyWheel
    from crosswheel.act.services import Services
    from crosswheel.act.storage.store import Store
    from crosswheel.decide.configuration.policy_model import Policy

__all__ = [
    "PlanRequest",
    "PlanResult",
    "SelectedTargets",
    "make_plan",
    "read_request_lock",
    "select_for_targets",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanResult:
    """A plan and what goes with it.

    Attributes:
        plan: the plan.
        warnings: facts the plan hangs on that a target leaves open, and the like; sentences.
        files: files to be written beside the plan, by path relative to its folder.
    """

    plan: Plan
    warnings: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectedTargets:
    """A lock, read, and what its packages become on each target.

    Attributes:
        read: the lock; its paths are relative to the plan's folder.
        selections: one per target, in the order asked for.
    """

    read: ReadLock
    selections: tuple[Selection, ...]


def read_request_lock(
    request: PlanRequest, packed: Mapping[Path, FolderSdist], *, store: Store, settings: FetchSettings
) -> tuple[ReadLock, UvProgram]:
    """Return the lock of a request, with paths relative to the plan's folder, and the uv that served it.

    Args:
        request: what is planned.
        packed: the sdists of its projects' folders, see `packed_projects`.
        store: keeps these, and what uv answered.
        settings: how files are fetched.
    """
    folder = request.lock.parent
    uv = UvProgram(indexes=read_resolver_indexes(working_directory=folder.absolute()), settings=settings)
    read = read_lock(
        LockRequest(
            path=request.lock,
            extras=request.extras,
            all_extras=request.all_extras,
            groups=request.groups,
            pythons=tuple(target.python for target in request.targets),
            projects=project_names(request.projects, packed),
        ),
        uv=uv,
        store=store,
    )
    lock = rebased(read.lock, source=folder, destination=request.folder)
    for sdist in packed.values():
        store.add_bytes(sdist.data, sdist.filename)
    lock = with_projects(lock, request.projects, destination=request.folder, packed=packed)
    files = {packed_path(sdist): sdist.data for sdist in packed.values()}
    return replace(read, lock=lock, files=files), uv


def select_for_targets(request: PlanRequest, read: ReadLock, policy: Policy) -> SelectedTargets:
    """Choose a file for every package and target.

    Raises:
        CrosswheelError: packages no file fits, and flags and entries of the configuration about nothing; all collected.
    """
    releases = _releases(read)
    faults = [*unknown_accepts(policy), *policy.unmatched_flags({name for name, _ in releases})]
    selections: list[Selection] = []
    for target in request.targets:
        select_here = partial(
            select,
            read.lock,
            target,
            preferences=policy.preferences(releases, target),
            extras=read.extras,
            groups=read.groups,
        )
        try:
            selection = select_here()
            if any(package.sdist is not None for package in selection.packages):
                obstacle = build_fault(
                    target, descriptions=request.descriptions, toolchains=policy.toolchains
                )
                selection = selection if obstacle is None else select_here(obstacle=obstacle)
            selections.append(selection)
        except CrosswheelError as error:
            faults.append(error)
    if faults:
        raise_faults([*policy.unmatched(releases, request.targets, required=None), *faults])
    return SelectedTargets(read=read, selections=tuple(selections))


def _releases(read: ReadLock) -> frozenset[tuple[str, str]]:
    return frozenset((package.name, package.version) for package in read.lock.packages)


def make_plan(request: PlanRequest, *, services: Services) -> PlanResult:
    """Make a plan.

    Args:
        request: what to plan.
        services: what to work with; the sandbox is called only when a backend must be asked for its requirements.

    Raises:
        CrosswheelError: an input is wrong, no file fits, a size was locked wrong, or build requirements cannot be locked.
    """
    policy = read_policy(request)
    packed = packed_projects(request.projects, request.pending)
    inputs = input_digests(request, policy, packed)
    read, uv = read_request_lock(request, packed, store=services.store, settings=services.settings)
    selected = select_for_targets(request, read, policy)
    warnings = [warning for selection in selected.selections for warning in selection.warnings]
    if any(package.sdist for selection in selected.selections for package in selection.packages):
        made = _plan_with_builds(request, policy, inputs, selected, uv, services)
    else:
        raise_faults(policy.unmatched(_releases(read), request.targets))
        choices = [TargetChoice(selection=selection) for selection in selected.selections]
        made = PlanResult(plan=assemble_plan(choices, policy=policy, inputs=inputs))
    told = dict.fromkeys([*read.lock.notes, *warnings, *made.warnings, *plan_warnings(made.plan)])
    plan = with_declarations(made.plan, request.projects, packed)
    plan = replace(plan, inputs={**inputs, **quirks_digest(plan)})
    # What is known of a file is not fetched again, so nothing else compares its size.
    refuse_other_sizes(services.store, plan.artifacts.values())
    return replace(made, plan=plan, warnings=tuple(told), files={**made.files, **read.files})


def _plan_with_builds(
    request: PlanRequest,
    policy: Policy,
    inputs: Mapping[str, Digest],
    selected: SelectedTargets,
    uv: UvProgram,
    services: Services,
) -> PlanResult:
    """Return a plan in which something is built, the files to be written beside it, and warnings about its toolchains."""
    from crosswheel.act.planning.build_subjects import BuildSubjects

    views = _views(request, policy, services)
    subjects = BuildSubjects(
        request=request,
        policy=policy,
        selections=selected.selections,
        packed=frozenset(selected.read.files),
    )
    sysroots, rust = _sysroots(request, policy, services), _rust_inputs(request, policy, services)
    planner = _BuildPlanner(
        views=views,
        subjects=subjects,
        resolution=_resolution(request, sysroots, rust, uv, services, views, subjects),
    )
    releases = _releases(selected.read)
    try:
        choices = planner.choices(selected.selections)
    except CrosswheelError as error:
        raise_faults([*policy.unmatched(releases, request.targets, required=None), error])
        raise
    required = _required_builds(build for choice in choices for build in choice.builds.values()).values()
    raise_faults(
        policy.unmatched(
            releases,
            list(dict.fromkeys([*request.targets, *(one.target for one in required)])),
            required=[(one.package.name, one.package.version) for one in required],
        )
    )
    plan = assemble_plan(
        choices,
        policy=policy,
        inputs=inputs,
        build_platforms=[views.choice(one.target) for one in required],
    )
    files = {**views.files, **sysroots.files, **rust.files}
    return PlanResult(plan=plan, warnings=tuple(views.toolchains.warnings), files=files)


def _views(request: PlanRequest, policy: Policy, services: Services) -> TargetViews:
    from crosswheel.act.planning.own_toolchains import OwnToolchains
    from crosswheel.act.planning.target_views import TargetViews

    return TargetViews(
        request=request,
        policy=policy,
        store=services.store,
        toolchains=OwnToolchains(
            entries=policy.toolchains,
            configuration_folder=configuration_folder(request),
            folder=request.folder,
            build_platforms=request.build_platforms,
            store=services.store,
            sandbox=services.sandbox,
            reporter=services.reporter,
        ),
        settings=services.settings,
        reporter=services.reporter,
    )


def _resolution(
    request: PlanRequest,
    sysroots: SysrootChooser,
    rust: RustInputs,
    uv: UvProgram,
    services: Services,
    views: TargetViews,
    subjects: BuildSubjects,
) -> BuildResolution:
    from crosswheel.act.machine_platform import build_machine_platform
    from crosswheel.act.planning.build_resolution import BuildResolution
    from crosswheel.act.planning.required_resolution import RequiredBuildSeams
    from crosswheel.act.planning.toolchain_wheel import ToolchainWheels
    from crosswheel.act.planning.uv_resolver import UvResolver

    store, reporter = services.store, services.reporter
    previous = None if request.upgrade else request.previous

    def known(digest: Digest) -> Artifact | None:
        return None if previous is None else previous.artifacts.get(digest)

    questions = BackendQuestions(services=services)

    def build(plan: Plan, id_: str) -> ReadyWheel:
        # Loaded when something is built, which is seldom: mostly all is known already.
        from crosswheel.act.executor import ensure_builds

        return ensure_builds(plan, [id_], base=request.folder, services=services)[id_]

    return BuildResolution(
        resolver=UvResolver(uv=uv, store=store, exclude_newer=request.exclude_newer, upgrade=request.upgrade),
        toolchain=ToolchainWheels(uv=uv, store=store, known=known),
        rust=rust,
        store=store,
        ask=questions.ask,
        stop=questions.stop,
        settings=services.settings,
        reporter=reporter,
        folder=request.folder,
        build_platforms=request.build_platforms,
        machine=build_machine_platform(),
        sysroots=sysroots,
        views=views.view,
        required=RequiredBuildSeams(subject=subjects.required, platform=views.choice, build=build),
        previous=previous,
        exclude_newer=request.exclude_newer,
    )


def _rust_inputs(request: PlanRequest, policy: Policy, services: Services) -> RustInputs:
    from crosswheel.act.machine_platform import build_machine_platform
    from crosswheel.act.planning.rust_inputs import RustInputs
    from crosswheel.act.planning.rust_toolchain import RustToolchains

    store, settings, reporter = services.store, services.settings, services.reporter

    # What locks and fetches is loaded when that is done, which is seldom: mostly all is known already.
    def lock(wanted: CargoLockRequest) -> Mapping[str, str]:
        from crosswheel.act.planning.cargo_locking import generate_lock

        return generate_lock(wanted, store=store, sandbox=services.sandbox(), settings=settings)

    def fetch(artifacts: Sequence[Artifact]) -> Mapping[Digest, Path]:
        from crosswheel.act.fetching.fetch import fetch_artifacts

        return fetch_artifacts(store, artifacts, base=request.folder, settings=settings, reporter=reporter)

    return RustInputs(
        toolchains=RustToolchains(
            source=policy.rust,
            base=configuration_folder(request),
            folder=request.folder,
            store=store,
            settings=settings,
            reporter=reporter,
        ),
        machine=build_machine_platform(),
        lock=lock,
        fetch=fetch,
        upgrade=request.upgrade,
    )


def _sysroots(request: PlanRequest, policy: Policy, services: Services) -> SysrootChooser:
    from crosswheel.act.planning.debian_archive import DebianArchive
    from crosswheel.act.planning.sysroot_choice import SysrootChooser

    def known() -> tuple[Sysroot, ...]:
        previous = None if request.upgrade else request.previous
        builds = () if previous is None else tuple(previous.builds.values())
        return tuple(build.sysroot for build in builds if build.sysroot is not None)

    return SysrootChooser(
        known=known,
        archive=DebianArchive(source=policy.sysroot, settings=services.settings, reporter=services.reporter),
        store=services.store,
        folder=request.folder,
        configuration_folder=configuration_folder(request),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _BuildPlanner:
    """Plans the builds of all targets."""

    views: TargetViews
    subjects: BuildSubjects
    resolution: BuildResolution

    def choices(self, selections: Sequence[Selection]) -> tuple[TargetChoice, ...]:
        """Return one choice per selection, resolving several builds at a time."""
        from crosswheel.act.worker_pool import worker_pool

        subjects = [self.subjects.of_selection(selection) for selection in selections]
        faults: list[CrosswheelError] = []
        for selection, ours in zip(selections, subjects, strict=True):
            try:
                _ = self.views.view(selection.target) if ours else None
            except CrosswheelError as error:
                faults.append(error)
        raise_faults(faults)
        resolved: dict[str, ResolvedBuild] = {}
        with worker_pool(os.cpu_count() or 1, stop=self.resolution.stop) as pool:
            pending = [
                (subject.id, pool.submit(self.resolution.resolve, subject))
                for ours in subjects
                for subject in ours
            ]
            for id_, future in pending:
                try:
                    resolved[id_] = future.result()
                except CrosswheelError as error:
                    faults.append(error)
        raise_faults(faults)
        needed = _targets_of(resolved.values())
        return tuple(
            self._choice(selection, ours, resolved, needed)
            for selection, ours in zip(selections, subjects, strict=True)
        )

    def _choice(
        self,
        selection: Selection,
        subjects: Sequence[BuildSubject],
        resolved: Mapping[str, ResolvedBuild],
        needed: Collection[Target],
    ) -> TargetChoice:
        if not subjects and selection.target not in needed:
            return TargetChoice(selection=selection)
        return replace(
            self.views.choice(selection.target),
            selection=selection,
            builds={subject.package.name: resolved[subject.id] for subject in subjects},
            patches={
                subject.package.name: tuple(patch for _, patch in subject.patches) for subject in subjects
            },
        )


def _required_builds(builds: Iterable[ResolvedBuild]) -> Mapping[str, RequiredBuild]:
    """Return every build that `builds` need, directly or not, by id."""
    found: dict[str, RequiredBuild] = {}
    pending = [one for build in builds for one in build.required]
    while pending:
        one = pending.pop()
        if one.id not in found:
            found[one.id] = one
            pending += one.resolved.required
    return found


def _targets_of(builds: Iterable[ResolvedBuild]) -> set[Target]:
    return {one.target for one in _required_builds(builds).values()}
