"""``crosswheel image`` tells of an image that starts nothing by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.command_line.main import main
from image_bases import base_layout
from image_projects import enter_image_project


@pytest.mark.parametrize(
    ("base", "words", "is_told"),
    [
        ("bare", (), True),
        ("bare", ("--cmd", "python"), False),
        ("bare", ("--entrypoint", "python"), False),
        ("base", (), False),
    ],
)
def test_an_image_that_starts_nothing_by_itself_is_told(
    base: str,
    words: tuple[str, ...],
    is_told: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    enter_image_project(tmp_path, monkeypatch)
    base_layout(tmp_path / "bare", settings={"Env": ["PATH=/usr/bin"]})
    assert main(["image", "dist", "--base", base, "-o", "image", *words]) == 0
    assert ("note: nothing says what containers of the image start" in capsys.readouterr().err) == is_told
