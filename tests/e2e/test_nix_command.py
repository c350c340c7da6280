"""`nix run` of the flake: the whole command, with all that planning needs, and the plan it makes is the one of any other."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from e2e.crosswheel_command import crosswheel, lock, run, shared_store
from e2e.nix_program import set_up_nix
from e2e.nix_project import add_fetched, copy_project
from e2e.nix_standin import standin_flake

pytestmark = [pytest.mark.e2e, pytest.mark.network]


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return how it is called."""
    folder, nix = tmp_path_factory.mktemp("command"), set_up_nix()
    project, standin = copy_project(folder / "project"), standin_flake(nix, folder / "standin")
    add_fetched(nix)
    options = ("--override-input", "nixpkgs", f"path:{standin}", "--no-write-lock-file")
    return nix.command("run", f"path:{project}", *options, "--")


def _call(command: list[str], *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **set_up_nix().environment}
    return subprocess.run(
        [*command, *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_its_cache_is_in_the_users_cache_folder(command: list[str], tmp_path: Path) -> None:
    done = _call(command, "doctor", "--json", cwd=tmp_path)
    told = {fact["name"]: fact["found"] for fact in json.loads(done.stdout)["facts"]}
    assert told["store"].startswith(set_up_nix().environment["HOME"] + "/.cache/crosswheel,"), done.stderr


def test_it_plans_what_the_command_of_a_virtual_environment_plans(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "crosswheel.toml").write_text('[packages.markupsafe]\nprefer = "sdist"\n')
    lock(tmp_path, "markupsafe")
    crosswheel("target", "pack", "linux_arm64", "--python", "3.11", "-o", "headers.tar", cwd=tmp_path)
    planned = (
        "plan",
        "pylock.toml",
        "--target",
        "linux_arm64",
        "--python",
        "3.11",
        "--headers",
        "headers.tar",
    )
    crosswheel(*planned, "-o", "expected.plan.json", cwd=tmp_path)
    # A program in the tests' store runs in a chroot, where no namespace can be made, and so no sandbox.
    run(
        [*command, *planned, "--sandbox", "none", "-o", "wheels.plan.json"],
        cwd=tmp_path,
        environment={**set_up_nix().environment, "CROSSWHEEL_CACHE_DIR": str(shared_store())},
    )
    assert (tmp_path / "wheels.plan.json").read_bytes() == (tmp_path / "expected.plan.json").read_bytes()
    assert json.loads((tmp_path / "wheels.plan.json").read_text())["builds"]
    reported = _call(command, "report", "wheels.plan.json", cwd=tmp_path)
    assert "to be built" in reported.stdout, reported.stderr
