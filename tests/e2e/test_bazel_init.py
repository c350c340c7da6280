"""What ``init`` writes is what ``crosswheel build`` and Bazel build from, with nothing added."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from crosswheel.api import read_plan
from e2e.bazel_workspace import open_workspace
from e2e.crosswheel_command import crosswheel, lock, repository_of
from e2e.nix_program import set_up_nix

pytestmark = [pytest.mark.e2e, pytest.mark.network]


def test_what_init_writes_builds(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    lock(folder, "markupsafe")
    (folder / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1"\n')
    (folder / "Dockerfile").write_text("FROM --platform=linux/arm64 python:3.11-slim\n")
    told = json.loads(crosswheel("init", "--bazel", "--nix", "--json", cwd=folder))
    assert (told["targets"], told["python"]) == (["linux_arm64"], "3.11")
    for command in told["next"]:
        program, *words = command.split()
        if program == "crosswheel":
            crosswheel(*words, cwd=folder)
    (wheel,) = repository_of(folder / "dist").glob("*.whl")
    assert "aarch64" in wheel.name

    set_up_nix()("--parse", folder / "flake.nix", program="nix-instantiate")
    plan = read_plan(folder / "wheels.plan.json")
    bazel = open_workspace(folder, tmp_path / "state", plan.artifacts.values())
    try:
        bazel.bazel("build", "//:repositories")
        made = [path.name for path in bazel.output("//:repositories").rglob("*.whl")]
        assert made == [wheel.name]
        bazel.bazel("test", "//:plan_test")
    finally:
        bazel.close()


def test_the_plan_that_init_makes_is_git_clean_when_made_again(tmp_path: Path) -> None:
    lock(tmp_path, "markupsafe")
    crosswheel("init", "--target", "linux_arm64", "--python", "3.11", cwd=tmp_path)
    before = (tmp_path / "wheels.plan.json").read_bytes()
    subprocess.run(["rm", "wheels.plan.json"], cwd=tmp_path, check=True)
    crosswheel("plan", "pylock.toml", cwd=tmp_path)
    assert (tmp_path / "wheels.plan.json").read_bytes() == before
