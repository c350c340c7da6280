"""What `-o` may name: no standard output for what is no text, no folder for what is a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.command_line.main import main


@pytest.mark.parametrize(
    "words",
    [
        ["build", "p.json"], ["install", "p.json"], ["layer", "p.json"], ["lambda", "p.json"], ["image", "p.json"],
        ["target", "pack", "linux_arm64"], ["step", "tree", "p.json", "-t", "linux_arm64"],
    ],
    ids=lambda words: words[0],
)  # fmt: skip
def test_what_is_no_text_is_not_written_to_standard_output(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*words, "-o", "-"]) == 2
    assert "'-' is standard output, and this is no text; name a place, './-' for one of that name" in (
        capsys.readouterr().err
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["plan", "pylock.toml"], ["lambda", "p.json"], ["report", "p.json"], ["image", "lock"],
        ["target", "pack", "linux_arm64"], ["target", "describe", "--from", "python"],
    ],
    ids=lambda words: words[0],
)  # fmt: skip
def test_a_file_has_no_name_of_a_folder(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*words, "-o", "out/"]) == 2
    assert "'out/' is a folder's name, and this is a file; name one in it" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
