"""Runs a container image without a container engine: unpacked by umoci, its files as `/` by bubblewrap, foreign programs under qemu."""

from __future__ import annotations

import json
import os
from pathlib import Path

from e2e.crosswheel_command import run
from e2e.target_pythons import qemu_program, recipe_for

__all__ = ["run_image"]


def run_image(layout: Path, arch: str, scratch: Path) -> str:
    """Run what an image starts with, as its user, and return what it printed.

    Args:
        layout: an OCI layout with the image `latest`.
        arch: the architecture, as crosswheel names it; of several images the one of it is run.
        scratch: a folder that is made.
    """
    scratch.mkdir()
    machine = {"aarch64": "arm64", "x86_64": "amd64"}[arch]
    run(
        ["skopeo", "--override-arch", machine, "copy", "--quiet", f"oci:{layout}:latest", "oci:one:latest"],
        cwd=scratch,
    )
    run(["umoci", "unpack", "--rootless", "--image", "one:latest", "bundle"], cwd=scratch)
    root = scratch / "bundle" / "rootfs"
    process = json.loads((scratch / "bundle" / "config.json").read_text())["process"]
    variables = dict(text.split("=", 1) for text in process["env"])
    user = process["user"]
    sandbox = ["bwrap", "--unshare-user", "--uid", str(user["uid"]), "--gid", str(user["gid"])]
    sandbox += ["--ro-bind", str(root), "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    sandbox += ["--clearenv", "--chdir", process["cwd"]]
    sandbox += [word for name, value in variables.items() for word in ("--setenv", name, value)]
    program, *arguments = process["args"]
    found = _found(root, program, variables["PATH"])
    if arch != os.uname().machine:
        sandbox += [
            "--ro-bind",
            qemu_program(recipe_for(arch, "3.11")),
            "/tmp/qemu",
            "/tmp/qemu",
            "-0",
            found,
        ]
    return run([*sandbox, found, *arguments], cwd=scratch)


def _found(root: Path, program: str, search_path: str) -> str:
    for place in search_path.split(":"):
        if os.path.lexists(f"{root}{place}/{program}"):
            return f"{place}/{program}"
    raise AssertionError(f"{program} is not on the image's PATH, {search_path}")
