"""Making a plan: reads the lock, selects, locks build requirements, pins headers, and puts it all together."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.fetching.index_configuration import read_resolver_indexes
from crosswheel.act.planning.lock_reading import LockRequest, ReadLock, read_lock, rebased
from crosswheel.act.planning.plan_inputs import (
    PlanRequest,
    input_digests,
    quirks_digest,
    read_patch,
    read_policy,
)
from crosswheel.act.planning.uv_program import UvProgram
from crosswheel.decide.plan import Artifact, Patch, Plan
from crosswheel.decide.planner import ResolvedBuild, TargetChoice, artifact_of, assemble_plan
from crosswheel.decide.selection import Selection, select
from crosswheel.target.targets import Target
from crosswheel.target.triples import zig_triple
from crosswheel.values.canonical_json import canonical_json
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.errors import CrosswheelError, FaultsError, InputError, raise_faults

if TYPE_CHECKING:
    from crosswheel.act.building.build import BuildRequest
    from crosswheel.act.building.sandbox import Sandbox
    from crosswheel.act.fetching.fetch_settings import FetchSettings
    from crosswheel.act.planning.build_resolution import BuildResolution, BuildSubject, TargetView
    from crosswheel.act.planning.headers_choice import ChosenHeaders
    from crosswheel.act.planning.sysroot_choice import SysrootChooser
    from crosswheel.act.reporter import Reporter
    from crosswheel.act.storage.store import Store
    from crosswheel.decide.policy_model import Policy
    from crosswheel.target.descriptions import TargetDescription

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
    request: PlanRequest, *, store: Store, settings: FetchSettings
) -> tuple[ReadLock, UvProgram]:
    """Return the lock of a request, with paths relative to the plan's folder, and the uv that served it."""
    folder = request.lock.parent
    uv = UvProgram(indexes=read_resolver_indexes(working_directory=folder.absolute()), settings=settings)
    read = read_lock(
        LockRequest(
            path=request.lock,
            extras=request.extras,
            all_extras=request.all_extras,
            groups=request.groups,
            pythons=tuple(target.python for target in request.targets),
        ),
        uv=uv,
        store=store,
    )
    lock = rebased(read.lock, source=folder, destination=request.folder)
    return ReadLock(lock=lock, digest=read.digest, extras=read.extras, groups=read.groups), uv


def select_for_targets(request: PlanRequest, read: ReadLock, policy: Policy) -> SelectedTargets:
    """Choose a file for every package and target.

    Raises:
        CrosswheelError: packages no file fits, and entries of the configuration about nothing; all collected.
    """
    releases = {(package.name, package.version) for package in read.lock.packages}
    faults: list[CrosswheelError] = [*policy.unmatched(releases, request.targets), *_unknown_accepts(policy)]
    selections: list[Selection] = []
    for target in request.targets:
        try:
            selections.append(
                select(
                    read.lock,
                    target,
                    preferences=policy.preferences(releases, target),
                    extras=read.extras,
                    groups=read.groups,
                )
            )
        except CrosswheelError as error:
            faults += error.faults if isinstance(error, FaultsError) else [error]
    raise_faults(faults)
    return SelectedTargets(read=read, selections=tuple(selections))


def _unknown_accepts(policy: Policy) -> list[CrosswheelError]:
    """Return a fault for each entry that accepts a finding no check makes, before anything is built."""
    faults: list[CrosswheelError] = []
    for entry in policy.packages:
        codes = {code for one in (entry.policy, *entry.targets.values()) for code in one.accept}
        for code in sorted(codes):
            from crosswheel.act.check.findings import parse_accepts
            from crosswheel.decide.overlays import ACCEPT_CODE

            try:
                parse_accepts([code] if code != ACCEPT_CODE else [])
            except InputError as error:
                faults.append(error.within(policy.name, entry.place))
    return faults


