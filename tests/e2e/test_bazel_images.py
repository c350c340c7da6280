"""Layers and images of docs/examples/ten-packages by Bazel: the bytes of the command line, and they run."""

from __future__ import annotations

import filecmp
import json
from pathlib import Path
from typing import Any

import pytest

from e2e.bazel_workspace import Workspace, changed, digests_below, on
from e2e.crosswheel_command import crosswheel
from e2e.image_bundles import run_image
from e2e.made_by_command import MadeByCommand
from e2e.ten_packages import TARGETS

pytestmark = pytest.mark.e2e

_ARCHES = {"linux_amd64": "x86_64", "linux_arm64": "aarch64"}


def _digest(layout: Path) -> str:
    (image,) = json.loads((layout / "index.json").read_text())["manifests"]
    return str(image["digest"])


def _settings(layout: Path) -> dict[str, Any]:
    """Return what the one image of a layout says of how it is run."""

    def blob(digest: str) -> Any:
        return json.loads((layout / "blobs" / digest.replace(":", "/")).read_text(encoding="utf-8"))

    settings: dict[str, Any] = blob(blob(_digest(layout))["config"]["digest"])["config"]
    return settings


@pytest.mark.parametrize("platform", _ARCHES)
def test_the_image_of_a_platform_is_the_commands_and_runs(
    platform: str, built: Workspace, by_command: MadeByCommand, tmp_path: Path
) -> None:
    made = built.output("//app:image", *on(platform))
    assert _digest(made) == _digest(by_command.image(platform))
    printed = run_image(made, _ARCHES[platform], tmp_path / "bundle")
    assert printed.startswith(f"Hello, world, from {_ARCHES[platform]}! ")


def test_values_of_an_image_may_hold_anything(built: Workspace) -> None:
    values = {
        "lines": "one\ntwo\n",
        "quotes": """it's "so" $HOME %s""",
        "at": "@x",
        "blank": " a  b ",
        "empty": "",
        "name": "Zoë",
    }
    said = json.dumps(values, ensure_ascii=False)
    with changed(
        built.folder / "app" / "BUILD.bazel",
        lambda text: text.replace(
            '    workdir = "/app",\n',
            f'    workdir = "/app",\n    labels = {said},\n    env = {said},\n    cmd = {json.dumps([*values.values()], ensure_ascii=False)},\n',
        ),
    ):
        built.bazel("build", "//app:image", *on("linux_amd64"))
        settings = _settings(built.output("//app:image", *on("linux_amd64")))
    built.bazel("build", "//app:image", *on("linux_amd64"))
    assert settings["Labels"] == values
    assert {f"{name}={value}" for name, value in values.items()} <= set(settings["Env"])
    assert settings["Cmd"] == [*values.values()]


def test_an_error_of_an_image_names_attributes(built: Workspace) -> None:
    wrong = """
oci_image(
    name = "wrong",
    base = "@debian",
    interpreter = "/no/such",
    layers = [":wheels"],
)
"""
    with changed(built.folder / "app" / "BUILD.bazel", lambda text: text + wrong):
        answer = built.bazel("build", "//app:wrong", *on("linux_arm64"), succeeds=False)
    assert "/no/such" in answer.said
    assert "with `interpreter`" in answer.said
    assert "--interpreter" not in answer.said


def test_the_index_of_both_platforms_is_the_commands(built: Workspace, by_command: MadeByCommand) -> None:
    made = built.output("//app:images", *on("linux_amd64"))
    assert (made / "index.json").read_bytes() == (by_command.images / "index.json").read_bytes()
    report = json.loads(crosswheel("image", "verify", made, "--json", cwd=built.folder))
    assert report["images"] == ["latest linux/arm64", "latest linux/amd64"]
    assert [one for one in report["findings"] if one["severity"] != "note"] == []


def test_the_index_is_the_same_whatever_is_built_for(built: Workspace) -> None:
    amd, arm = (built.output("//app:images", *on(name)) for name in TARGETS)
    assert (amd / "index.json").read_bytes() == (arm / "index.json").read_bytes()


def test_layers_for_other_tools_are_the_commands(built: Workspace, by_command: MadeByCommand) -> None:
    made = built.output("//app:layers", *on("linux_arm64"))
    assert digests_below(made) == digests_below(by_command.layers)


def test_layers_with_bytecode_are_the_commands(
    built: Workspace, by_command: MadeByCommand, tmp_path: Path
) -> None:
    plan, target = by_command.folder / "wheels.plan.json", ("--target", "linux_arm64")
    # The one that steps find in Bazel's sandbox: releases of one X.Y write some modules differently.
    bytecode = ("--bytecode", "--build-python", "/usr/bin/python3.11")
    crosswheel("layer", plan, *target, *bytecode, "-o", tmp_path / "layers", cwd=tmp_path)
    with changed(
        built.folder / "app" / "BUILD.bazel",
        lambda text: text.replace('name = "layers",', 'name = "layers", bytecode = True,'),
    ):
        built.bazel("build", "//app:layers", *on("linux_arm64"))
        made = digests_below(built.output("//app:layers", *on("linux_arm64")))
    built.bazel("build", "//app:layers", *on("linux_arm64"))
    assert made == digests_below(tmp_path / "layers") != digests_below(by_command.layers)


def test_the_lambda_layer_is_the_commands(built: Workspace, by_command: MadeByCommand) -> None:
    made = built.output("//app:lambda", *on("linux_arm64"))
    assert filecmp.cmp(made, by_command.lambda_layer, shallow=False)
