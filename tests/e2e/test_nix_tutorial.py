"""The tutorial of Nix does what it says, and the service answers from the image."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from e2e.folders import folder_differences
from e2e.image_service import serving, unpack_image
from e2e.nix_program import set_up_nix
from e2e.nix_project import copy_project
from e2e.nix_standin import standin_flake
from e2e.shown_pages import do_page, put_programs

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(_ROOT / "docs" / "examples" / "web-service"))

from demo import fetch, free_port, wait_until_up  # noqa: E402


@pytest.fixture(scope="module")
def hello(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the tutorial ends."""
    folder = tmp_path_factory.mktemp("tutorial")
    project = copy_project(folder / "crosswheel")
    standin = standin_flake(set_up_nix(), folder / "standin")
    words = f'-m e2e.shown_nix "{project}" "{standin}" "$@"'
    script = f'PYTHONPATH="{_ROOT}/python:{_ROOT}/tests" exec "{sys.executable}" {words}'
    return do_page(
        _ROOT / "docs" / "tutorials" / "nix.md", folder, put_programs(folder / "programs", nix=script)
    )


@pytest.fixture(scope="module")
def image(hello: Path) -> Path:
    """The layout that Nix built."""
    return set_up_nix().file(str((hello / "image").readlink()))


def test_it_is_the_image_of_the_command_line(hello: Path, image: Path) -> None:
    assert folder_differences(image, hello / "same") == []


def test_the_service_answers_from_the_image(image: Path, tmp_path: Path) -> None:
    shutil.copytree(image, tmp_path / "image")
    bundle = unpack_image(tmp_path / "image", tmp_path / "bundle")
    port = free_port()
    with serving(bundle, "--port", str(port), arch="arm64") as server:
        wait_until_up(port, server, path="/?n=1")
        assert json.loads(fetch(port, "/?n=1&n=2")) == {"machine": "aarch64", "mean": 1.5}