def make_plan(
    request: PlanRequest,
    *,
    store: Store,
    sandbox: Callable[[], Sandbox],
    settings: FetchSettings,
    reporter: Reporter,
) -> PlanResult:
    """Make a plan.

    Args:
        request: what to plan.
        store: keeps sdists, build requirements and everything that was once asked of the network.
        sandbox: what backends run in while they are asked for their requirements; only then called.
        settings: how files are fetched.
        reporter: hears of the progress.

    Raises:
        CrosswheelError: an input is wrong, no file fits, or build requirements cannot be locked.
    """
    policy = read_policy(request)
    inputs = input_digests(request, policy)
    read, uv = read_request_lock(request, store=store, settings=settings)
    selected = select_for_targets(request, read, policy)
    warnings = [warning for selection in selected.selections for warning in selection.warnings]
    choices: tuple[TargetChoice, ...]
    files: dict[str, bytes] = {}
    if any(package.sdist for selection in selected.selections for package in selection.packages):
        sysroots = _sysroots(request, policy, store, settings, reporter)
        planner = _BuildPlanner(
            request=request,
            policy=policy,
            store=store,
            settings=settings,
            reporter=reporter,
            resolution=_resolution(request, policy, sysroots, uv, store, sandbox, settings, reporter),
        )
        choices = planner.choices(selected.selections)
        files |= planner.files | sysroots.files
    else:
        choices = tuple(TargetChoice(selection=selection) for selection in selected.selections)
    plan = assemble_plan(choices, policy=policy, inputs=inputs)
    plan = replace(plan, inputs={**inputs, **quirks_digest(plan)})
    return PlanResult(plan=plan, warnings=tuple(dict.fromkeys([*read.lock.notes, *warnings])), files=files)


def _resolution(
    request: PlanRequest,
    policy: Policy,
    sysroots: SysrootChooser,
    uv: UvProgram,
    store: Store,
    sandbox: Callable[[], Sandbox],
    settings: FetchSettings,
    reporter: Reporter,
) -> BuildResolution:
    from crosswheel.act.machine_platform import build_machine_platform
    from crosswheel.act.planning.build_resolution import BuildResolution
    from crosswheel.act.planning.rust_toolchain import RustToolchains
    from crosswheel.act.planning.toolchain_wheel import ToolchainWheels
    from crosswheel.act.planning.uv_resolver import UvResolver

    previous = None if request.upgrade else request.previous

    def known(digest: Digest) -> Artifact | None:
        return None if previous is None else previous.artifacts.get(digest)

    def ask(question: BuildRequest) -> tuple[str, ...]:
        from crosswheel.act.building.build import requires_for_build_wheel

        return requires_for_build_wheel(question, store=store, sandbox=sandbox(), reporter=reporter)

    return BuildResolution(
        resolver=UvResolver(uv=uv, store=store, exclude_newer=request.exclude_newer, upgrade=request.upgrade),
        toolchain=ToolchainWheels(uv=uv, store=store, known=known),
        rust=RustToolchains(
            source=policy.rust,
            base=request.configuration.parent if request.configuration else Path(),
            folder=request.folder,
            store=store,
            settings=settings,
            reporter=reporter,
        ),
        store=store,
        ask=ask,
        settings=settings,
        reporter=reporter,
        folder=request.folder,
        build_platforms=request.build_platforms,
        machine=build_machine_platform(),
        sysroots=sysroots,
        previous=previous,
        exclude_newer=request.exclude_newer,
    )


def _sysroots(
    request: PlanRequest, policy: Policy, store: Store, settings: FetchSettings, reporter: Reporter
) -> SysrootChooser:
    from crosswheel.act.planning.debian_archive import DebianArchive
    from crosswheel.act.planning.sysroot_choice import SysrootChooser

    return SysrootChooser(
        archive=DebianArchive(source=policy.sysroot, settings=settings, reporter=reporter),
        store=store,
        folder=request.folder,
        configuration_folder=_configuration_folder(request),
    )


def _configuration_folder(request: PlanRequest) -> Path:
    return request.configuration.parent if request.configuration is not None else request.folder


