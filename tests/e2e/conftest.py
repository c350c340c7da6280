"""Fixtures of the end-to-end tests: target Pythons, build Pythons and the crosswheel command."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.bazel_workspace import Workspace, make_workspace, on, share_runtime
from e2e.build_pythons import build_python as find_build_python
from e2e.made_by_command import MadeByCommand, made_by_command
from e2e.nix_project import NixProject, make_nix_project
from e2e.nix_user import NixSetting, set_up_users
from e2e.target_pythons import TargetPython
from e2e.target_pythons import target_python as set_up_target_python
from e2e.ten_packages import TARGETS


@pytest.fixture(scope="session")
def target_python() -> Callable[..., TargetPython]:
    """Return a function from architecture and version (default 3.11) to a target Python that runs under qemu."""
    return set_up_target_python


@pytest.fixture(scope="session")
def build_python() -> Callable[[str], Path]:
    """Return a function from a version to an interpreter of this machine that has its headers."""
    return find_build_python


@pytest.fixture(scope="session")
def by_command(tmp_path_factory: pytest.TempPathFactory) -> MadeByCommand:
    """What the command line makes of docs/examples/ten-packages; if several processes run the tests, one makes it."""
    own = tmp_path_factory.getbasetemp()
    of_all = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    return made_by_command(of_all / "by-command")


@pytest.fixture(scope="session")
def nix_project(tmp_path_factory: pytest.TempPathFactory, by_command: MadeByCommand) -> NixProject:
    """Return this repository as a flake, with the plan of docs/examples/ten-packages."""
    return make_nix_project(tmp_path_factory.mktemp("nix"), by_command)


@pytest.fixture(scope="session")
def nix_users(tmp_path_factory: pytest.TempPathFactory) -> NixSetting:
    """Return what flakes of users' own are tried with."""
    return set_up_users(tmp_path_factory.mktemp("flakes"))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, by_command: MadeByCommand) -> Iterator[Workspace]:
    """docs/examples/ten-packages as a workspace of Bazel, in which everything was built for both platforms."""
    folder = tmp_path_factory.mktemp("bazel")
    workspace = make_workspace(folder / "workspace", folder / "state", by_command)
    try:
        for platform in TARGETS:
            answer = workspace.bazel(
                "build", "//...", "@pypi//:repository", "@pypi//:site_packages", *on(platform)
            )
            assert set(answer.processes) <= {"internal", "linux-sandbox", "disk cache hit"}
            share_runtime(workspace, platform)
        yield workspace
    finally:
        workspace.close()
