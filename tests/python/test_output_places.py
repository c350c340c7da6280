"""What `-o` may name: no standard output for what is no text, no folder for what is a file."""

from __future__ import annotations

from pathlib import Path

import pytest

import crosswheel
from checked_wheels import wheel
from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.command_line.main import main
from crosswheel.values.errors import OutputError
from lock_texts import HEAD
from python_trees import write_plain_prefix


def _locked(folder: Path) -> Path:
    """Write a lock of one wheel for any platform, which is returned."""
    made = wheel(folder / "wheels", {"demo.py": b""}, tag="py3-none-any")
    (folder / "pylock.toml").write_text(
        HEAD + '[[packages]]\nname = "demo"\nversion = "1.0"\n'
        f'wheels = [{{ path = "wheels/{made.name}", hashes = {{ sha256 = "{digest_of_file(made)}" }} }}]\n'
    )
    return made


def _planned(folder: Path) -> Path:
    made = _locked(folder)
    assert main(["plan", "pylock.toml", "-t", "linux_arm64", "--python", "3.12"]) == 0
    return made


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
    _locked(tmp_path)
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


@pytest.mark.parametrize(
    ("command", "output", "said"),
    [
        ("layer", "layers.tar", "it is a folder, and .tar is how an archive's name ends"),
        ("layer", "wheels", "the folder holds something else"),
        ("lambda", "layer.tar.gz", "it is a zip archive, and .gz is how another archive's name ends"),
        ("lambda", "wheels.plan.json", "another file is there, no Lambda layer"),
    ],
)
def test_a_wrong_place_is_told_before_any_wheel_is_made(
    command: str,
    output: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    _planned(tmp_path).unlink()  # what needs it, fails otherwise
    (tmp_path / "wheels/another").touch()
    assert main([command, "wheels.plan.json", "-o", output]) == 12
    assert said in capsys.readouterr().err
    plan = crosswheel.read_plan("wheels.plan.json")
    make = crosswheel.layers if command == "layer" else crosswheel.lambda_layer
    with pytest.raises(OutputError, match=said):
        make(plan, target="linux_arm64", output=output)
