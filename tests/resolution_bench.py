"""A folder with sdists and wheels, and build requirements resolved over it without an index, a backend or a build."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from crosswheel.act.building.build import BuildRequest
from crosswheel.act.building.build_python import find_build_python
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.machine_platform import build_machine_python
from crosswheel.act.planning.build_resolution import BuildResolution
from crosswheel.act.planning.build_subjects import BuildSubject
from crosswheel.act.planning.cargo_locking import LockRequest
from crosswheel.act.planning.required_resolution import RequiredBuildSeams
from crosswheel.act.planning.rust_inputs import RustInputs
from crosswheel.act.planning.rust_toolchain import RustToolchains
from crosswheel.act.planning.target_views import TargetView
from crosswheel.act.planning.toolchain_wheel import ToolchainWheels
from crosswheel.act.ready_wheel import ReadyWheel
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.act.target_python.load_description import load_description
from crosswheel.decide.configuration.policy_model import PackagePolicy, Policy
from crosswheel.decide.locks.locks import Lock, LockedFile, LockedPackage
from crosswheel.decide.planning.build_requirements import ReleaseMetadata
from crosswheel.decide.planning.planner import (
    RequiredBuild,
    ResolvedBuild,
    TargetChoice,
    artifact_of,
    assemble_plan,
)
from crosswheel.decide.plans.plan import Artifact, HeadersPin, Plan, PlannedBuild
from crosswheel.decide.selection.selection import SelectedPackage, Selection
from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest
from crosswheel.values.errors import ResolutionError
from made_wheels import make_wheel
from plan_values import AMD64, ARM64, MACOS, digest
from uv_answers import answering_uv

PYPROJECT = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'

#: A lock of one crate.
CARGO_LOCK = f"""version = 4
[[package]]
name = "fast"
version = "1.0.0"

[[package]]
name = "libc"
version = "0.2.177"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "{digest("libc")}"
"""


def file_digest(path: Path) -> Digest:
    return Digest(hashlib.sha256(path.read_bytes()).hexdigest())


def local(path: Path) -> LockedFile:
    return LockedFile(filename=path.name, sha256=file_digest(path), path=path.name)


@dataclass(slots=True)
class TableResolver:
    """Answers with the wheels and sdists of the projects asked for, from a folder.

    Attributes:
        wanted: projects whose metadata it asks for, as one does that knows no wheel of them.
        metadata: what it was told.
    """

    folder: Path
    asked: list[tuple[tuple[str, ...], str, tuple[str, ...]]] = field(default_factory=list)
    refuse_constraints: bool = False
    wanted: tuple[str, ...] = ()
    metadata: list[tuple[str, ReleaseMetadata]] = field(default_factory=list)

    def resolve(
        self,
        requirements: Sequence[str],
        *,
        build_platform: Target,
        constraints: Sequence[str] = (),
        metadata: Callable[[LockedPackage], ReleaseMetadata],
    ) -> Lock:
        self.asked.append((tuple(requirements), build_platform.id, tuple(constraints)))
        if constraints and self.refuse_constraints:
            raise ResolutionError("resolve", "x", why="no", fix="none")
        packages = []
        for position, name in enumerate(requirements):
            wheels = [local(path) for path in sorted(self.folder.glob(f"{name}-*.whl"))]
            sdists = [local(path) for path in self.folder.glob(f"{name}-*.tar.gz")]
            version = [*wheels, *sdists][0].filename.removesuffix(".tar.gz").split("-")[1]
            packages.append(
                LockedPackage(
                    position=position,
                    name=name,
                    version=version,
                    wheels=tuple(wheels),
                    sdist=sdists[0] if sdists else None,
                )
            )
        self.metadata += [(one.name, metadata(one)) for one in packages if one.name in self.wanted]
        return Lock(name="answer", packages=tuple(packages))


@dataclass(slots=True)
class Bench:
    """A folder with sdists and wheels, and a resolution over it.

    Attributes:
        built: ids of the builds that were done while planning, each with what its plan holds.
        policies: of build requirements that are built.
        locked: manifests that cargo was asked to lock.
    """

    folder: Path
    resolver: TableResolver
    resolution: BuildResolution
    requests: list[BuildRequest]
    answers: dict[str, tuple[str, ...]]
    built: list[tuple[str, tuple[str, ...]]]
    policies: dict[str, PackagePolicy]
    locked: list[str]

    def resolve(self, subject: BuildSubject) -> ResolvedBuild:
        return self.resolution.resolve(subject)


def make_sdist(
    folder: Path,
    pyproject: str = PYPROJECT,
    *,
    name: str = "fast",
    version: str = "1.0",
    native: bool = False,
    more: Mapping[str, str] | None = None,
) -> Artifact:
    """Write an sdist; a native one holds something to compile, and its wheel a header."""
    stem = f"{name}-{version}"
    path = folder / f"{stem}.tar.gz"
    files = {"pyproject.toml": pyproject, **(more or {}), **({f"{name}.c": "int x;"} if native else {})}
    with tarfile.open(path, "w:gz") as archive:
        for place, text in files.items():
            member = tarfile.TarInfo(f"{stem}/{place}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return Artifact(sha256=file_digest(path), filename=path.name, project=name, path=path.name)


def requiring(*names: str) -> str:
    """A pyproject.toml that requires these to build."""
    quoted = ", ".join(f'"{name}"' for name in names)
    return f'[build-system]\nrequires = [{quoted}]\nbuild-backend = "{names[0]}.build_meta"\n'


def subject_of(sdist: Artifact, target: Target = ARM64, policy: PackagePolicy | None = None) -> BuildSubject:
    package = SelectedPackage(
        name="fast",
        version="1.0",
        sdist=LockedFile(filename=sdist.filename, sha256=sdist.sha256, path=sdist.path),
    )
    return BuildSubject(package=package, sdist=sdist, target=target, policy=policy or PackagePolicy())


def make_bench(tmp_path: Path) -> Bench:
    """Return a bench with nothing but setuptools in its folder."""
    folder = tmp_path / "files"
    make_wheel(folder, "setuptools", "80.0")
    resolver = TableResolver(folder=folder)
    requests: list[BuildRequest] = []
    answers: dict[str, tuple[str, ...]] = {}

    def ask(request: BuildRequest) -> tuple[str, ...]:
        requests.append(request)
        return answers.get(request.target.id, ())

    store = Store(tmp_path / "store")
    compiler = folder / "zig.whl"
    compiler.write_bytes(b"zig")

    def toolchain(_: Digest) -> Artifact:
        return Artifact(sha256=file_digest(compiler), filename="zig.whl", project="ziglang", path="zig.whl")

    built: list[tuple[str, tuple[str, ...]]] = []
    policies: dict[str, PackagePolicy] = {}
    locked: list[str] = []

    def build(plan: Plan, id_: str) -> ReadyWheel:
        built.append((id_, tuple(plan.builds)))
        return build_wheel_of(plan.builds[id_], folder)

    def required(package: SelectedPackage, target: Target, native: bool) -> BuildSubject:
        assert package.sdist is not None
        policy = policies.get(package.name, PackagePolicy())
        sdist = artifact_of(package.sdist, package.name)
        return BuildSubject(package=package, sdist=sdist, target=target, policy=policy, native=native)

    resolution = BuildResolution(
        resolver=resolver,
        toolchain=ToolchainWheels(uv=answering_uv(lambda *_: ""), store=store, known=toolchain),
        rust=_rust(folder, store, locked),
        store=store,
        ask=ask,
        stop=lambda: None,
        settings=FetchSettings(),
        reporter=SilentReporter(),
        folder=folder,
        build_platforms=(AMD64.platform,),
        machine=AMD64.platform,
        views=lambda _: view,
        required=RequiredBuildSeams(subject=required, platform=platform, build=build),
    )
    view = TargetView(
        description=load_description(ARM64),
        description_digest=digest("description"),
        headers=tmp_path / "headers.tar",
        build_python=find_build_python(build_machine_python()),
        pin=HeadersPin(source="build-python", python_version="3.11.7", sha256=digest("headers")),
    )
    return Bench(folder, resolver, resolution, requests, answers, built, policies, locked)


def _rust(folder: Path, store: Store, locked: list[str]) -> RustInputs:
    """Return Rust's inputs with a cargo that makes the same lock for every manifest."""

    def lock(request: LockRequest) -> dict[str, str]:
        locked.append(request.manifest)
        return {f"{request.manifest.removesuffix('Cargo.toml')}Cargo.lock": CARGO_LOCK}

    def fetch(artifacts: Sequence[Artifact]) -> dict[Digest, Path]:
        """Find files of the folder; this cargo needs no toolchain."""
        return {artifact.sha256: folder / (artifact.path or artifact.filename) for artifact in artifacts}

    toolchains = RustToolchains(
        source=None,
        base=folder,
        folder=folder,
        store=store,
        settings=FetchSettings(),
        reporter=SilentReporter(),
    )
    return RustInputs(toolchains=toolchains, machine=AMD64.platform, lock=lock, fetch=fetch)


