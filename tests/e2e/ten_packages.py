"""The example of ten packages, locked and planned as its README says."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from e2e.crosswheel_command import crosswheel, run

__all__ = ["BUILT", "EXAMPLE", "TARGETS", "plan_ten_packages"]

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
    for name in ("requirements.txt", "crosswheel.toml"):
        shutil.copyfile(EXAMPLE / name, folder / name)
    uv = str(Path(sys.executable).with_name("uv"))
    run(
        [
            *(uv, "pip", "compile", "--quiet", "--no-deps", "--universal", "--python-version", "3.11"),
            *("--format", "pylock.toml", "requirements.txt", "-o", "pylock.toml"),
        ],
        cwd=folder,
    )
    options: list[str] = []
    for target in TARGETS:
        crosswheel("target", "pack", "--python", "3.11", target, "-o", f"headers.{target}.tar", cwd=folder)
        options += ["--target", target, "--headers", f"{target}=headers.{target}.tar"]
    crosswheel("plan", "pylock.toml", "--python", "3.11", *options, cwd=folder)
    return folder / "wheels.plan.json"
