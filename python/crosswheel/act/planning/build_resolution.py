"""The build environment of one sdist for one target, found out step by step and then locked.

What an earlier plan or the store already knows is not asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.building.build_python import BuildPython
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.planning.lock_reading import rebased
from crosswheel.act.planning.rust_toolchain import RustToolchains
from crosswheel.act.planning.sdist_metadata import SourceFacts, kept_source_facts, read_source_facts
from crosswheel.act.planning.sysroot_choice import ChosenSysroot, SysrootChooser
from crosswheel.act.planning.toolchain_wheel import ToolchainWheels
from crosswheel.act.reporter import Reporter
from crosswheel.act.storage.store import Store
from crosswheel.act.sysroot.assembly import sysroot_request
from crosswheel.decide.build_requirements import (
    BuildSystem,
    Resolver,
    environment_wheels,
    merged_requirements,
    pins_of,
)
from crosswheel.decide.cargo_lock import Crate
from crosswheel.decide.cargo_projects import builds_rust, locked_crates
from crosswheel.decide.locks import LockedFile
from crosswheel.decide.overlays import ACCEPT_CODE, OverlayFile, choose_overlays
from crosswheel.decide.plan import Artifact, BuildEnvironment, Overlay, Patch, Plan, PlannedBuild
from crosswheel.decide.planner import SOURCE_DATE_EPOCH, ResolvedBuild, artifact_of, build_id
from crosswheel.decide.policy_model import PackagePolicy
from crosswheel.decide.selection import SelectedPackage
from crosswheel.target.descriptions import TargetDescription
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import BuildError, CrosswheelError, ResolutionError
from crosswheel.values.platforms import Platform

if TYPE_CHECKING:
    from crosswheel.act.building.build import BuildRequest

__all__ = ["BuildResolution", "BuildSubject", "TargetView"]

#: Changes whenever the same inputs would be resolved in another way.
_RESOLUTION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetView:
    """The target as a build backend will see it while it is asked for requirements.

    Attributes:
        description: the target description.
        description_digest: its digest.
        headers: the headers pack, in the store.
        build_python: what runs the backend.
    """

    description: TargetDescription
    description_digest: Digest
    headers: Path
    build_python: BuildPython


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildSubject:
    """One sdist, one target, and what the policy says of them.

    Attributes:
        package: the package; it has an sdist.
        sdist: the sdist's artifact.
        target: the target.
        policy: the policy for both.
        patches: patches and where they are.
        sysroot_inputs: what its libraries of the target are chosen from; empty when it wants none.
    """

    package: SelectedPackage
    sdist: Artifact
    target: Target
    policy: PackagePolicy
    patches: tuple[tuple[Path, Patch], ...] = ()
    sysroot_inputs: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The build's id."""
        return build_id(self.package.name, self.package.version, self.target)

    def inputs(self, exclude_newer: str | None) -> Digest:
        """Return the digest of everything the build environment is resolved from."""
        return digest_of_json(
            {
                "resolution": _RESOLUTION,
                "sdist": self.sdist.sha256.hex,
                "target": self.target.id,
                "build_requires": list(self.policy.build_requires),
                "build_constraints": list(self.policy.build_constraints),
                "exclude_newer": exclude_newer,
                "accept_build_machine_headers": ACCEPT_CODE in self.policy.accept,
                **self.sysroot_inputs,
                **self.hook_inputs(),
            }
        )

    def hook_inputs(self) -> dict[str, JsonValue]:
        """Return what reaches the backend besides the sdist."""
        settings: dict[str, JsonValue] = {
            key: value if isinstance(value, str) else list(value)
            for key, value in self.policy.config_settings.items()
        }
        return {
            "config_settings": settings,
            "environment": dict(self.policy.environment),
            "patches": [patch.sha256.hex for _, patch in self.patches],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildResolution:
    """Resolves builds.

    Attributes:
        resolver: chooses versions.
        toolchain: finds the C toolchain's wheel.
        rust: finds the Rust toolchain's files.
        store: keeps files and answers.
        ask: asks a backend what it requires besides (PEP 517 ``get_requires_for_build_wheel``).
        settings: how files are fetched.
        reporter: hears of the progress.
        folder: the plan's folder.
        build_platforms: what to resolve for.
        machine: this machine's platform, which backends are asked on.
        previous: an earlier plan whose unchanged builds are taken over.
        sysroots: chooses libraries of the target; ``None`` where no build wants any.
        exclude_newer: part of a build's inputs.
    """

    resolver: Resolver
    toolchain: ToolchainWheels
    rust: RustToolchains
    store: Store
    ask: Callable[[BuildRequest], tuple[str, ...]]
    settings: FetchSettings
    reporter: Reporter
    folder: Path
    build_platforms: tuple[Platform, ...]
    machine: Platform
    sysroots: SysrootChooser | None = None
    previous: Plan | None = None
    exclude_newer: str | None = None

    def resolve(self, subject: BuildSubject, view: TargetView) -> ResolvedBuild:
        """Return the locked build environment of `subject`.

        Args:
            subject: what is to be built.
            view: the target, for a backend that must be asked.

        Raises:
            CrosswheelError: the sdist cannot be read, its backend fails, or no wheels satisfy it.
        """
        inputs = subject.inputs(self.exclude_newer)
        if (taken := self._taken_over(subject, inputs)) is not None:
            return taken
        source = self._source_facts(subject)
        system = source.system
        fixed = merged_requirements(system.requires, subject.policy.build_requires)
        # Backends are asked here, whatever the plan's build platforms are.
        here = Target(python=subject.target.python, platform=self.machine)
        chosen = self._sysroot(subject)
        asked = self._backends_own(subject, system, self._environment(subject, fixed, here), view, chosen)
        requires = merged_requirements(fixed, asked)
        compiles_rust = builds_rust(source.cargo, requires, backend=system.backend)
        crates = locked_crates(source.cargo, wanted_by=subject.sdist.filename) if compiles_rust else ()
        environments: dict[str, BuildEnvironment] = {}
        artifacts = [_artifact_of_crate(crate) for crate in crates]
        overlays: dict[str, Overlay] = {}
        preferred: tuple[str, ...] = ()
        for build_platform in self._build_platforms(subject):
            packages = self._environment(subject, requires, build_platform, preferred)
            preferred = preferred or pins_of(packages)
            toolchain = self.toolchain.wheel_for(build_platform)
            rust = self._rust(subject, build_platform) if compiles_rust else ()
            wheels = _artifacts(packages)
            laid_over = self._overlays(subject, packages, build_platform)
            for overlay in laid_over:
                _agree(overlays, overlay, subject)
            environments[build_platform.id] = BuildEnvironment(
                requirements=tuple(
                    wheel.sha256 for wheel in sorted(wheels, key=lambda wheel: wheel.filename)
                ),
                toolchain=toolchain.sha256,
                rust=tuple(archive.sha256 for archive in rust),
            )
            artifacts += [
                *wheels,
                toolchain,
                *rust,
                *(artifact_of(one.file, one.project) for one in laid_over),
            ]
        return ResolvedBuild(
            inputs=inputs,
            backend=system.backend,
            backend_path=system.backend_path,
            requires=requires,
            environments=environments,
            overlays=tuple(overlays[project] for project in sorted(overlays)),
            crates=tuple(crate.checksum for crate in crates),
            sysroot=None if chosen is None else chosen.sysroot,
            artifacts=(*artifacts, *(() if chosen is None else chosen.artifacts)),
        )

    def _rust(self, subject: BuildSubject, build_platform: Target) -> tuple[Artifact, ...]:
        try:
            return self.rust.files_for(build_platform.platform, subject.target.platform)
        except CrosswheelError as error:
            raise error.within(subject.sdist.filename) from None

    def _build_platforms(self, subject: BuildSubject) -> tuple[Target, ...]:
        return tuple(
            Target(python=subject.target.python, platform=platform) for platform in self.build_platforms
        )

    def _taken_over(self, subject: BuildSubject, inputs: Digest) -> ResolvedBuild | None:
        """Return what the earlier plan holds, if it was resolved from the same and for all build platforms."""
        known = None if self.previous is None else self.previous.builds.get(subject.id)
        wanted = self._build_platforms(subject)
        if self.previous is None or known is None or known.inputs != inputs:
            return None
        toolchains = {one.id: self.toolchain.wheel_for(one) for one in wanted if one.id in known.environments}
        if len(toolchains) < len(wanted):
            return None
        rust = {one.id: self._rust(subject, one) for one in wanted if known.environments[one.id].rust}
        environments = {
            id_: BuildEnvironment(
                requirements=known.environments[id_].requirements,
                toolchain=toolchain.sha256,
                rust=tuple(archive.sha256 for archive in rust.get(id_, ())),
            )
            for id_, toolchain in toolchains.items()
        }
        return ResolvedBuild(
            inputs=inputs,
            backend=known.backend,
            backend_path=known.backend_path,
            requires=known.requires,
            environments=environments,
            overlays=known.overlays,
            crates=known.crates,
            sysroot=known.sysroot,
            artifacts=(
                *_known_artifacts(self.previous, known, environments),
                *toolchains.values(),
                *(archive for archives in rust.values() for archive in archives),
            ),
        )

    def _source_facts(self, subject: BuildSubject) -> SourceFacts:
        digest = subject.sdist.sha256
        patches = [(path, patch.sha256) for path, patch in subject.patches]
        kept = kept_source_facts(self.store, digest, [patch for _, patch in patches])
        if kept is not None:
            return kept
        return read_source_facts(
            self.store, self._fetched([subject.sdist])[digest], digest=digest, patches=patches
        )

    def _fetched(self, artifacts: Iterable[Artifact]) -> dict[Digest, Path]:
        from crosswheel.act.fetching.fetch import fetch_artifacts

        return fetch_artifacts(
            self.store, artifacts, base=self.folder, settings=self.settings, reporter=self.reporter
        )

    def _environment(
        self,
        subject: BuildSubject,
        requires: tuple[str, ...],
        build_platform: Target,
        preferred: tuple[str, ...] = (),
    ) -> tuple[SelectedPackage, ...]:
        constraints = merged_requirements(subject.policy.build_constraints)
        try:
            lock = self.resolver.resolve(
                requires, build_platform=build_platform, constraints=(*constraints, *preferred)
            )
        except ResolutionError as error:
            if not preferred:
                raise error.within(subject.sdist.filename) from None
            # The versions of the first build platform have no wheels for this one.
            return self._environment(subject, requires, build_platform)
        here = rebased(lock, source=self.folder, destination=self.folder)
        return environment_wheels(here, build_platform, wanted_by=subject.sdist.filename)

    def _sysroot(self, subject: BuildSubject) -> ChosenSysroot | None:
        if self.sysroots is None:
            return None
        return self.sysroots.choose(subject.policy, subject.target, wanted_by=subject.package.name)

    def _backends_own(
        self,
        subject: BuildSubject,
        system: BuildSystem,
        environment: tuple[SelectedPackage, ...],
        seen: TargetView,
        chosen: ChosenSysroot | None,
    ) -> tuple[str, ...]:
        """Return what the backend asks for itself (PEP 517), asked once on this machine."""
        from crosswheel.act.building.build import BuildRequest

        wheels = sorted(_artifacts(environment), key=lambda wheel: wheel.filename)
        key = digest_of_json(
            {
                "resolution": _RESOLUTION,
                "sdist": subject.sdist.sha256.hex,
                "target": subject.target.id,
                "description": seen.description_digest.hex,
                "build_python": seen.build_python.version,
                "backend": system.backend,
                "backend_path": list(system.backend_path),
                "wheels": [wheel.sha256.hex for wheel in wheels],
                **({} if chosen is None else {"sysroot": [one.sha256.hex for one in chosen.artifacts]}),
                **subject.hook_inputs(),
            }
        )
        kept = self.store.read_record("backend-requires", key)
        if isinstance(kept, list):
            return tuple(str(text) for text in kept)
        libraries = () if chosen is None else chosen.artifacts
        # A project that looks for libraries when it is asked does so by the launchers.
        toolchain = None
        if chosen is not None:
            wheel = self.toolchain.wheel_for(Target(python=subject.target.python, platform=self.machine))
            toolchain = self._fetched([wheel])[wheel.sha256]
        files = self._fetched([subject.sdist, *wheels, *libraries])
        request = BuildRequest(
            name=subject.package.name,
            version=subject.package.version,
            sdist=files[subject.sdist.sha256],
            target=subject.target,
            description=seen.description,
            headers=seen.headers,
            build_python=seen.build_python,
            requirements=tuple(files[wheel.sha256] for wheel in wheels),
            overlays=(),
            sysroot=None if chosen is None else sysroot_request(chosen.sysroot, files),
            toolchain=toolchain,
            config_settings=subject.policy.config_settings,
            environment=subject.policy.environment,
            patches=tuple(path for path, _ in subject.patches),
            source_date_epoch=SOURCE_DATE_EPOCH,
            backend=system.backend,
            backend_path=system.backend_path,
            accept_build_facts=bool(subject.policy.accept_build_facts),
        )
        asked = self._answer(request, subject)
        self.store.write_record("backend-requires", key, list(asked))
        return asked

    def _answer(self, request: BuildRequest, subject: BuildSubject) -> tuple[str, ...]:
        """Ask without a compiler, which few need that early, and again with one if that fails."""
        try:
            return self.ask(request)
        except BuildError:
            if request.toolchain is not None:
                raise
            here = Target(python=subject.target.python, platform=self.machine)
            wheel = self.toolchain.wheel_for(here)
            try:
                return self.ask(replace(request, toolchain=self._fetched([wheel])[wheel.sha256]))
            except BuildError as error:
                raise (error if error.context else error.within(subject.sdist.filename)) from None

    def _overlays(
        self, subject: BuildSubject, packages: tuple[SelectedPackage, ...], build_platform: Target
    ) -> tuple[OverlayFile, ...]:
        def members(wheel: LockedFile) -> tuple[str, ...]:
            owner = next(package.name for package in packages if package.wheel == wheel)
            return self._members(artifact_of(wheel, owner))

        return choose_overlays(
            packages,
            subject.target,
            build_platform=build_platform,
            members=members,
            accepted=ACCEPT_CODE in subject.policy.accept,
            wanted_by=subject.sdist.filename,
        )

    def _members(self, wheel: Artifact) -> tuple[str, ...]:
        kept = self.store.read_record("wheel-members", wheel.sha256)
        if not isinstance(kept, list):
            from zipfile import ZipFile

            with ZipFile(self._fetched([wheel])[wheel.sha256]) as archive:
                kept = list(archive.namelist())
            self.store.write_record("wheel-members", wheel.sha256, kept)
        return tuple(str(name) for name in kept)


def _artifacts(packages: Iterable[SelectedPackage]) -> list[Artifact]:
    return [artifact_of(package.wheel, package.name) for package in packages if package.wheel is not None]


def _agree(overlays: dict[str, Overlay], overlay: OverlayFile, subject: BuildSubject) -> None:
    """Keep an overlay; all build platforms must compile against the same target files."""
    new = Overlay(project=overlay.project, artifact=overlay.file.sha256)
    if overlays.setdefault(overlay.project, new) != new:
        raise ResolutionError(
            "lay over build requirement",
            overlay.project,
            why="the build platforms have no release of it in common, so builds would compile against different headers",
            fix="pin one release in build-constraints of [tool.crosswheel], or plan for one build platform",
            context=(subject.sdist.filename,),
        )


def _known_artifacts(
    plan: Plan, build: PlannedBuild, environments: Mapping[str, BuildEnvironment]
) -> Iterable[Artifact]:
    for environment in environments.values():
        for digest in environment.requirements:
            yield plan.artifacts[digest]
    for overlay in build.overlays:
        if overlay.artifact is not None:
            yield plan.artifacts[overlay.artifact]
    for digest in build.crates:
        yield plan.artifacts[digest]
    for package in () if build.sysroot is None else build.sysroot.packages:
        yield plan.artifacts[package.artifact]


def _artifact_of_crate(crate: Crate) -> Artifact:
    return Artifact(sha256=crate.checksum, filename=crate.filename, url=crate.url)
