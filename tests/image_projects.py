"""A folder with all that an image is made of: a wheel repository, a base and an application."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.act.wheels.repository import RepositoryWheel, write_repository
from crosswheel.target.targets import parse_target_id
from crosswheel.values.digests import digest_of
from elf_files import extension_module
from image_bases import base_layout
from made_wheels import make_wheel

__all__ = ["ARM", "enter_image_project", "image_project"]

ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")
FILES = {
    "demo/__init__.py": b"def main(): pass\n",
    "demo/_x.cpython-311-aarch64-linux-gnu.so": extension_module("_x"),
    "demo-1.0.dist-info/entry_points.txt": b"[console_scripts]\ndemo = demo:main\n",
}


def enter_image_project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a project in `folder`, which becomes the working directory and has a store of its own."""
    image_project(folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(folder / "store"))


def image_project(folder: Path) -> None:
    """Fill `folder` with ``dist``, ``base`` and ``src``."""
    wheels = [
        make_wheel(folder / "in", "demo", files=FILES, tag="cp311-cp311-linux_aarch64"),
        make_wheel(folder / "in", "pure"),
    ]
    write_repository(
        folder / "dist",
        target=ARM,
        wheels=[RepositoryWheel(path=one, sha256=digest_of_file(one), origin="built") for one in wheels],
        plan_digest=digest_of(b"plan"),
    )
    base_layout(
        folder / "base",
        settings={"Env": ["PATH=/usr/bin", "LANG=C"], "User": "app", "Cmd": ["sh"], "Labels": {"a": "b"}},
        more={"etc/passwd": b"root:x:0:0::/:\napp:x:1000:1000::/:\n"},
    )
    (folder / "src").mkdir()
    (folder / "src/app.py").write_text("import demo\n")
