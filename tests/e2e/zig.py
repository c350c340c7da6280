"""zig for the tests: the pinned wheel, found, fetched and unpacked as a build would, in the store the tests share."""

from __future__ import annotations

import tempfile
from pathlib import Path

from crosswheel.act.building.zig import prepare_zig
from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.fetching.index_configuration import read_fetch_settings, read_resolver_indexes
from crosswheel.act.planning.toolchain_wheel import ToolchainWheels
from crosswheel.act.planning.uv_program import UvProgram
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.target.targets import parse_target_id
from e2e.crosswheel_command import shared_store

__all__ = ["unpacked_zig", "zig_wheel"]


_HERE = parse_target_id("cp311-linux_x86_64_glibc_2_28")


def zig_wheel() -> Path:
    """Return the pinned toolchain wheel for this machine."""
    store = Store(shared_store())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = read_fetch_settings(working_directory=folder)
        uv = UvProgram(indexes=read_resolver_indexes(working_directory=folder), settings=settings)
        artifact = ToolchainWheels(uv=uv, store=store, known=lambda _: None).wheel_for(_HERE)
        found = fetch_artifacts(store, [artifact], base=folder, settings=settings, reporter=SilentReporter())
    return found[artifact.sha256]


def unpacked_zig() -> Path:
    """Return the folder of the toolchain, unpacked as for builds for Linux."""
    return prepare_zig(Store(shared_store()), zig_wheel(), target=_HERE)