@dataclass(frozen=True, kw_only=True, slots=True)
class _BuildPlanner:
    """Plans the builds of all targets."""

    request: PlanRequest
    policy: Policy
    store: Store
    settings: FetchSettings
    reporter: Reporter
    resolution: BuildResolution
    headers: dict[str, ChosenHeaders] = field(default_factory=dict)
    descriptions: dict[str, Artifact] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def choices(self, selections: Sequence[Selection]) -> tuple[TargetChoice, ...]:
        """Return one choice per selection, resolving several builds at a time."""
        from concurrent.futures import ThreadPoolExecutor

        subjects = [self._subjects(selection) for selection in selections]
        faults: list[CrosswheelError] = []
        views = [
            self._view(selection.target, faults) if ours else None
            for selection, ours in zip(selections, subjects, strict=True)
        ]
        raise_faults(faults)
        resolved: dict[str, ResolvedBuild] = {}
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            pending = [
                (subject.id, pool.submit(self.resolution.resolve, subject, view))
                for view, ours in zip(views, subjects, strict=True)
                if view is not None
                for subject in ours
            ]
            for id_, future in pending:
                try:
                    resolved[id_] = future.result()
                except CrosswheelError as error:
                    faults += error.faults if isinstance(error, FaultsError) else [error]
        raise_faults(list({str(fault): fault for fault in faults}.values()))
        return tuple(
            self._choice(selection, ours, view, resolved)
            for selection, ours, view in zip(selections, subjects, views, strict=True)
        )

    def _choice(
        self,
        selection: Selection,
        subjects: Sequence[BuildSubject],
        view: TargetView | None,
        resolved: Mapping[str, ResolvedBuild],
    ) -> TargetChoice:
        if view is None:
            return TargetChoice(selection=selection)
        headers = self.headers[selection.target.id]
        return TargetChoice(
            selection=selection,
            builds={subject.package.name: resolved[subject.id] for subject in subjects},
            patches={
                subject.package.name: tuple(patch for _, patch in subject.patches) for subject in subjects
            },
            description=view.description_digest,
            headers=headers.pin,
            artifacts=tuple(
                artifact
                for artifact in (headers.artifact, self.descriptions.get(selection.target.id))
                if artifact is not None
            ),
        )

    def _subjects(self, selection: Selection) -> tuple[BuildSubject, ...]:
        from crosswheel.act.planning.build_resolution import BuildSubject
        from crosswheel.act.planning.sysroot_choice import sysroot_inputs

        found = []
        for package in selection.packages:
            if package.sdist is not None:
                policy = self.policy.for_package(package.name, selection.target, version=package.version)
                found.append(
                    BuildSubject(
                        package=package,
                        sdist=artifact_of(package.sdist, package.name),
                        target=selection.target,
                        policy=policy,
                        patches=tuple(self._patch(path) for path in policy.patches),
                        sysroot_inputs=sysroot_inputs(
                            policy, self.policy.sysroot, _configuration_folder(self.request), selection.target
                        ),
                    )
                )
        return tuple(found)

    def _patch(self, text: str) -> tuple[Path, Patch]:
        configuration = self.request.configuration
        folder = configuration.parent if configuration else Path()
        path = folder / text
        digest = digest_of(read_patch(folder, text, place=(configuration.name,) if configuration else ()))
        relative = os.path.relpath(path.resolve(), self.request.folder.resolve()).replace(os.sep, "/")
        return path, Patch(path=relative, sha256=digest)

    def _configured_headers(self) -> tuple[str, ...]:
        """Return the configuration's source of headers; a path in it is relative to the configuration."""
        source, configuration = self.policy.headers, self.request.configuration
        if source is None or configuration is None:
            return ()
        beside = configuration.parent / source
        return (str(beside) if beside.exists() else source,)

    def _view(self, target: Target, faults: list[CrosswheelError]) -> TargetView | None:
        """Return how a backend sees the target; keep the fault if it cannot be shown."""
        from crosswheel.act.building.build_python import find_build_python
        from crosswheel.act.planning.build_resolution import TargetView
        from crosswheel.act.planning.headers_choice import HeadersChooser, headers_source_for
        from crosswheel.act.target_python.load_description import load_description

        chooser = HeadersChooser(
            store=self.store, settings=self.settings, reporter=self.reporter, folder=self.request.folder
        )
        try:
            zig_triple(target.platform)  # what the toolchain cannot compile for need not be asked for further
            description = load_description(target, extra=self.request.descriptions)
            build_python = find_build_python(target.python, explicit=self.request.build_python)
            source = headers_source_for(target, (*self._configured_headers(), *self.request.headers))
            headers = chooser.choose(target, source, description=description, build_python=build_python)
        except CrosswheelError as error:
            faults += error.faults if isinstance(error, FaultsError) else [error]
            return None
        self.headers[target.id] = headers
        self.files.update(headers.files)
        self._keep_description(description, target)
        return TargetView(
            description=description,
            description_digest=description.digest,
            headers=headers.pack,
            build_python=build_python,
        )

    def _keep_description(self, description: TargetDescription, target: Target) -> None:
        """Let the plan carry a description of the user's: whoever builds has only the shipped ones."""
        from crosswheel.act.target_python.load_description import load_description, shipped_descriptions

        if description.id in shipped_descriptions() and load_description(target).digest == description.digest:
            return
        data = canonical_json(description.to_json())
        relative = f"descriptions/{target.id}-{description.digest.hex[:12]}.json"
        self.descriptions[target.id] = Artifact(
            sha256=description.digest, filename=Path(relative).name, path=relative, size=len(data)
        )
        self.files[relative] = data
        self.store.add_bytes(data, Path(relative).name)
