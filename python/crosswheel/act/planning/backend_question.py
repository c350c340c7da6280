"""What a backend is asked in for its own build requirements (PEP 517, ``get_requires_for_build_wheel``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.planning.build_subjects import RESOLUTION, BuildSubject
from crosswheel.act.planning.sysroot_choice import ChosenSysroot
from crosswheel.act.planning.target_views import TargetView
from crosswheel.act.ready_wheel import ReadyWheel
from crosswheel.decide.planning.build_requirements import BuildSystem
from crosswheel.decide.planning.planner import SOURCE_DATE_EPOCH, download_artifacts, planned_downloads
from crosswheel.decide.plans.plan import Artifact
from crosswheel.values.canonical_json import digest_of_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import CrosswheelError, FaultsError, FetchError

if TYPE_CHECKING:
    from crosswheel.act.building.build import BuildRequest

__all__ = ["BackendQuestion"]

_ANOTHER_SUITE = (
    "check the network and the mirror settings, or take the libraries from another release of Debian "
    "(suite in [tool.crosswheel.sysroot])"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BackendQuestion:
    """A backend, in the environment its sdist names.

    Attributes:
        subject: what is to be built.
        system: the backend.
        seen: the target as it sees it.
        wheels: the environment's wheels to be fetched.
        built: those that exist only as sdists, built.
        sysroot: libraries of the target; ``None`` where none are wanted.
    """

    subject: BuildSubject
    system: BuildSystem
    seen: TargetView
    wheels: tuple[Artifact, ...]
    built: tuple[ReadyWheel, ...]
    sysroot: ChosenSysroot | None

    def key(self) -> Digest:
        """Return the digest of everything the answer hangs on."""
        digests = {wheel.filename: wheel.sha256.hex for wheel in self.wheels}
        digests |= {wheel.filename: wheel.sha256.hex for wheel in self.built}
        sysroot = None if self.sysroot is None else [one.sha256.hex for one in self.sysroot.artifacts]
        return digest_of_json(
            {
                "resolution": RESOLUTION,
                "sdist": self.subject.sdist.sha256.hex,
                "target": self.subject.target.id,
                "description": self.seen.description_digest.hex,
                "build_python": self.seen.build_python.version,
                "backend": self.system.backend,
                "backend_path": list(self.system.backend_path),
                "wheels": [digests[filename] for filename in sorted(digests)],
                **({} if sysroot is None else {"sysroot": sysroot}),
                **self.subject.hook_inputs(),
            }
        )

    def artifacts(self) -> tuple[Artifact, ...]:
        """Return what must be at hand to ask."""
        libraries = () if self.sysroot is None else self.sysroot.artifacts
        downloads = download_artifacts(self.subject.policy.downloads)
        return (self.subject.sdist, *self.wheels, *libraries, *downloads)

    def not_fetched(self, error: CrosswheelError) -> CrosswheelError:
        """Return the failure to fetch `artifacts` as it is told: of Debian's packages who wants them, and what else there is."""
        from crosswheel.act.fetching.fetch import NOWHERE_FIX

        libraries = () if self.sysroot is None else self.sysroot.artifacts
        debian = {one.filename for one in libraries if one.filename.endswith(".deb")}
        faults = error.faults if isinstance(error, FaultsError) else (error,)
        told = [
            FetchError(
                one.doing,
                one.value,
                why=one.why,
                fix=_ANOTHER_SUITE if one.fix == NOWHERE_FIX else one.fix,
                context=(self.subject.package.name, *one.context),
                details=one.details,
                particular=one.particular,
            )
            if isinstance(one, FetchError) and one.value in debian
            else one
            for one in faults
        ]
        return FaultsError(told) if len(told) > 1 else told[0]

    def request(self, files: Mapping[Digest, Path], *, toolchain: Path | None) -> BuildRequest:
        """Return the question for the sandbox.

        Args:
            files: where `artifacts` lie.
            toolchain: the C toolchain's wheel, if the backend shall have one.
        """
        # Loaded when somebody is asked, which is seldom: mostly the answer is known already.
        from crosswheel.act.building.build import BuildRequest
        from crosswheel.act.building.build_downloads import requested_downloads
        from crosswheel.act.sysroot.assembly import sysroot_request

        subject = self.subject
        return BuildRequest(
            name=subject.package.name,
            version=subject.package.version,
            sdist=files[subject.sdist.sha256],
            target=subject.target,
            description=self.seen.description,
            headers=self.seen.headers,
            build_python=self.seen.build_python,
            requirements=(
                *(files[wheel.sha256] for wheel in self.wheels),
                *(wheel.path for wheel in self.built),
            ),
            overlays=(),
            sysroot=None if self.sysroot is None else sysroot_request(self.sysroot.sysroot, files),
            toolchain=toolchain,
            config_settings=subject.policy.config_settings,
            environment=subject.policy.environment,
            patches=tuple(path for path, _ in subject.patches),
            downloads=requested_downloads(planned_downloads(subject.policy.downloads), files),
            source_date_epoch=SOURCE_DATE_EPOCH,
            backend=self.system.backend,
            backend_path=self.system.backend_path,
            accept_build_facts=bool(subject.policy.accept_build_facts),
            listed=subject.policy.listed,
            entry=subject.policy.entry,
            own=subject.own,
        )
