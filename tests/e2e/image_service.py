"""Starts the process that a runtime would start of an image, in the image's files, as its user; a foreign one under qemu."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from e2e.crosswheel_command import run
from e2e.target_pythons import qemu_program, recipe_for

__all__ = ["serving", "unpack_image"]


def unpack_image(layout: Path, bundle: Path) -> Path:
    """Have umoci unpack the one image of a layout into what a runtime starts."""
    run(["umoci", "unpack", "--rootless", "--image", f"{layout}:latest", str(bundle)], cwd=layout.parent)
    return bundle


@contextmanager
def serving(bundle: Path, *arguments: str, arch: str) -> Iterator[subprocess.Popen[bytes]]:
    """Have the image's process run, with `arguments` after its own; `arch` as images name it."""
    process = json.loads((bundle / "config.json").read_text())["process"]
    variables = dict(text.split("=", 1) for text in process["env"])
    user = process["user"]
    sandbox = ["bwrap", "--die-with-parent", "--unshare-user"]
    sandbox += ["--uid", str(user["uid"]), "--gid", str(user["gid"])]
    sandbox += [
        "--ro-bind",
        str(bundle / "rootfs"),
        "/",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--tmpfs",
        "/tmp",
    ]
    sandbox += ["--clearenv", "--chdir", process["cwd"]]
    for name, value in variables.items():
        sandbox += ["--setenv", name, value]
    program, *own = process["args"]
    found = _found(bundle / "rootfs", program, variables["PATH"])
    if arch == "arm64":
        qemu = qemu_program(recipe_for("aarch64", "3.11"))
        sandbox += ["--ro-bind", qemu, "/tmp/qemu", "/tmp/qemu", "-0", found]
    with subprocess.Popen([*sandbox, found, *own, *arguments]) as server:
        try:
            yield server
        finally:
            server.terminate()


def _found(root: Path, program: str, search_path: str) -> str:
    for place in search_path.split(":"):
        if os.path.lexists(f"{root}{place}/{program}"):
            return f"{place}/{program}"
    raise AssertionError(f"{program} is not on the image's PATH, {search_path}")
