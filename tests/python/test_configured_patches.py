"""Patches that the configuration names are there and say something, or planning stops."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.command_line.main import main
from lock_texts import HEAD, package

FIX = "give the path of a patch, relative to the configuration's folder"


def refusal(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> str:
    (folder / "pylock.toml").write_text(HEAD + package("idna", "3.10", "idna-3.10-py3-none-any.whl"))
    (folder / "crosswheel.toml").write_text(f'[packages.idna]\npatches = ["{name}"]\n')
    arguments = ["plan", str(folder / "pylock.toml"), "--target", "linux_arm64", "--python", "3.11", "-q"]
    assert main([*arguments, "--cache-dir", str(folder / "store")]) == 3
    return capsys.readouterr().err


def test_a_patch_that_is_not_there_is_told_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal(tmp_path, "no.patch", capsys) == (
        "error: crosswheel.toml: packages.idna: patches: cannot read patch 'no.patch': "
        f"No such file or directory; {FIX}\n"
    )


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_an_empty_patch_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    (tmp_path / "empty.patch").write_text(content)
    assert refusal(tmp_path, "empty.patch", capsys) == (
        "error: crosswheel.toml: packages.idna: patches: cannot read patch 'empty.patch': "
        f"it is empty; {FIX}\n"
    )


def test_a_patch_whose_name_is_no_path_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "a text of it holds NUL, which no name, path or argument does" in refusal(
        tmp_path, "a\\u0000b", capsys
    )
