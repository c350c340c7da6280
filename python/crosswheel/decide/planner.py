"""How everything decided becomes one plan: pure assembly, no decision of its own.

What must be asked of the outside world (build requirements, headers, the toolchain) comes in as values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from crosswheel.decide.locks import LockedFile
from crosswheel.decide.overlays import ACCEPT_CODE
from crosswheel.decide.plan import (
    Artifact,
    BuildEnvironment,
    HeadersPin,
    Overlay,
    Patch,
    Plan,
    PlannedBuild,
    PlannedTarget,
    PlannedWheel,
    Sysroot,
)
from crosswheel.decide.policy_model import PackagePolicy, Policy
from crosswheel.decide.selection import SelectedPackage, Selection
from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest

__all__ = [
    "SOURCE_DATE_EPOCH",
    "ResolvedBuild",
    "TargetChoice",
    "artifact_of",
    "assemble_plan",
    "build_id",
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
        sysroot: the target's libraries, if any are needed.
        artifacts: everything `environments`, `overlays`, `crates` and `sysroot` name.
    """

    inputs: Digest
    backend: str
    backend_path: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    environments: Mapping[str, BuildEnvironment] = field(default_factory=dict)
    overlays: tuple[Overlay, ...] = ()
    crates: tuple[Digest, ...] = ()
    sysroot: Sysroot | None = None
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetChoice:
    """One target of the plan.

    Attributes:
        selection: its packages.
        builds: by package name, for every package with an sdist.
        patches: by package name, relative to the plan's folder.
        description: digest of the description, if anything is built.
        headers: if anything is built.
        artifacts: files the builds read beside their own: a headers pack, a target description of the user's.
    """

    selection: Selection
    builds: Mapping[str, ResolvedBuild] = field(default_factory=dict)
    patches: Mapping[str, tuple[Patch, ...]] = field(default_factory=dict)
    description: Digest | None = None
    headers: HeadersPin | None = None
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


def assemble_plan(choices: Sequence[TargetChoice], *, policy: Policy, inputs: Mapping[str, Digest]) -> Plan:
    """Return the plan of `choices`, one per target, in the order asked for."""
    artifacts: dict[Digest, Artifact] = {}
    builds: dict[str, PlannedBuild] = {}
    accept: dict[str, tuple[str, ...]] = {}
    for choice in choices:
        target = choice.selection.target
        for package in choice.selection.packages:
            named = policy.for_package(package.name, target, version=package.version)
            for artifact in _artifacts(package, choice):
                _merge(artifacts, artifact)
            if package.sdist is not None:
                build = _planned_build(package, package.sdist, choice, named)
                builds[build.id] = build
            elif named.accept:
                merged = {*accept.get(package.name, ()), *named.accept}
                accept[package.name] = tuple(sorted(merged))
        for artifact in choice.artifacts:
            _merge(artifacts, artifact)
    return Plan(
        inputs=inputs,
        source_date_epoch=SOURCE_DATE_EPOCH,
        artifacts=artifacts,
        builds=builds,
        targets=tuple(_planned_target(choice) for choice in choices),
        accept=accept,
    )


def _merge(artifacts: dict[Digest, Artifact], artifact: Artifact) -> None:
    """Keep one artifact per digest, whichever order they come in: one on an index, then one with a size."""

    def worth(one: Artifact) -> tuple[bool, bool, str, str]:
        return one.url is None, one.size is None, one.url or one.path or "", one.filename

    known = artifacts.get(artifact.sha256)
    artifacts[artifact.sha256] = artifact if known is None else min(known, artifact, key=worth)


def _artifacts(package: SelectedPackage, choice: TargetChoice) -> Iterable[Artifact]:
    for file in (package.wheel, package.sdist, package.oracle):
        if file is not None:
            yield artifact_of(file, package.name)
    if package.sdist is not None:
        yield from choice.builds[package.name].artifacts


def _planned_target(choice: TargetChoice) -> PlannedTarget:
    target = choice.selection.target
    return PlannedTarget(
        target=target,
        description=choice.description,
        headers=choice.headers,
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


def _planned_build(
    package: SelectedPackage, sdist: LockedFile, choice: TargetChoice, policy: PackagePolicy
) -> PlannedBuild:
    resolved = choice.builds[package.name]
    target = choice.selection.target
    return PlannedBuild(
        id=build_id(package.name, package.version, target),
        name=package.name,
        version=package.version,
        target=target,
        sdist=sdist.sha256,
        inputs=resolved.inputs,
        backend=resolved.backend,
        backend_path=resolved.backend_path,
        requires=resolved.requires,
        environments=resolved.environments,
        overlays=resolved.overlays,
        crates=resolved.crates,
        sysroot=resolved.sysroot,
        config_settings=policy.config_settings,
        environment=policy.environment,
        patches=choice.patches.get(package.name, ()),
        oracle=None if package.oracle is None else package.oracle.sha256,
        # That one was a question of the plan, and has been answered by it; the rest are findings of the check.
        accept=tuple(sorted({*policy.accept} - {ACCEPT_CODE})),
        accept_build_facts=bool(policy.accept_build_facts),
    )
