"""Two owners of one place in an image: the base and the wheels, the wheels and the application."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.command_line.main import main
from image_bases import base_files
from image_projects import image_project
from layout_files import LayoutMaker, tar_of

MODULE = "/opt/venv/lib/python3.11/site-packages/demo/__init__.py"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project as the working directory, and a store of its own."""
    image_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))


def image(*words: str, base: str = "base") -> int:
    return main(["image", "dist", "--base", base, "-o", "image", "--quiet", "--max-layers", "1", *words])


def test_a_base_of_ours_is_not_mixed_with_the_new_wheels(capsys: pytest.CaptureFixture[str]) -> None:
    assert image() == 0
    Path("image").rename("mine")
    assert image(base="mine") == 3
    assert "cannot use base image 'mine': it has files below /opt/venv already" in capsys.readouterr().err
    assert image("--prefix", "/opt/other", base="mine") == 0


def test_more_layers_than_runtimes_mount_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    maker = LayoutMaker(Path("deep"))
    maker.write(maker.image(tar_of(base_files()), *(tar_of({f"srv/{n}": b""}) for n in range(125))))
    assert image(base="deep") == 3
    assert "runtimes mount at most 127, and the base has 126; give fewer layers" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("place", "owner", "how"),
    [
        (MODULE, "demo-1.0-cp311-cp311-linux_aarch64.whl", "as different things"),
        ("/opt/venv/bin/python3.11", "the virtual environment", "as different things"),
        ("/opt/venv/pyvenv.cfg", "the virtual environment", "as different things"),
    ],
)
def test_the_application_does_not_replace_what_others_bring(
    place: str, owner: str, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert image("--app-file", f"{place}=src/app.py") == 3
    error = capsys.readouterr().err
    assert error.startswith(f"error: cannot put into a layer '{place[1:]}': {owner} and ")
    assert f" both bring it, {how}; leave one of them out" in error
    assert not Path("image").exists()


def test_the_application_may_stand_beside_the_wheels() -> None:
    assert image("--app-file", f"{MODULE.removesuffix('__init__.py')}data.txt=src/app.py") == 0
