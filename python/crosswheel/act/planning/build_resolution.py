"""The build environment of one sdist for one target, found out step by step and then locked.

What an earlier plan or the store already knows is not asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.planning.backend_question import BackendQuestion
from crosswheel.act.planning.build_subjects import BuildSubject
from crosswheel.act.planning.lock_reading import rebased
from crosswheel.act.planning.required_resolution import RequiredBuildSeams, RequiredResolution
from crosswheel.act.planning.rust_inputs import RustInputs, RustSource, RustSubject
from crosswheel.act.planning.sdist_metadata import SourceFacts, kept_source_facts, read_source_facts
from crosswheel.act.planning.sysroot_choice import ChosenSysroot, SysrootChooser
from crosswheel.act.planning.target_views import TargetView
from crosswheel.act.planning.toolchain_wheel import ToolchainWheels
from crosswheel.act.reporter import Reporter
from crosswheel.act.storage.store import Store
from crosswheel.decide.configuration.downloads import Download
from crosswheel.decide.failures.failure_words import may_lack_compiler
from crosswheel.decide.locks.locks import Lock, LockedFile, LockedPackage
from crosswheel.decide.planning.build_requirements import (
    ReleaseMetadata,
    Resolver,
    environment_wheels,
    merged_requirements,
    pins_of,
)
from crosswheel.decide.planning.cargo_projects import CargoProject, builds_rust
from crosswheel.decide.planning.overlays import ACCEPT_CODE, OverlayBuild, OverlayFile, choose_overlays
from crosswheel.decide.planning.planner import (
    RequiredBuild,
    ResolvedBuild,
    artifact_of,
)
from crosswheel.decide.plans.plan import Artifact, BuildEnvironment, Overlay, Plan, PlannedBuild
from crosswheel.decide.selection.selection import SelectedPackage
from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest
from crosswheel.values.errors import BuildError, CrosswheelError, ResolutionError
from crosswheel.values.platforms import Platform

if TYPE_CHECKING:
    from crosswheel.act.building.build import BuildRequest

__all__ = ["BuildResolution"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildResolution:
    """Resolves builds.

    Attributes:
        resolver: chooses versions.
        toolchain: finds the C toolchain's wheel.
        rust: finds what Rust code is built with.
        store: keeps files and answers.
        ask: asks a backend what it requires besides (PEP 517 ``get_requires_for_build_wheel``).
        stop: ends what `ask` has running, when the user interrupts.
        settings: how files are fetched.
        reporter: hears of the progress.
        folder: the plan's folder.
        build_platforms: what to resolve for.
        machine: this machine's platform, which backends are asked on.
        views: each target as a backend sees it.
        required: what the builds that a build needs are resolved with.
        previous: an earlier plan whose unchanged builds are taken over.
        sysroots: chooses libraries of the target; ``None`` where no build wants any.
        exclude_newer: part of a build's inputs.
        resolved: what was resolved in this run, by inputs.
    """

    resolver: Resolver
    toolchain: ToolchainWheels
    rust: RustInputs
    store: Store
    ask: Callable[[BuildRequest], tuple[str, ...]]
    stop: Callable[[], None]
    settings: FetchSettings
    reporter: Reporter
    folder: Path
    build_platforms: tuple[Platform, ...]
    machine: Platform
    views: Callable[[Target], TargetView]
    required: RequiredBuildSeams
    sysroots: SysrootChooser | None = None
    previous: Plan | None = None
    exclude_newer: str | None = None
    resolved: dict[tuple[Digest, bool], ResolvedBuild] = field(default_factory=dict, repr=False)

    def resolve(self, subject: BuildSubject, *, chain: tuple[BuildSubject, ...] = ()) -> ResolvedBuild:
        """Return the locked build environment of `subject`, and the builds that it needs.

        Args:
            subject: what is to be built.
            chain: the builds that wait for it, outermost first.

        Raises:
            CrosswheelError: the sdist cannot be read, its backend fails, or nothing satisfies its requirements.
        """
        key = subject.inputs(self.exclude_newer), subject.native
        if (known := self.resolved.get(key) or self.taken_over(subject, chain)) is None:
            known = self._resolved_anew(subject, RequiredResolution(self, subject, (*chain, subject)))
        # Whoever comes second with the same question has found the same: nobody waits, so no circle can hang.
        return self.resolved.setdefault(key, known)

    def _resolved_anew(self, subject: BuildSubject, required: RequiredResolution) -> ResolvedBuild:
        source = self._source_facts(subject)
        system = source.system
        fixed = merged_requirements(system.requires, subject.policy.build_requires)
        # Backends are asked here, whatever the plan's build platforms are.
        here = Target(python=subject.target.python, platform=self.machine)
        chosen = self._sysroot(subject)
        environment = self._environment(subject, fixed, here, required)
        asked = self._backends_own(
            BackendQuestion(
                subject=subject,
                system=system,
                seen=self.views(subject.target),
                wheels=tuple(_artifacts(environment)),
                built=required.built(environment),
                sysroot=chosen,
            )
        )
        requires = merged_requirements(fixed, asked)
        compiles_rust = builds_rust(source.cargo, requires, backend=system.backend)
        rust_subject = self._rust_subject(subject, source.cargo)
        rust_source = self.rust.source(rust_subject) if compiles_rust else RustSource()
        environments: dict[str, BuildEnvironment] = {}
        artifacts = list(rust_source.artifacts)
        overlays: dict[str, Overlay] = {}
        preferred: tuple[str, ...] = ()
        builds: dict[str, RequiredBuild] = {}
        for build_platform in self._build_platforms(subject):
            packages = self._environment(subject, requires, build_platform, required, preferred)
            preferred = preferred or pins_of(packages)
            rust = self.rust.toolchain(build_platform.platform, rust_subject) if compiles_rust else ()
            tools = (self.toolchain.wheel_for(build_platform), *rust)
            own = required.for_environment(packages, build_platform)
            builds |= {one.id: one for one in own}
            for chosen_overlay in self._overlays(subject, packages, build_platform, required):
                overlay, files, build = _laid_over(chosen_overlay, required)
                _agree(overlays, overlay, subject)
                artifacts += files
                builds |= {} if build is None else {build.id: build}
            environments[build_platform.id] = _build_environment(_artifacts(packages), tools, own)
            artifacts += [*_artifacts(packages), *tools]
        return ResolvedBuild(
            inputs=subject.inputs(self.exclude_newer),
            backend=system.backend,
            backend_path=system.backend_path,
            requires=requires,
            environments=environments,
            overlays=tuple(overlays[project] for project in sorted(overlays)),
            crates=rust_source.crates,
            cargo_locks=rust_source.locks,
            wraps=source.wraps if subject.policy.meson_wraps else (),
            sysroot=None if chosen is None else chosen.sysroot,
            artifacts=(*artifacts, *(() if chosen is None else chosen.artifacts)),
            required=tuple(builds.values()),
        )

    def _rust_subject(self, subject: BuildSubject, cargo: CargoProject) -> RustSubject:
        return RustSubject(
            name=f"{subject.package.name}-{subject.package.version}",
            sdist=subject.sdist,
            patches=tuple((path, patch.sha256) for path, patch in subject.patches),
            cargo=cargo,
            target=subject.target,
            build_python=lambda: self.views(subject.target).build_python,
        )

    def _build_platforms(self, subject: BuildSubject) -> tuple[Target, ...]:
        if subject.native:
            return (subject.target,)
        return tuple(
            Target(python=subject.target.python, platform=platform) for platform in self.build_platforms
        )

    def taken_over(self, subject: BuildSubject, chain: tuple[BuildSubject, ...]) -> ResolvedBuild | None:
        """Return what the earlier plan holds, if it was resolved from the same and for all build platforms.

        Args:
            subject: what is to be built.
            chain: the builds that wait for it, outermost first.
        """
        inputs = subject.inputs(self.exclude_newer)
        known = None if self.previous is None else self.previous.builds.get(subject.id)
        wanted = self._build_platforms(subject)
        if self.previous is None or known is None or known.inputs != inputs:
            return None
        toolchains = {one.id: self.toolchain.wheel_for(one) for one in wanted if one.id in known.environments}
        if len(toolchains) < len(wanted):
            return None
        rust_subject = self._rust_subject(subject, CargoProject())
        rust = {
            one.id: self.rust.toolchain(one.platform, rust_subject)
            for one in wanted
            if known.environments[one.id].rust
        }
        environments = {
            id_: replace(
                known.environments[id_],
                toolchain=toolchain.sha256,
                rust=tuple(archive.sha256 for archive in rust.get(id_, ())),
            )
            for id_, toolchain in toolchains.items()
        }
        required = RequiredResolution(self, subject, (*chain, subject))
        builds = required.taken_over(self.previous, known, environments)
        if builds is None:
            return None
        return ResolvedBuild(
            inputs=inputs,
            backend=known.backend,
            backend_path=known.backend_path,
            requires=known.requires,
            environments=environments,
            overlays=known.overlays,
            crates=known.crates,
            cargo_locks=known.cargo_locks,
            wraps=self._known_wraps(self.previous, known, subject),
            sysroot=known.sysroot,
            artifacts=(
                *_known_artifacts(self.previous, known, environments),
                *toolchains.values(),
                *(archive for archives in rust.values() for archive in archives),
            ),
            required=builds,
        )

    def _known_wraps(self, plan: Plan, build: PlannedBuild, subject: BuildSubject) -> tuple[Download, ...]:
        if not subject.policy.meson_wraps:
            return ()
        own = {one.filename for one in subject.policy.downloads}
        wraps = [one for one in build.downloads if one.filename not in own]
        urls = {one.artifact: plan.artifacts[one.artifact].url for one in wraps}
        if None in urls.values():  # a file of this machine has the same content
            return self._source_facts(subject).wraps
        return tuple(
            Download(url=str(urls[one.artifact]), sha256=one.artifact, filename=one.filename) for one in wraps
        )

    def _source_facts(self, subject: BuildSubject) -> SourceFacts:
        digest = subject.sdist.sha256
        patches = [(path, patch.sha256) for path, patch in subject.patches]
        kept = kept_source_facts(self.store, digest, [patch for _, patch in patches])
        if kept is not None:
            return kept
        return read_source_facts(
            self.store, self.fetched([subject.sdist])[digest], digest=digest, patches=patches
        )

    def fetched(self, artifacts: Iterable[Artifact]) -> dict[Digest, Path]:
        """Return where these files lie on this machine, fetched if need be."""
        from crosswheel.act.fetching.fetch import fetch_artifacts

        return fetch_artifacts(
            self.store, artifacts, base=self.folder, settings=self.settings, reporter=self.reporter
        )

    def _environment(
        self,
        subject: BuildSubject,
        requires: tuple[str, ...],
        build_platform: Target,
        required: RequiredResolution,
        preferred: tuple[str, ...] = (),
    ) -> tuple[SelectedPackage, ...]:
        constraints = merged_requirements(subject.policy.build_constraints)
        try:
            lock = self.resolver.resolve(
                requires,
                build_platform=build_platform,
                constraints=(*constraints, *preferred),
                metadata=lambda package: self._metadata(package, build_platform, required),
            )
        except ResolutionError as error:
            if not preferred:
                name = subject.sdist.filename
                raise (error if error.context[:1] == (name,) else error.within(name)) from None
            # The versions of the first build platform have no wheels for this one.
            return self._environment(subject, requires, build_platform, required)
        here = rebased(lock, source=self.folder, destination=self.folder)
        return environment_wheels(here, build_platform, wanted_by=subject.sdist.filename)

    def _metadata(
        self, package: LockedPackage, build_platform: Target, required: RequiredResolution
    ) -> ReleaseMetadata:
        """Return what a release requires that may exist only as an sdist."""
        alone = Lock(name=package.name, packages=(replace(package, marker=None),))
        here = rebased(alone, source=self.folder, destination=self.folder)
        (selected,) = environment_wheels(here, build_platform, wanted_by=required.subject.sdist.filename)
        return required.metadata(selected)

    def _sysroot(self, subject: BuildSubject) -> ChosenSysroot | None:
        if self.sysroots is None:
            return None
        return self.sysroots.choose(subject.policy, subject.target, wanted_by=subject.package.name)

    def _backends_own(self, question: BackendQuestion) -> tuple[str, ...]:
        """Return what the backend asks for itself (PEP 517), asked once on this machine."""
        key = question.key()
        kept = self.store.read_record("backend-requires", key)
        if isinstance(kept, list):
            return tuple(str(text) for text in kept)
        asked = self._answer(question)
        self.store.write_record("backend-requires", key, list(asked))
        return asked

    def _answer(self, question: BackendQuestion) -> tuple[str, ...]:
        """Ask; a failure names the sdist.

        Without a compiler first, which few need that early, and again with one if that may be what was missing.
        """
        subject = question.subject
        try:
            files = self.fetched(question.artifacts())
        except CrosswheelError as error:
            raise question.not_fetched(error) from None

        def ask(toolchain: Path | None) -> tuple[str, ...]:
            return self.ask(question.request(files, toolchain=toolchain))

        try:
            if question.sysroot is not None:
                # A project that looks for libraries when it is asked does so by the launchers.
                return ask(self._toolchain_here(subject))
            try:
                return ask(None)
            except BuildError as error:
                if not may_lack_compiler(error):
                    raise
                return ask(self._toolchain_here(subject))
        except BuildError as error:
            raise (error if error.context else error.within(subject.sdist.filename)) from None

    def _toolchain_here(self, subject: BuildSubject) -> Path:
        wheel = self.toolchain.wheel_for(Target(python=subject.target.python, platform=self.machine))
        return self.fetched([wheel])[wheel.sha256]

    def _overlays(
        self,
        subject: BuildSubject,
        packages: tuple[SelectedPackage, ...],
        build_platform: Target,
        required: RequiredResolution,
    ) -> tuple[OverlayFile | OverlayBuild, ...]:
        if subject.target == build_platform:
            return ()
        packages, built = required.seen_as_wheels(packages)

        def members(wheel: LockedFile) -> Mapping[str, str]:
            owner = next(one.name for one in packages if wheel in (one.wheel, *one.others))
            return self._members(artifact_of(wheel, owner), built.get(wheel.filename))

        return choose_overlays(
            packages,
            subject.target,
            build_platform=build_platform,
            members=members,
            accepted=ACCEPT_CODE in subject.policy.accept,
            wanted_by=subject.sdist.filename,
        )

    def _members(self, wheel: Artifact, place: Path | None) -> Mapping[str, str]:
        """Return the files of a wheel, each with its size and CRC-32."""
        kept = self.store.read_record("wheel-contents", wheel.sha256)
        if not isinstance(kept, Mapping):
            from zipfile import ZipFile

            with ZipFile(place or self.fetched([wheel])[wheel.sha256]) as archive:
                kept = {one.filename: f"{one.file_size} {one.CRC:08x}" for one in archive.infolist()}
            self.store.write_record("wheel-contents", wheel.sha256, kept)
        return {name: str(content) for name, content in kept.items()}


def _artifacts(packages: Iterable[SelectedPackage]) -> list[Artifact]:
    return [artifact_of(package.wheel, package.name) for package in packages if package.wheel is not None]


def _build_environment(
    wheels: Sequence[Artifact], tools: Sequence[Artifact], builds: Iterable[RequiredBuild]
) -> BuildEnvironment:
    """Return the environment of `wheels`, `builds` and `tools`: the C toolchain, then what Rust's is made of."""
    toolchain, *rust = tools
    return BuildEnvironment(
        requirements=tuple(wheel.sha256 for wheel in sorted(wheels, key=lambda wheel: wheel.filename)),
        toolchain=toolchain.sha256,
        rust=tuple(archive.sha256 for archive in rust),
        builds=tuple(one.id for one in builds),
    )


def _laid_over(
    chosen: OverlayFile | OverlayBuild, required: RequiredResolution
) -> tuple[Overlay, tuple[Artifact, ...], RequiredBuild | None]:
    """Return an overlay as the plan has it, and the artifact or the build it names."""
    if isinstance(chosen, OverlayBuild):
        build = required.for_target(chosen.package)
        return Overlay(project=chosen.package.name, build=build.id), (), build
    artifact = artifact_of(chosen.file, chosen.project)
    return Overlay(project=chosen.project, artifact=artifact.sha256), (artifact,), None


def _agree(overlays: dict[str, Overlay], overlay: Overlay, subject: BuildSubject) -> None:
    """Keep an overlay; all build platforms must compile against the same target files."""
    if overlays.setdefault(overlay.project, overlay) != overlay:
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
    for digest in (*build.crates, *(lock.artifact for lock in build.cargo_locks)):
        yield plan.artifacts[digest]
    for package in () if build.sysroot is None else build.sysroot.packages:
        yield plan.artifacts[package.artifact]
