"""The example of ten packages, locked and planned as its README says."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from e2e.crosswheel_command import crosswheel, run, shared_store

__all__ = ["BUILT", "EXAMPLE", "TARGETS", "lock_base", "plan_ten_packages"]

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "ten-packages"
#: Targets by the names the example plans them by.
TARGETS = {
    "linux_arm64": "cp311-linux_aarch64_glibc_2_28",
    "linux_amd64": "cp311-linux_x86_64_glibc_2_28",
}
#: What is built from its sdist.
BUILT = ("argon2-cffi-bindings", "crcmod", "markupsafe")


def plan_ten_packages(folder: Path) -> Path:
    """Copy the example to `folder`, lock and plan it there, and return the plan."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("requirements.txt", "crosswheel.toml", "plan.sh"):
        shutil.copy(EXAMPLE / name, folder / name)
    run(
        [str(folder / "plan.sh")],
        cwd=folder,
        environment={"BIN": str(Path(sys.executable).parent), "CROSSWHEEL_CACHE_DIR": str(shared_store())},
    )
    return folder / "wheels.plan.json"


def lock_base(folder: Path) -> Path:
    """Choose the Debian packages that images of the example stand on, and return the base lock."""
    targets = [word for target in TARGETS for word in ("--target", target)]
    crosswheel("image", "lock", *targets, "--python", "3.11", "-o", "base.lock.json", cwd=folder)
    return folder / "base.lock.json"
