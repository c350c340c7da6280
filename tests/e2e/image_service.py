"""Starts an image with runc, in the image's files and as its user, as any container engine would; a foreign one under qemu."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from e2e.crosswheel_command import run
from e2e.target_pythons import qemu_program, recipe_for

__all__ = ["serving", "unpack_image"]

#: Where the emulator is seen in the container.
_QEMU = "/tmp/qemu"


def unpack_image(layout: Path, bundle: Path) -> Path:
    """Have umoci unpack the one image of a layout into what a runtime starts."""
    run(["umoci", "unpack", "--rootless", "--image", f"{layout}:latest", str(bundle)], cwd=layout.parent)
    return bundle


@contextmanager
def serving(bundle: Path, *arguments: str, arch: str) -> Iterator[subprocess.Popen[bytes]]:
    """Have the image's process run, with `arguments` after its own; `arch` as images name it.

    It shares the network of this machine, and can write to ``/tmp`` only.
    """
    written = (bundle / "config.json").read_bytes()
    config = _config(json.loads(written), bundle / "rootfs", arguments, arch)
    (bundle / "config.json").write_text(json.dumps(config))
    name = f"crosswheel-test-{os.getpid()}-{arch}"
    runc = ["runc", "--root", str(bundle.with_name(f"{bundle.name}-state"))]
    try:
        with subprocess.Popen([*runc, "run", "--bundle", str(bundle), name]) as server:
            try:
                yield server
            finally:
                subprocess.run([*runc, "delete", "--force", name], check=True)
    finally:
        (bundle / "config.json").write_bytes(written)


def _config(config: dict[str, Any], root: Path, arguments: tuple[str, ...], arch: str) -> dict[str, Any]:
    process = config["process"]
    process["terminal"] = False
    process["args"] += arguments
    config["root"]["readonly"] = True
    config["mounts"].append({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"})
    if os.geteuid() == 0:
        for kind in ("uidMappings", "gidMappings"):  # umoci's have but the one who unpacks
            config["linux"][kind] = [{"containerID": 0, "hostID": 0, "size": 1 << 16}]
    else:
        process["user"] = {"uid": 0, "gid": 0}
    if arch == "arm64":
        variables = dict(text.split("=", 1) for text in process["env"])
        program = _found(root, process["args"][0], variables["PATH"])
        process["args"] = [_QEMU, "-0", program, program, *process["args"][1:]]
        source = qemu_program(recipe_for("aarch64", "3.11"))
        mount = {"destination": _QEMU, "type": "bind", "source": source, "options": ["bind", "ro"]}
        config["mounts"].append(mount)
    return config


def _found(root: Path, program: str, search_path: str) -> str:
    for place in search_path.split(":"):
        if os.path.lexists(f"{root}{place}/{program}"):
            return f"{place}/{program}"
    raise AssertionError(f"{program} is not on the image's PATH, {search_path}")
