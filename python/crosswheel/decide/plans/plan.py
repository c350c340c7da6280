"""The plan: what every executor reads, and its canonical JSON (schema 1).

The JSON shape and its meaning are documented in docs/reference/plan.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crosswheel.decide.plans.toolchain_pin import ToolchainPin
from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest

__all__ = [
    "BUILD_PYTHON_HEADERS",
    "Artifact",
    "BuildEnvironment",
    "CargoLock",
    "HeadersPin",
    "Overlay",
    "Patch",
    "Plan",
    "PlannedBuild",
    "PlannedDownload",
    "PlannedTarget",
    "PlannedWheel",
    "Sysroot",
    "SysrootPackage",
]


#: The source of headers that needs no file: the build Python's own, with the target's pyconfig.h.
BUILD_PYTHON_HEADERS = "build-python"


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """One file the plan needs, named by its content.

    Attributes:
        sha256: digest of the file; the key under which everything else in the plan names it.
        filename: the file's own name.
        project: normalized project name, for looking the file up on an index; ``None`` if it is on none.
        url: where it was when the plan was made; ``None`` for a local file.
        path: path relative to the plan's folder, ``/``-separated; ``None`` for a remote file.
        size: bytes, when the lock says.
        also: other addresses of the same file, tried when `url` does not have it any more.
    """

    sha256: Digest
    filename: str
    project: str | None = None
    url: str | None = None
    path: str | None = None
    size: int | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadersPin:
    """The target Python's headers, an artifact like any other.

    Attributes:
        source: ``build-python`` (packed from the build Python on the spot, then compared with `sha256`),
            or ``artifact`` (a packed headers file that `Plan.artifacts` names).
        python_version: full version of the headers, e.g. ``3.11.7``.
        sha256: digest of the canonical headers pack.
        origin: human-readable provenance, e.g. the package names and versions it was packed from.
    """

    source: str
    python_version: str
    sha256: Digest
    origin: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedWheel:
    """One package of one target: a prebuilt wheel (`artifact`) or a build (`build`), never both."""

    name: str
    version: str
    artifact: Digest | None = None
    build: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedTarget:
    """One target and its wheels, sorted by name.

    Attributes:
        target: the target.
        description: digest of the canonical JSON of the target description used, if anything is built.
        headers: the headers, if anything is built.
        toolchain: the user's own toolchain that compiles for it; ``None`` for zig.
        wheels: the wheels, sorted by normalized name.
    """

    target: Target
    description: Digest | None = None
    headers: HeadersPin | None = None
    toolchain: ToolchainPin | None = None
    wheels: tuple[PlannedWheel, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Overlay:
    """Target files of a build requirement, laid over the build platform's (headers, static libraries).

    Exactly one of `artifact` and `build` is set.

    Attributes:
        project: normalized name of the build requirement.
        artifact: digest of the same release's wheel for the target.
        build: id of the build that makes it, if the release has none.
    """

    project: str
    artifact: Digest | None = None
    build: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SysrootPackage:
    """One package of the target's libraries.

    Attributes:
        name: name of the Debian package, or of the user's folder.
        version: its version; empty for a folder.
        artifact: digest of the ``.deb``, or of the packed folder.
    """

    name: str
    version: str
    artifact: Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class Sysroot:
    """Libraries of the target that a build compiles and links against.

    Attributes:
        packages: what they are unpacked from, sorted by name.
        link: ``static`` or ``shared``.
        wanted: what was asked for, before dependencies were followed.
        origin: where the packages were chosen from, e.g. ``Debian trixie arm64``; for people, and for
            the wheels' bills of materials.
        index: digest of the index they were chosen from; ``None`` for a folder.
    """

    packages: tuple[SysrootPackage, ...]
    link: str = "static"
    wanted: tuple[str, ...] = ()
    origin: str = ""
    index: Digest | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildEnvironment:
    """What one build needs on one build platform.

    Attributes:
        requirements: digests of the build requirements' wheels, sorted by filename.
        toolchain: digest of the C toolchain's wheel (``ziglang``); where the target has a toolchain of the user's own,
            it compiles what runs during the build.
        builds: ids of the builds, for this build platform, that make the wheels of build requirements which
            exist only as sdists; sorted.
        rust: digests of the archives the Rust toolchain is unpacked from, laid over each other in this order;
            empty when no Rust is compiled.
    """

    requirements: tuple[Digest, ...]
    toolchain: Digest | None
    builds: tuple[str, ...] = ()
    rust: tuple[Digest, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Patch:
    """A patch applied to the unpacked sdist: its path relative to the plan's folder and its digest."""

    path: str
    sha256: Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class CargoLock:
    """A Cargo.lock put into the unpacked sdist: its path there and the digest of the artifact."""

    path: str
    artifact: Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedDownload:
    """A file that the build would download: the digest of the artifact, and what CMake takes it for.

    Attributes:
        artifact: digest of the file.
        filename: its name in the folder of downloads.
        fetch_content: name of the content that CMake's ``FetchContent_Declare`` takes it for; empty for none.
    """

    artifact: Digest
    filename: str
    fetch_content: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedBuild:
    """One sdist to be built for one target.

    Attributes:
        id: ``<name>-<version>-<target id>``.
        name: normalized project name.
        version: version as the lock says.
        target: the target it is built for.
        sdist: digest of the sdist artifact.
        inputs: digest of everything `environments` and `overlays` were resolved from; a later plan takes them
            over for as long as it is the same.
        backend: PEP 517 ``build-backend`` object path.
        backend_path: PEP 517 ``backend-path``.
        requires: what was asked for before it was resolved: ``build-system.requires``, the policy's and the
            backend's own requirements; for people to read.
        listed: what the configuration lists for it, by the key of its table; for people who add to a list.
        entry: the table of the configuration that is about it, by its place there; for people who add to it; empty for none.
        declared: of a project of the user's own, what its pyproject.toml declared, by key (``project.dependencies``): a build
            of its source as it is now is refused if that is another.
        environments: by build platform target id (e.g. ``cp311-linux_x86_64_glibc_2_28``).
        overlays: target files of build requirements.
        crates: digests of the crates that its Cargo.lock pins, sorted by filename.
        sysroot: the target's libraries; ``None`` when none are needed.
        cargo_locks: those made while planning, for a source tree that has none.
        config_settings: passed to the backend.
        environment: extra environment variables of the build.
        patches: applied in order.
        downloads: files that it would download, sorted by name.
        oracle: digest of a prebuilt wheel of the same release to compare the result with, if the lock lists one.
        accept: findings the user accepts, ``code`` or ``code:glob of the file``.
        known: those of `accept` that come from the shipped quirks: such a finding may be there and need not.
        accept_build_facts: build although the project's code reads facts of the build Python that differ.
    """

    id: str
    name: str
    version: str
    target: Target
    sdist: Digest
    inputs: Digest
    backend: str
    backend_path: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entry: str = ""
    declared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    environments: Mapping[str, BuildEnvironment] = field(default_factory=dict)
    overlays: tuple[Overlay, ...] = ()
    crates: tuple[Digest, ...] = ()
    sysroot: Sysroot | None = None
    cargo_locks: tuple[CargoLock, ...] = ()
    config_settings: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    patches: tuple[Patch, ...] = ()
    downloads: tuple[PlannedDownload, ...] = ()
    oracle: Digest | None = None
    accept: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    accept_build_facts: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Everything decided, once.

    Attributes:
        inputs: digest by input: ``lock``, ``configuration``, ``targets``, and each ``option`` given, ``quirks``
            if shipped ones apply; `plan --check` compares them.
        source_date_epoch: the fixed clock of every build, seconds.
        artifacts: by digest.
        builds: by id.
        targets: sorted by id.
        accept: findings accepted on prebuilt wheels, by normalized project name.
        build_platforms: those that build requirements are built for, none of them among `targets`; without
            wheels, sorted by id.
    """

    inputs: Mapping[str, Digest]
    source_date_epoch: int
    artifacts: Mapping[Digest, Artifact]
    builds: Mapping[str, PlannedBuild]
    targets: tuple[PlannedTarget, ...]
    accept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    build_platforms: tuple[PlannedTarget, ...] = ()
