"""How everything decided becomes one plan: pure assembly, no decision of its own.

What must be asked of the outside world (build requirements, headers, the toolchain) comes in as values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crosswheel.decide.configuration.downloads import Download, laid_over
from crosswheel.decide.configuration.policy_model import PackagePolicy, Policy
from crosswheel.decide.locks.locks import LockedFile
from crosswheel.decide.planning.overlays import ACCEPT_CODE
from crosswheel.decide.plans.plan import (
    Artifact,
    BuildEnvironment,
    CargoLock,
    HeadersPin,
    Overlay,
    Patch,
    Plan,
    PlannedBuild,
    PlannedDownload,
    PlannedTarget,
    PlannedWheel,
    Sysroot,
)
from crosswheel.decide.plans.toolchain_pin import ToolchainPin
from crosswheel.decide.selection.selection import SelectedPackage, Selection
from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest

__all__ = [
    "SOURCE_DATE_EPOCH",
    "RequiredBuild",
    "ResolvedBuild",
    "TargetChoice",
    "artifact_of",
    "assemble_plan",
    "build_id",
    "download_artifacts",
    "planned_downloads",
]

#: 1980-01-01T00:00:00Z: the earliest time a zip archive can hold, so that no tool has to clamp it.
SOURCE_DATE_EPOCH = 315_532_800


@dataclass(frozen=True, kw_only=True, slots=True)
class ResolvedBuild:
    """What was found out about one build, and the artifacts that takes.

    Attributes:
        inputs: digest of what the following was resolved from.
        backend: PEP 517 backend.
        backend_path: PEP 517 backend path.
        requires: requirements before resolution.
        environments: by build platform's target id.
        overlays: target files of build requirements.
        crates: what Cargo.lock pins.
        cargo_locks: those made for it.
        wraps: what its Meson wraps download, where the policy wants that.
        sysroot: the target's libraries, if any are needed.
        artifacts: everything `environments`, `overlays`, `crates`, `cargo_locks` and `sysroot` name.
        required: the builds that `environments` and `overlays` name.
    """

    inputs: Digest
    backend: str
    backend_path: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    environments: Mapping[str, BuildEnvironment] = field(default_factory=dict)
    overlays: tuple[Overlay, ...] = ()
    crates: tuple[Digest, ...] = ()
    cargo_locks: tuple[CargoLock, ...] = ()
    wraps: tuple[Download, ...] = ()
    sysroot: Sysroot | None = None
    artifacts: tuple[Artifact, ...] = ()
    required: tuple[RequiredBuild, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RequiredBuild:
    """A build that another one needs.

    Attributes:
        package: the build requirement; it has an sdist.
        target: what it is built for: a build platform, or the target whose headers are wanted.
        resolved: what was found out about it.
        policy: the policy for both.
        patches: relative to the plan's folder.
    """

    package: SelectedPackage
    target: Target
    resolved: ResolvedBuild
    policy: PackagePolicy
    patches: tuple[Patch, ...] = ()

    @property
    def id(self) -> str:
        """The build's id."""
        return build_id(self.package.name, self.package.version, self.target)

    @property
    def downloads(self) -> tuple[Download, ...]:
        """All that the build would download; what the policy names goes before what the project names."""
        return laid_over(self.resolved.wraps, self.policy.downloads)


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetChoice:
    """One target of the plan.

    Attributes:
        selection: its packages.
        builds: by package name, for every package with an sdist.
        patches: by package name, relative to the plan's folder.
        description: digest of the description, if anything is built.
        headers: if anything is built.
        toolchain: the user's own, if one compiles for the target.
        artifacts: files the builds read beside their own: a headers pack, a target description of the user's.
    """

    selection: Selection
    builds: Mapping[str, ResolvedBuild] = field(default_factory=dict)
    patches: Mapping[str, tuple[Patch, ...]] = field(default_factory=dict)
    description: Digest | None = None
    headers: HeadersPin | None = None
    toolchain: ToolchainPin | None = None
    artifacts: tuple[Artifact, ...] = ()


def build_id(name: str, version: str, target: Target) -> str:
    """Return the id of a build."""
    return f"{name}-{version}-{target.id}"


def artifact_of(file: LockedFile, project: str) -> Artifact:
    """Return the artifact a file of a lock is; its path must be relative to the plan's folder already."""
    return Artifact(
        sha256=file.sha256,
        filename=file.filename,
        project=project,
        url=file.url,
        path=file.path,
        size=file.size,
    )


def planned_downloads(downloads: Iterable[Download]) -> tuple[PlannedDownload, ...]:
    """Return the downloads of a build as its plan has them, sorted by name."""
    return tuple(
        PlannedDownload(artifact=one.sha256, filename=one.filename, fetch_content=one.fetch_content)
        for one in sorted(downloads, key=lambda one: one.filename)
    )


def download_artifacts(downloads: Iterable[Download]) -> tuple[Artifact, ...]:
    """Return the artifacts that downloads are."""
    return tuple(Artifact(sha256=one.sha256, filename=one.filename, url=one.url) for one in downloads)


