"""What a build that compiles Rust takes besides: the toolchain's files, the crates, and a Cargo.lock where there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.building.build_python import BuildPython
from crosswheel.act.planning.rust_toolchain import RustToolchains
from crosswheel.act.planning.sdist_metadata import unpack_patched
from crosswheel.decide.planning.cargo_projects import CargoProject, locked_crates
from crosswheel.decide.plans.plan import Artifact, CargoLock
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import digest_of_json
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.errors import CrosswheelError
from crosswheel.values.platforms import Platform

if TYPE_CHECKING:
    from crosswheel.act.planning.cargo_locking import LockRequest

__all__ = ["RustInputs", "RustSource", "RustSubject"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RustSubject:
    """An sdist with Rust in it.

    Attributes:
        name: ``<name>-<version>`` of the package.
        sdist: its artifact.
        patches: patches and their digests.
        cargo: its Rust part.
        target: what is built for.
        build_python: finds what it is built with.
    """

    name: str
    sdist: Artifact
    patches: tuple[tuple[Path, Digest], ...]
    cargo: CargoProject
    target: Target
    build_python: Callable[[], BuildPython]


@dataclass(frozen=True, kw_only=True, slots=True)
class RustSource:
    """What the Rust code of an sdist is built with.

    Attributes:
        crates: digests of the crates, sorted by file name.
        locks: every Cargo.lock that was made.
        artifacts: all of these.
    """

    crates: tuple[Digest, ...] = ()
    locks: tuple[CargoLock, ...] = ()
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RustInputs:
    """Finds what Rust code is built with.

    Attributes:
        toolchains: finds the toolchain's files.
        machine: this machine's platform, which cargo runs on.
        lock: lets cargo make a Cargo.lock.
        fetch: fetches artifacts.
        upgrade: make every Cargo.lock anew.
        files: every Cargo.lock that was made, to be written beside the plan, by path relative to its folder.
    """

    toolchains: RustToolchains
    machine: Platform
    lock: Callable[[LockRequest], Mapping[str, str]]
    fetch: Callable[[Sequence[Artifact]], Mapping[Digest, Path]]
    upgrade: bool = False
    files: dict[str, bytes] = field(default_factory=dict, repr=False)

    def toolchain(self, build: Platform, subject: RustSubject) -> tuple[Artifact, ...]:
        """Return the archives of the toolchain that runs on `build`.

        Raises:
            CrosswheelError: there is none; see `RustToolchains.files_for`.
        """
        try:
            return self.toolchains.files_for(build, subject.target.platform)
        except CrosswheelError as error:
            raise error.within(subject.sdist.filename) from None

    def source(self, subject: RustSubject) -> RustSource:
        """Return the crates of `subject`, locked by what it brings or, where that is nothing, by cargo now.

        Raises:
            CrosswheelError: a lock cannot be read or made, or names what is not on crates.io.
        """
        made = self._made_locks(subject)
        project = replace(subject.cargo, locks={**subject.cargo.locks, **made})
        crates = locked_crates(project, wanted_by=subject.sdist.filename)
        artifacts = [
            Artifact(sha256=crate.checksum, filename=crate.filename, url=crate.url) for crate in crates
        ]
        locks = []
        for path, text in sorted(made.items()):
            data = text.encode()
            artifact = _lock_artifact(subject.name, data)
            self.toolchains.store.add_bytes(data, artifact.filename)
            self.files[str(artifact.path)] = data
            artifacts.append(artifact)
            locks.append(CargoLock(path=path, artifact=artifact.sha256))
        return RustSource(
            crates=tuple(crate.checksum for crate in crates),
            locks=tuple(locks),
            artifacts=tuple(artifacts),
        )

    def _made_locks(self, subject: RustSubject) -> Mapping[str, str]:
        if not subject.cargo.unlocked:
            return {}
        store = self.toolchains.store
        archives = self.toolchain(self.machine, subject)
        key = digest_of_json(
            {
                "sdist": subject.sdist.sha256.hex,
                "patches": [digest.hex for _, digest in subject.patches],
                "rust": sorted(archive.sha256.hex for archive in archives),
            }
        )
        kept = None if self.upgrade else store.read_record("cargo-locks", key)
        if isinstance(kept, Mapping):
            return {path: str(text) for path, text in kept.items()}
        from crosswheel.act.planning.cargo_locking import LockRequest

        files = self.fetch([subject.sdist, *archives])
        made: dict[str, str] = {}
        with store.scratch() as scratch:
            tree = unpack_patched(files[subject.sdist.sha256], scratch, subject.patches)
            for manifest in subject.cargo.unlocked:
                request = LockRequest(
                    tree=tree,
                    manifest=manifest,
                    rust=tuple(files[archive.sha256] for archive in archives),
                    wanted_by=subject.sdist.filename,
                    build_python=subject.build_python(),
                )
                made |= self.lock(request)
        store.write_record("cargo-locks", key, dict(made))
        return made


def _lock_artifact(name: str, data: bytes) -> Artifact:
    digest = digest_of(data)
    relative = f"cargo/{name}-{digest.hex[:12]}.lock"
    return Artifact(sha256=digest, filename=Path(relative).name, path=relative, size=len(data))
