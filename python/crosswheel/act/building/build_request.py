"""Everything one build depends on, in one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crosswheel.act.building.build_downloads import RequestedDownload
from crosswheel.act.building.build_python import BuildPython
from crosswheel.act.building.own_toolchain import OwnToolchain
from crosswheel.act.sysroot.assembly import SysrootRequest
from crosswheel.target.descriptions import TargetDescription
from crosswheel.target.targets import Target

__all__ = ["BuildRequest"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildRequest:
    """Everything one build depends on.

    Attributes:
        name: normalized project name.
        version: version as the lock says.
        sdist: the sdist.
        target: what is built for.
        description: the target Python, as described.
        headers: the pack of the target Python's headers.
        build_python: what runs the backend.
        requirements: wheels of the build requirements, for the build machine.
        overlays: project and wheel for the target, see `crosswheel.act.building.build_environment`.
        sysroot: libraries of the target, which need a `toolchain`; ``None`` for a build without.
        toolchain: the ``ziglang`` wheel; ``None`` for a build that compiles nothing.
        own_toolchain: the user's own that compiles for the target then; ``None`` for zig.
        rust: archives of the Rust toolchain; empty for a build that compiles no Rust.
        crates: what its Cargo.lock pins.
        cargo_locks: path in the source tree and file of each Cargo.lock that was made for it.
        backend: PEP 517 ``build-backend``.
        backend_path: PEP 517 ``backend-path``.
        config_settings: passed to the backend.
        environment: variables added to the build's environment.
        patches: applied to the source tree in this order (``patch -p1``).
        downloads: files that it would download, sorted by name.
        source_date_epoch: the build's clock, seconds.
        accept_build_facts: build although the project's code reads facts of the build Python that differ.
        listed: what the configuration lists for it, by the key of its table: nothing that is built depends on it.
        entry: the table of the configuration that is about it, by its place; nothing that is built depends on it.
        own: it is a project of the user's own, which messages tell; nothing that is built depends on it.
    """

    name: str
    version: str
    sdist: Path
    target: Target
    description: TargetDescription
    headers: Path
    build_python: BuildPython
    source_date_epoch: int
    backend: str = "setuptools.build_meta:__legacy__"
    backend_path: tuple[str, ...] = ()
    requirements: tuple[Path, ...] = ()
    overlays: tuple[tuple[str, Path], ...] = ()
    sysroot: SysrootRequest | None = None
    toolchain: Path | None = None
    own_toolchain: OwnToolchain | None = None
    rust: tuple[Path, ...] = ()
    crates: tuple[Path, ...] = ()
    cargo_locks: tuple[tuple[str, Path], ...] = ()
    config_settings: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    patches: tuple[Path, ...] = ()
    downloads: tuple[RequestedDownload, ...] = ()
    accept_build_facts: bool = False
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entry: str = ""
    own: bool = False

    def builds_with(self, *projects: str) -> bool:
        """Return whether one of `projects`, as wheel filenames spell them, is a build requirement."""
        return any(wheel.name.partition("-")[0].lower() in projects for wheel in self.requirements)