def platform(target: Target) -> TargetChoice:
    return TargetChoice(selection=Selection(target=target, packages=()), description=digest(target.id))


def build_wheel_of(build: PlannedBuild, folder: Path) -> ReadyWheel:
    """What a build would yield: a wheel with a header for its target from a native sdist, else one for every target."""
    with tarfile.open(folder / f"{build.name}-{build.version}.tar.gz") as archive:
        native = any(name.endswith(".c") for name in archive.getnames())
    files = {f"{build.name}/{build.name}.h": b""} if native else None
    tag = f"cp311-cp311-manylinux_2_28_{build.target.platform.arch.value}" if native else "py3-none-any"
    path = make_wheel(folder / "built" / build.target.id, build.name, build.version, files, tag=tag)
    return ReadyWheel(
        name=build.name,
        version=build.version,
        target=build.target.id,
        filename=path.name,
        path=path,
        sha256=file_digest(path),
        build=build.id,
    )


def earlier_plan(resolved: ResolvedBuild, sdist: Artifact, target: Target = ARM64) -> Plan:
    """A plan in which `sdist` is built for `target` as it was resolved."""
    subject = subject_of(sdist, target)
    return assemble_plan(
        (),
        policy=Policy(),
        inputs={},
        required=[
            RequiredBuild(package=subject.package, target=target, resolved=resolved, policy=PackagePolicy())
        ],
        build_platforms=[platform(one) for one in (target, AMD64, MACOS)],
    )


def after(bench: Bench, previous: Plan, tmp_path: Path) -> BuildResolution:
    """The same with an empty store, so that only the earlier plan can know anything."""
    bench.resolver.asked.clear()
    bench.requests.clear()
    bench.built.clear()
    return replace(bench.resolution, previous=previous, store=Store(tmp_path / "empty"), resolved={})
