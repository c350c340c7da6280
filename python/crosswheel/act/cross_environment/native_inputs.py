"""What a cross environment gets besides the C toolchain: libraries of the target and Rust, chosen and fetched as for a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.building.rust_archives import prepare_rust
from crosswheel.act.sysroot.assembly import SysrootRequest, sysroot_request
from crosswheel.decide.configuration.policy import Policy
from crosswheel.decide.configuration.policy_model import PackagePolicy
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError

if TYPE_CHECKING:
    from crosswheel.act.services import Services
    from crosswheel.decide.plans.plan import Artifact
    from crosswheel.values.digests import Digest

__all__ = ["NativeInputs", "NativeRequest", "native_inputs"]

#: Who wants the libraries, in messages.
_WANTED_BY = "the cross environment"


@dataclass(frozen=True, kw_only=True, slots=True)
class NativeRequest:
    """What is wanted besides the C toolchain.

    Attributes:
        sysroot: Debian packages, or the one path of a folder with libraries.
        link: how libraries are linked; ``None`` for statically.
        rust: whether Rust is wanted.
        configuration: where `rust` and `sysroot` of ``[tool.crosswheel]`` stand; ``None`` for nowhere.
    """

    sysroot: tuple[str, ...] = ()
    link: LinkKind | None = None
    rust: bool = False
    configuration: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NativeInputs:
    """What was found.

    Attributes:
        sysroot: the libraries; ``None`` for none.
        rust: the folder of the Rust toolchain; ``None`` for none.
    """

    sysroot: SysrootRequest | None = None
    rust: Path | None = None


def native_inputs(request: NativeRequest, target: Target, *, services: Services) -> NativeInputs:
    """Choose and fetch what is wanted.

    Args:
        request: what is wanted.
        target: what it is for.
        services: store, and how files are fetched.

    Raises:
        InputError: the configuration cannot be read, or the source has nothing for the target.
        ResolutionError: an index or a release lacks what is wanted.
        FetchError: a file cannot be had.
    """
    _refuse_lone_link(request)
    if not request.sysroot and not request.rust:
        return NativeInputs()
    policy = _policy(request)
    return NativeInputs(
        sysroot=_sysroot(request, target, policy, services) if request.sysroot else None,
        rust=_rust(request, target, policy, services) if request.rust else None,
    )


def _refuse_lone_link(request: NativeRequest) -> None:
    if request.link is not None and not request.sysroot:
        raise InputError(
            "link libraries",
            request.link.value,
            why="there are none: no sysroot is named",
            fix="name Debian packages or a folder with --sysroot, for example --sysroot libssl-dev",
        )


def _policy(request: NativeRequest) -> Policy:
    if request.configuration is None:
        return Policy()
    from crosswheel.act.planning.plan_inputs import read_configuration

    return read_configuration(request.configuration)


def _folder(request: NativeRequest) -> Path:
    """Return the folder that paths of the configuration are relative to."""
    return Path.cwd() if request.configuration is None else request.configuration.parent


def _sysroot(request: NativeRequest, target: Target, policy: Policy, services: Services) -> SysrootRequest:
    from crosswheel.act.planning.debian_archive import DebianArchive
    from crosswheel.act.planning.sysroot_choice import SysrootChooser

    archive = DebianArchive(source=policy.sysroot, settings=services.settings, reporter=services.reporter)
    # A folder is one of the command line: relative to where the command runs.
    chooser = SysrootChooser(
        archive=archive, store=services.store, folder=Path.cwd(), configuration_folder=Path.cwd()
    )
    wanted = PackagePolicy(
        sysroot=request.sysroot, sysroot_folder=_is_folder(request.sysroot), link=request.link
    )
    chosen = chooser.choose(wanted, target, wanted_by=_WANTED_BY)
    assert chosen is not None  # packages are named
    return sysroot_request(chosen.sysroot, _fetched(chosen.artifacts, services))


def _is_folder(sysroot: Sequence[str]) -> bool:
    """Tell whether the user named a folder; a Debian package has no slash in its name.

    Raises:
        InputError: folders and packages are mixed.
    """
    paths = [text for text in sysroot if "/" in text or text in {".", ".."}]
    if paths and len(sysroot) > 1:
        raise InputError(
            "read sysroot",
            paths[0],
            why="it is a folder, and something else is named besides",
            fix="name Debian packages only, or one folder that holds all libraries",
        )
    return bool(paths)


def _rust(request: NativeRequest, target: Target, policy: Policy, services: Services) -> Path:
    from crosswheel.act.machine_platform import build_machine_platform
    from crosswheel.act.planning.rust_toolchain import RustToolchains

    folder = _folder(request)
    toolchains = RustToolchains(
        source=policy.rust,
        base=folder,
        folder=Path.cwd(),
        store=services.store,
        settings=services.settings,
        reporter=services.reporter,
    )
    artifacts = toolchains.files_for(build_machine_platform(), target.platform)
    found = _fetched(artifacts, services)
    return prepare_rust(services.store, [found[artifact.sha256] for artifact in artifacts])


def _fetched(artifacts: Sequence[Artifact], services: Services) -> Mapping[Digest, Path]:
    from crosswheel.act.fetching.fetch import fetch_artifacts

    return fetch_artifacts(
        services.store,
        artifacts,
        base=Path.cwd(),
        settings=services.settings,
        reporter=services.reporter,
    )
