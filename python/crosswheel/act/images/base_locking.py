"""Makes a base lock: chooses Debian packages and an interpreter for each target, and pins them by digest."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.fetching.given_sources import find_source
from crosswheel.act.images.standalone_python import refuse_other_archive
from crosswheel.act.planning.debian_archive import (
    DebianArchive,
    ReadIndex,
    image_packages,
    past_archive,
    shipped_suites,
)
from crosswheel.act.services import Services
from crosswheel.act.storage.output_file import refuse_other_file, write_output_file
from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.act.target_python.describe import describe
from crosswheel.decide.configuration.policy_model import SysrootSource
from crosswheel.decide.configuration.snapshot_moments import is_snapshot
from crosswheel.decide.images.base_lock import BaseLock, BasePackage, LockedBase, base_lock_to_json
from crosswheel.decide.images.base_packages import BaseChoice
from crosswheel.decide.images.base_suites import choose_base_suite
from crosswheel.decide.planning.debian_index import DebianPackage
from crosswheel.decide.planning.debian_suites import DEBIAN_ARCHITECTURES
from crosswheel.decide.plans.plan import Artifact
from crosswheel.target.oci_platforms import oci_platform_of
from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest
from crosswheel.values.errors import CrosswheelError, InputError, ResolutionError, raise_faults
from crosswheel.values.platforms import Glibc, Linux, Platform

__all__ = ["BaseLockRequest", "make_base_lock", "refuse_other_lock", "write_base_lock"]

_UPSTREAM = re.compile(r"(?:\d+:)?(?P<major>\d+)\.(?P<minor>\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseLockRequest:
    """What a base lock is wanted for.

    Attributes:
        targets: the targets, each platform and Python once.
        folder: of the lock; what relative paths in it start from.
        suite: the release of Debian; ``None`` to choose by rule.
        snapshot: a moment as snapshot.debian.org writes it; ``None`` for today's archive.
        packages: further packages.
        without: packages that are left out, with what only they need.
        interpreters: python-build-standalone archives, a path or ``URL#sha256=DIGEST``; the one that fits a target is
            taken. Two that fit are refused, and one that fits none.
    """

    targets: tuple[Target, ...]
    folder: Path
    suite: str | None = None
    snapshot: str | None = None
    packages: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()


def refuse_other_lock(path: Path) -> None:
    """Refuse a place that `write_base_lock` would refuse, before a lock is made for it.

    Raises:
        OutputError: what stands there is no base lock, or no file can be written.
    """
    refuse_other_file(path, thing="base lock", other_key="targets")


def write_base_lock(path: Path, lock: BaseLock) -> None:
    """Write a base lock, whole or not at all.

    Raises:
        OutputError: the file cannot be written, or one that is no base lock stands in its place.
    """
    refuse_other_lock(path)
    write_output_file(path, base_lock_to_json(lock))


def make_base_lock(request: BaseLockRequest, services: Services) -> BaseLock:
    """Choose packages and pin them.

    Raises:
        CrosswheelError: there is no target, no release fits one, an index cannot be fetched, a package or an interpreter is missing; all
            targets' faults together.
    """
    if not request.targets:
        raise InputError("lock", "base", why="no target is named", fix="name one, for example linux/arm64")
    if request.snapshot is not None and not is_snapshot(request.snapshot):
        raise InputError(
            "use snapshot",
            request.snapshot,
            why="it is no point of time",
            fix="write it as snapshot.debian.org does, for example 20261101T000000Z",
        )
    raise_faults([_contradiction(name) for name in request.packages if name in request.without])
    mirror = past_archive(request.snapshot) if request.snapshot else None
    archive = DebianArchive(
        source=SysrootSource(mirror=mirror),
        settings=services.settings,
        reporter=services.reporter,
        place="--suite or --snapshot",
        release="--suite",
    )
    interpreters = [_Interpreter.read(source, request.folder, services) for source in request.interpreters]
    raise_faults(_unused(interpreters, request.targets))
    artifacts: dict[Digest, Artifact] = {}
    bases: list[LockedBase] = []
    faults: list[CrosswheelError] = []
    unknown: dict[str, list[CrosswheelError]] = {}
    for target in request.targets:
        try:
            bases.append(_lock(request, target, archive, interpreters, artifacts, unknown))
        except CrosswheelError as fault:
            faults.append(fault)
    # Releases name their packages differently: one of them has to know what is left out.
    faults += [told[0] for told in unknown.values() if len(told) == len(request.targets)]
    raise_faults(faults)
    return BaseLock(artifacts=artifacts, bases=tuple(bases))


def _contradiction(name: str) -> InputError:
    return InputError(
        "lock base image with Debian package",
        name,
        why="it is to be added and to be left out",
        fix="name it in one of --package and --without",
    )


def _lock(
    request: BaseLockRequest,
    target: Target,
    archive: DebianArchive,
    interpreters: list[_Interpreter],
    artifacts: dict[Digest, Artifact],
    unknown: dict[str, list[CrosswheelError]],
) -> LockedBase:
    standalone = _fitting(interpreters, target)
    suite = choose_base_suite(
        shipped_suites(), target, named=request.suite, standalone=standalone is not None
    )
    read = archive.index(suite, DEBIAN_ARCHITECTURES[target.platform.arch])
    if standalone is not None:
        artifacts[standalone.artifact.sha256] = standalone.artifact
    choice = BaseChoice(
        index=read.index,
        table=image_packages(),
        target=target,
        standalone=standalone is not None,
        further=request.packages,
    )
    for name, fault in choice.unknown_omissions(request.without).items():
        unknown.setdefault(name, []).append(fault)
    system, interpreter = choice.packages(request.without)
    for package in (*system, *interpreter):
        artifacts[package.sha256] = _artifact(package, read)
    return LockedBase(
        platform=str(oci_platform_of(target.platform)),
        python=target.python,
        glibc=_glibc(system, read),
        origin=read.index.name if request.snapshot is None else f"{read.index.name} {request.snapshot}",
        index=read.digest,
        system=_packages(system),
        interpreter=_packages(interpreter),
        standalone=None if standalone is None else standalone.artifact.sha256,
    )


def _packages(packages: tuple[DebianPackage, ...]) -> tuple[BasePackage, ...]:
    return tuple(BasePackage(name=one.name, version=one.version, artifact=one.sha256) for one in packages)


def _artifact(package: DebianPackage, read: ReadIndex) -> Artifact:
    return Artifact(
        sha256=package.sha256,
        filename=package.path.rpartition("/")[2],
        url=f"{read.mirror}/{package.path}",
        size=package.size,
        also=() if read.history is None else (f"{read.history}/{package.path}",),
    )


def _glibc(system: tuple[DebianPackage, ...], read: ReadIndex) -> Glibc:
    """Return the version that the package of the C library begins with (deb-version(7))."""
    for package in system:
        match = _UPSTREAM.match(package.version) if package.source == "glibc" else None
        if match is not None:
            return Glibc(major=int(match["major"]), minor=int(match["minor"]))
    raise ResolutionError(
        "lock base image", read.index.name, why="none of its packages is a glibc", fix="leave libc6 in"
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Interpreter:
    """A python-build-standalone archive, and which targets it is for."""

    artifact: Artifact
    fits: tuple[str, str]

    @property
    def name(self) -> str:
        """What to call it."""
        return self.artifact.path or self.artifact.filename

    @classmethod
    def read(cls, source: str, folder: Path, services: Services) -> _Interpreter:
        artifact, path = find_source(
            source,
            thing="interpreter",
            fix="give an archive of python-build-standalone (install_only), or URL#sha256=DIGEST",
            folder=folder,
            store=services.store,
            settings=services.settings,
            reporter=services.reporter,
        )
        refuse_other_archive(path)
        if artifact is None:
            relative = os.path.relpath(path.resolve(), folder.resolve()).replace(os.sep, "/")
            artifact = Artifact(
                sha256=digest_of_file(path), filename=path.name, path=relative, size=path.stat().st_size
            )
        description = describe(path)
        return cls(artifact=artifact, fits=_wanted(description.target))


def _machine(platform: Platform) -> str:
    """Return what an interpreter runs on, as far as it has to be the same; on Linux with glibc that goes without saying."""
    system = platform.os
    if not isinstance(system, Linux):
        return platform.id
    return platform.arch.value if isinstance(system.libc, Glibc) else f"{platform.arch.value} with musl"


def _wanted(target: Target) -> tuple[str, str]:
    """Return what an interpreter has to be for a target."""
    return (str(target.python), _machine(target.platform))


def _unused(interpreters: list[_Interpreter], targets: tuple[Target, ...]) -> list[CrosswheelError]:
    """Return a fault for each interpreter that fits no target; none where a target has none, which tells what there is."""
    wanted = dict.fromkeys(_wanted(target) for target in targets)
    if not wanted.keys() <= {one.fits for one in interpreters}:
        return []
    return [
        InputError(
            "use interpreter",
            one.name,
            why=f"it is {' for '.join(one.fits)}, and the targets take {' and '.join(' for '.join(each) for each in wanted)}",
            fix="leave it out, or name a target that it is for",
        )
        for one in interpreters
        if one.fits not in wanted
    ]


def _fitting(interpreters: list[_Interpreter], target: Target) -> _Interpreter | None:
    wanted = _wanted(target)
    fitting = [one for one in interpreters if one.fits == wanted]
    if len({one.artifact.sha256 for one in fitting}) > 1:
        raise InputError(
            "choose interpreter for",
            target.id,
            why=f"{' and '.join(one.name for one in fitting)} are both {' for '.join(wanted)}",
            fix="give one of them with --interpreter",
        )
    if not fitting and interpreters:
        there = ", ".join(" for ".join(one.fits) for one in interpreters)
        raise InputError(
            "choose interpreter for",
            target.id,
            why=f"the archives given are {there}",
            fix=f"give one more with --interpreter, {' for '.join(wanted)}",
        )
    return fitting[0] if fitting else None
