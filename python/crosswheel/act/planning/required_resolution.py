"""The builds that one build needs: resolved like any other, and done at once where planning cannot go on without them.

A build requirement that exists only as an sdist is built for the build platform; one whose headers must be the target's,
and whose release has no wheel for it, is built for the target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from crosswheel.act.building.native_sources import native_sources
from crosswheel.decide.configuration.policy_model import Policy
from crosswheel.decide.locks.locks import LockedFile
from crosswheel.decide.planning.build_requirements import ReleaseMetadata
from crosswheel.decide.planning.planner import RequiredBuild, ResolvedBuild, artifact_of, assemble_plan
from crosswheel.decide.plans.plan import Artifact, BuildEnvironment, Plan, PlannedBuild
from crosswheel.decide.selection.selection import SelectedPackage
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, FaultsError, ResolutionError, raise_faults

if TYPE_CHECKING:
    from crosswheel.act.planning.build_subjects import BuildSubject
    from crosswheel.act.ready_wheel import ReadyWheel
    from crosswheel.decide.planning.planner import TargetChoice
    from crosswheel.values.digests import Digest
    from crosswheel.values.platforms import Platform

__all__ = ["RequiredBuildSeams", "RequiredResolution"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RequiredBuildSeams:
    """What resolving the builds that a build needs asks of its surroundings.

    Attributes:
        subject: a build requirement as something to be built for a target; true as the third argument if it is for
            the build platform it is then used on. A build that the lock asks for as well is the lock's.
        platform: description and headers of a target, which hold no wheels.
        build: does one build of a plan, with all that it needs.
    """

    subject: Callable[[SelectedPackage, Target, bool], BuildSubject]
    platform: Callable[[Target], TargetChoice]
    build: Callable[[Plan, str], ReadyWheel]


class Resolution(Protocol):
    """`crosswheel.act.planning.build_resolution.BuildResolution`, as far as it is needed here."""

    @property
    def machine(self) -> Platform:
        """This machine's platform."""

    @property
    def required(self) -> RequiredBuildSeams:
        """What required builds are resolved with."""

    def resolve(self, subject: BuildSubject, *, chain: tuple[BuildSubject, ...] = ()) -> ResolvedBuild:
        """Return the locked build environment of `subject`."""

    def taken_over(self, subject: BuildSubject, chain: tuple[BuildSubject, ...]) -> ResolvedBuild | None:
        """Return what an earlier plan holds of `subject`, if it still holds."""

    def fetched(self, artifacts: Iterable[Artifact]) -> dict[Digest, Path]:
        """Return where these files lie."""


