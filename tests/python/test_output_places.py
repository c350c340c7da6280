"""What `-o` may name: no standard output for what is no text, no folder for what is a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from checked_wheels import wheel
from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.command_line.main import main
from lock_texts import HEAD
from python_trees import write_plain_prefix


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
        ["plan", "pylock.toml", "-t", "linux_arm64"], ["report", "pylock.toml", "-t", "linux_arm64"], ["build", "pylock.toml", "-t", "linux_arm64"],
        ["install", "wheels.plan.json"], ["layer", "wheels.plan.json"], ["lambda", "wheels.plan.json"],
        ["target", "describe", "--from", "prefix"],
    ],
    ids=lambda words: " ".join(words[:2]),
)  # fmt: skip
def test_folders_on_the_way_to_an_output_are_made(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    made = wheel(tmp_path / "wheels", {"demo.py": b""}, tag="py3-none-any")
    (tmp_path / "pylock.toml").write_text(
        HEAD + '[[packages]]\nname = "demo"\nversion = "1.0"\n'
        f'wheels = [{{ path = "wheels/{made.name}", hashes = {{ sha256 = "{digest_of_file(made)}" }} }}]\n'
    )
    write_plain_prefix(tmp_path / "prefix", "cp311-linux_aarch64_glibc_2_28")
    if words[1] == "wheels.plan.json":
        assert main(["plan", "pylock.toml", "-t", "linux_arm64", "--python", "3.12"]) == 0
    assert main([*words, *(["--python", "3.12"] if "-t" in words else []), "-o", "a/b/out.here"]) == 0
    assert (tmp_path / "a/b/out.here").exists()


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