def assemble_plan(
    choices: Sequence[TargetChoice],
    *,
    policy: Policy,
    inputs: Mapping[str, Digest],
    required: Iterable[RequiredBuild] = (),
    build_platforms: Iterable[TargetChoice] = (),
) -> Plan:
    """Return the plan of `choices`, one per target, the same in whatever order they come.

    Args:
        choices: the targets.
        policy: what the project decides about packages.
        inputs: digests of what the plan is made from.
        required: builds to hold besides those of `choices` and those these need.
        build_platforms: platforms that build requirements may be built for; kept where that is so.
    """
    artifacts: dict[Digest, Artifact] = {}
    builds: dict[str, PlannedBuild] = {}
    accept: dict[str, tuple[str, ...]] = {}
    for choice in choices:
        target = choice.selection.target
        for package in choice.selection.packages:
            named = policy.for_package(package.name, target, version=package.version)
            for artifact in _artifacts(package):
                _merge(artifacts, artifact)
            if package.sdist is not None:
                whole = RequiredBuild(
                    package=package,
                    target=target,
                    resolved=choice.builds[package.name],
                    policy=named,
                    patches=choice.patches.get(package.name, ()),
                )
                _add(whole, builds, artifacts)
            elif own := _own_accept(policy, package.name, target, package.version):
                accept[package.name] = tuple(sorted({*accept.get(package.name, ()), *own}))
        for artifact in choice.artifacts:
            _merge(artifacts, artifact)
    for one in required:
        _add(one, builds, artifacts)
    for build in builds.values():
        known = set(build.accept) - _own_accept(policy, build.name, build.target, build.version)
        builds[build.id] = replace(build, known=tuple(sorted(known)))
    platforms = _platforms_built_for(builds, choices, build_platforms)
    for artifact in (artifact for choice in platforms for artifact in choice.artifacts):
        _merge(artifacts, artifact)
    return Plan(
        inputs=inputs,
        source_date_epoch=SOURCE_DATE_EPOCH,
        artifacts=artifacts,
        builds=builds,
        targets=tuple(
            sorted((_planned_target(choice) for choice in choices), key=lambda planned: planned.target.id)
        ),
        accept=accept,
        build_platforms=tuple(_planned_target(choice) for choice in platforms),
    )


def _add(one: RequiredBuild, builds: dict[str, PlannedBuild], artifacts: dict[Digest, Artifact]) -> None:
    """Add a build and all that it needs; of one that is there twice, the one for more build platforms is kept."""
    known = builds.get(one.id)
    if known is not None and len(known.environments) >= len(one.resolved.environments):
        return
    builds[one.id] = _planned_build(one)
    for artifact in (
        *_artifacts(one.package),
        *one.resolved.artifacts,
        *download_artifacts(one.downloads),
    ):
        _merge(artifacts, artifact)
    for other in one.resolved.required:
        _add(other, builds, artifacts)


def _platforms_built_for(
    builds: Mapping[str, PlannedBuild],
    choices: Sequence[TargetChoice],
    build_platforms: Iterable[TargetChoice],
) -> list[TargetChoice]:
    """Return those of `build_platforms` that something is built for and that are no targets of the plan, by id."""
    wanted = {build.target.id for build in builds.values()} - {
        choice.selection.target.id for choice in choices
    }
    by_id = {choice.selection.target.id: choice for choice in build_platforms}
    return [by_id[id_] for id_ in sorted(wanted)]


def _merge(artifacts: dict[Digest, Artifact], artifact: Artifact) -> None:
    """Keep one artifact per digest, whichever order they come in: one on an index, then one with a size."""

    def worth(one: Artifact) -> tuple[bool, bool, str, str]:
        return one.url is None, one.size is None, one.url or one.path or "", one.filename

    known = artifacts.get(artifact.sha256)
    artifacts[artifact.sha256] = artifact if known is None else min(known, artifact, key=worth)


def _artifacts(package: SelectedPackage) -> Iterable[Artifact]:
    for file in (package.wheel, package.sdist, package.oracle):
        if file is not None:
            yield artifact_of(file, package.name)


def _planned_target(choice: TargetChoice) -> PlannedTarget:
    target = choice.selection.target
    return PlannedTarget(
        target=target,
        description=choice.description,
        headers=choice.headers,
        toolchain=choice.toolchain,
        wheels=tuple(
            PlannedWheel(
                name=package.name,
                version=package.version,
                artifact=None if package.wheel is None else package.wheel.sha256,
                build=None if package.sdist is None else build_id(package.name, package.version, target),
            )
            for package in choice.selection.packages
        ),
    )


def _own_accept(policy: Policy, name: str, target: Target, version: str) -> set[str]:
    """Return what the user accepts: a quirk tells of what we build, and of nothing that must be found."""
    return set(replace(policy, quirks=()).for_package(name, target, version=version).accept)


def _planned_build(one: RequiredBuild) -> PlannedBuild:
    package, resolved, policy = one.package, one.resolved, one.policy
    assert package.sdist is not None, "what is built has an sdist"
    return PlannedBuild(
        id=one.id,
        name=package.name,
        version=package.version,
        target=one.target,
        sdist=package.sdist.sha256,
        inputs=resolved.inputs,
        backend=resolved.backend,
        backend_path=resolved.backend_path,
        requires=resolved.requires,
        listed=policy.listed,
        entry=policy.entry,
        environments=resolved.environments,
        overlays=resolved.overlays,
        crates=resolved.crates,
        cargo_locks=resolved.cargo_locks,
        sysroot=resolved.sysroot,
        config_settings=policy.config_settings,
        environment=policy.environment,
        patches=one.patches,
        downloads=planned_downloads(one.downloads),
        oracle=None if package.oracle is None else package.oracle.sha256,
        # That one was a question of the plan, and has been answered by it; the rest are findings of the check.
        accept=tuple(sorted({*policy.accept} - {ACCEPT_CODE})),
        accept_build_facts=bool(policy.accept_build_facts),
    )