@dataclass(frozen=True, slots=True)
class RequiredResolution:
    """Resolves the builds that one build needs.

    Attributes:
        resolution: what resolves a build.
        subject: the build.
        chain: the builds that wait for it, outermost first, and it itself last.
    """

    resolution: Resolution
    subject: BuildSubject
    chain: tuple[BuildSubject, ...]

    def for_environment(
        self, packages: Iterable[SelectedPackage], build_platform: Target
    ) -> tuple[RequiredBuild, ...]:
        """Return the builds of those of `packages` that exist only as sdists, sorted by id.

        Raises:
            CrosswheelError: one cannot be resolved, may not be built, or needs itself.
        """
        found = [
            self._required(one, build_platform, native=True) for one in packages if one.sdist is not None
        ]
        return tuple(sorted(found, key=lambda one: one.id))

    def for_target(self, package: SelectedPackage) -> RequiredBuild:
        """Return the build of `package` for the target of the build that needs its headers.

        Raises:
            CrosswheelError: as `for_environment`.
        """
        return self._required(package, self.subject.target, native=False)

    def built(self, packages: Iterable[SelectedPackage]) -> tuple[ReadyWheel, ...]:
        """Return the wheels of those of `packages` that exist only as sdists, built for this machine, now.

        Raises:
            CrosswheelError: as `for_environment`, or one does not build.
        """
        here = Target(python=self.subject.target.python, platform=self.resolution.machine)
        return tuple(self._built(required, here) for required in self.for_environment(packages, here))

    def metadata(self, package: SelectedPackage) -> ReleaseMetadata:
        """Return what `package` requires: as its sdist says for good, else as the wheel says that is built of it.

        Raises:
            CrosswheelError: as `built`.
        """
        from crosswheel.act.planning.release_metadata import metadata_of_sdist, metadata_of_wheel

        if package.wheel is not None:
            artifact = artifact_of(package.wheel, package.name)
            return metadata_of_wheel(self.resolution.fetched([artifact])[artifact.sha256])
        here = Target(python=self.subject.target.python, platform=self.resolution.machine)
        subject = self.resolution.required.subject(package, here, True)
        if not subject.patches and (said := metadata_of_sdist(self._sdist_of(package))) is not None:
            return said
        (wheel,) = self.built([package])
        return metadata_of_wheel(wheel.path)

    def seen_as_wheels(
        self, packages: Sequence[SelectedPackage]
    ) -> tuple[tuple[SelectedPackage, ...], Mapping[str, Path]]:
        """Return `packages` with wheels where they have sdists, to be looked into, and where these lie by file name.

        An sdist that holds nothing to compile is left out: its wheel is for every platform.

        Raises:
            CrosswheelError: as `built`.
        """
        seen: list[SelectedPackage] = []
        places: dict[str, Path] = {}
        for package in packages:
            if package.sdist is None:
                seen.append(package)
            elif native_sources(self._sdist_of(package)):
                (wheel,) = self.built([package])
                file = LockedFile(filename=wheel.filename, sha256=wheel.sha256)
                seen.append(
                    replace(
                        package,
                        wheel=file,
                        sdist=None,
                        others=(*package.others, package.sdist),
                        oracle=None,
                    )
                )
                places[wheel.filename] = wheel.path
        return tuple(seen), places

    def taken_over(
        self, previous: Plan, known: PlannedBuild, environments: Mapping[str, BuildEnvironment]
    ) -> tuple[RequiredBuild, ...] | None:
        """Return the builds that an earlier plan's build needs, if each is resolved from what it was then.

        Args:
            previous: the earlier plan.
            known: its build.
            environments: those of its environments that are still wanted.
        """
        wanted = {(id_, True) for environment in environments.values() for id_ in environment.builds}
        wanted |= {(overlay.build, False) for overlay in known.overlays if overlay.build is not None}
        found: list[RequiredBuild] = []
        for id_, native in sorted(wanted):
            build = previous.builds[id_]
            package = _package_of(build, previous)
            subject = self.resolution.required.subject(package, build.target, native)
            resolved = None if self._refused(subject) else self.resolution.taken_over(subject, self.chain)
            if resolved is None:
                return None
            found.append(_required(subject, resolved))
        return tuple(found)

    def _required(self, package: SelectedPackage, target: Target, *, native: bool) -> RequiredBuild:
        with _told_within(self.subject):
            subject = self.resolution.required.subject(package, target, native)
            if refusal := self._refused(subject):
                raise refusal
            return _required(subject, self.resolution.resolve(subject, chain=self.chain))

    def _refused(self, subject: BuildSubject) -> ResolutionError | None:
        """Return why a build requirement cannot be built, if that is known before it is resolved."""
        name = f"{subject.package.name} {subject.package.version}"
        if subject.policy.build is False:
            return ResolutionError(
                "build",
                name,
                why=f"it has no wheel for {subject.target.id}, and the configuration says `build = false` of it",
                fix="serve a wheel of it from an index of yours, or let it be built",
            )
        ids = [one.id for one in self.chain]
        if subject.id not in ids:
            return None
        circle = [*self.chain[ids.index(subject.id) :], subject]
        return ResolutionError(
            "build",
            name,
            why="it is needed to build itself: "
            + " needs ".join(f"{one.package.name} {one.package.version}" for one in circle),
            fix="serve a wheel of one of them from an index of yours, or ask for another release in "
            "build-constraints of [tool.crosswheel]",
        )

    def _built(self, required: RequiredBuild, here: Target) -> ReadyWheel:
        seams = self.resolution.required
        with _told_within(self.subject):
            plan = assemble_plan(
                (),
                policy=Policy(),
                inputs={},
                required=(required,),
                build_platforms=(seams.platform(target) for target in {here, *_targets_of(required)}),
            )
            return seams.build(plan, required.id)

    def _sdist_of(self, package: SelectedPackage) -> Path:
        assert package.sdist is not None, "the caller looks"
        artifact = artifact_of(package.sdist, package.name)
        return self.resolution.fetched([artifact])[artifact.sha256]


def _required(subject: BuildSubject, resolved: ResolvedBuild) -> RequiredBuild:
    return RequiredBuild(
        package=subject.package,
        target=subject.target,
        resolved=resolved,
        policy=subject.policy,
        patches=tuple(patch for _, patch in subject.patches),
    )


def _targets_of(required: RequiredBuild) -> set[Target]:
    return {required.target}.union(*(_targets_of(one) for one in required.resolved.required))


def _package_of(build: PlannedBuild, plan: Plan) -> SelectedPackage:
    """Return what was selected when `build` was planned."""
    oracle = None if build.oracle is None else plan.artifacts[build.oracle]
    return SelectedPackage(
        name=build.name,
        version=build.version,
        sdist=_file_of(plan.artifacts[build.sdist]),
        oracle=None if oracle is None else _file_of(oracle),
    )


def _file_of(artifact: Artifact) -> LockedFile:
    return LockedFile(
        filename=artifact.filename,
        sha256=artifact.sha256,
        url=artifact.url,
        path=artifact.path,
        size=artifact.size,
    )


@contextmanager
def _told_within(subject: BuildSubject) -> Iterator[None]:
    """Let every fault of a build say which sdist needs it."""
    name = subject.sdist.filename
    try:
        yield
    except FaultsError as error:
        raise_faults([fault.within(name) for fault in error.faults])
    except CrosswheelError as error:
        raise error.within(name) from None
