"""Three executors of one plan, the same bytes: the command line, Bazel and Nix make docs/examples/ten-packages."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from e2e.bazel_workspace import Workspace, digests_below, on
from e2e.made_by_command import MadeByCommand
from e2e.nix_project import NixProject
from e2e.ten_packages import BUILT, TARGETS

pytestmark = [pytest.mark.e2e, pytest.mark.network]


def _digests(made: dict[str, Path]) -> dict[str, dict[str, str]]:
    """Return by name the digest of each file, or of the only one."""
    return {
        name: digests_below(path) if path.is_dir() else {"": hashlib.sha256(path.read_bytes()).hexdigest()}
        for name, path in made.items()
    }


def test_command_line_bazel_and_nix_make_the_same_bytes(
    by_command: MadeByCommand, built: Workspace, nix_project: NixProject
) -> None:
    """Wheels, their repositories, layers, images and the Lambda layer; Nix builds nothing that its store has."""
    amd, arm = on("linux_amd64"), on("linux_arm64")
    command = _digests(
        {
            **{f"repository of {name}": by_command.repository(name) for name in TARGETS},
            "layers": by_command.layers,
            "image": by_command.image("linux_arm64"),
            "images": by_command.images,
            "lambda": by_command.lambda_layer,
        }
    )
    bazel = _digests(
        {
            **{f"repository of {name}": built.output("@pypi//:repository", *on(name)) for name in TARGETS},
            "layers": built.output("//app:layers", *arm),
            "image": built.output("//app:image", *arm),
            "images": built.output("//app:images", *amd),
            "lambda": built.output("//app:lambda", *arm),
        }
    )
    repositories = nix_project.build(".#wheels")
    nix = _digests(
        {
            **{f"repository of {name}": repositories / target for name, target in TARGETS.items()},
            "layers": nix_project.build(".#wheels.aarch64.layer"),
            "image": nix_project.build(".#wheels.aarch64.image"),
            "images": nix_project.build(".#image"),
            "lambda": nix_project.build(".#wheels.aarch64.lambda"),
        }
    )
    wheels = {name for files in command.values() for name in files if name.endswith(".whl")}
    assert len({wheel.partition("-")[0] for wheel in wheels}) > len(BUILT)
    assert bazel == command
    assert nix == command
