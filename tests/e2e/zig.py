"""zig for the tests: the pinned wheel, fetched and unpacked as a build would, in the store the tests share."""

from __future__ import annotations

import json
import os
import tempfile
from importlib.resources import files
from pathlib import Path

from crosswheel.act.building.zig import prepare_zig
from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.fetching.index_configuration import read_fetch_settings
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.decide.plan import Artifact
from crosswheel.values.digests import Digest
from e2e.target_pythons import cache_root

__all__ = ["unpacked_zig", "zig_wheel"]


def zig_wheel() -> Path:
    """Return the pinned toolchain wheel for this machine."""
    table = json.loads((files("crosswheel") / "toolchains" / "zig.json").read_text("utf-8"))
    machine = f"manylinux_2_12_{os.uname().machine}" if os.uname().machine == "x86_64" else os.uname().machine
    name = next(name for name in table["wheels"] if machine in name and "linux" in name)
    artifact = Artifact(sha256=Digest(table["wheels"][name]), filename=name, project=table["project"])
    with tempfile.TemporaryDirectory() as folder:
        settings = read_fetch_settings(working_directory=Path(folder))
        store = Store(cache_root() / "store")
        found = fetch_artifacts(
            store, [artifact], base=Path(folder), settings=settings, reporter=SilentReporter()
        )
    return found[artifact.sha256]


def unpacked_zig() -> Path:
    """Return the folder of the unpacked toolchain."""
    return prepare_zig(Store(cache_root() / "store"), zig_wheel())
