"""Layers and images of docs/examples/ten-packages by Bazel: the bytes of the command line, and they run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from e2e.bazel_workspace import Workspace, digests_below, on
from e2e.crosswheel_command import crosswheel
from e2e.image_bundles import run_image
from e2e.ten_packages import TARGETS

pytestmark = pytest.mark.e2e

_ARCHES = {"linux_amd64": "x86_64", "linux_arm64": "aarch64"}


@pytest.fixture(scope="module")
def folder(built: Workspace) -> Path:
    return built.folder


def _by_command(folder: Path, name: str, *targets: str) -> Path:
    words = [word for target in targets for word in ("--target", target)]
    words += ["--base", "base.lock.json", "--app-file", "/app/greet.py=src/greet.py"]
    words += ["--entrypoint", "python -m greet", "--workdir", "/app"]
    crosswheel("image", "wheels.plan.json", *words, "-o", name, cwd=folder)
    return folder / name


def _digest(layout: Path) -> str:
    (image,) = json.loads((layout / "index.json").read_text())["manifests"]
    return str(image["digest"])


@pytest.mark.parametrize("platform", _ARCHES)
def test_the_image_of_a_platform_is_the_commands_and_runs(
    platform: str, built: Workspace, folder: Path, tmp_path: Path
) -> None:
    made = built.output("//app:image", *on(platform))
    assert _digest(made) == _digest(_by_command(folder, f"image-{platform}", platform))
    printed = run_image(made, _ARCHES[platform], tmp_path / "bundle")
    assert printed.startswith(f"Hello, world, from {_ARCHES[platform]}! ")


def test_the_index_of_both_platforms_is_the_commands(built: Workspace, folder: Path) -> None:
    made = built.output("//app:images", *on("linux_amd64"))
    by_command = _by_command(folder, "images", "linux_arm64", "linux_amd64")
    assert (made / "index.json").read_bytes() == (by_command / "index.json").read_bytes()
    report = json.loads(crosswheel("image", "verify", made, "--json", cwd=folder))
    assert report["images"] == ["latest linux/arm64", "latest linux/amd64"]
    assert [one for one in report["findings"] if one["severity"] != "note"] == []


def test_the_index_is_the_same_whatever_is_built_for(built: Workspace) -> None:
    amd, arm = (built.output("//app:images", *on(name)) for name in TARGETS)
    assert (amd / "index.json").read_bytes() == (arm / "index.json").read_bytes()


def test_layers_for_other_tools_are_the_commands(built: Workspace, folder: Path, tmp_path: Path) -> None:
    made = built.output("//app:layers", *on("linux_arm64"))
    crosswheel(
        "layer", folder / "wheels.plan.json", "--target", "linux_arm64", "-o", tmp_path / "layers", cwd=folder
    )
    assert digests_below(made) == digests_below(tmp_path / "layers")


def test_the_lambda_layer_is_the_commands(built: Workspace, folder: Path, tmp_path: Path) -> None:
    made = built.output("//app:lambda", *on("linux_arm64"))
    crosswheel(
        "lambda", "wheels.plan.json", "--target", "linux_arm64", "-o", tmp_path / "layer.zip", cwd=folder
    )
    assert (
        hashlib.sha256(made.read_bytes()).digest()
        == hashlib.sha256((tmp_path / "layer.zip").read_bytes()).digest()
    )
