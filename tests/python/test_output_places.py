"""What `-o` may name: no standard output for what is no text, no folder for what is a file."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import crosswheel
from checked_wheels import wheel
from crosswheel.act.storage.mount_points import mount_below
from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.command_line.main import main
from crosswheel.values.errors import OutputError
from lock_texts import HEAD
from python_trees import write_plain_prefix

TARGET = "cp312-linux_aarch64_glibc_2_28"


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


@pytest.fixture
def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wheel of a plan; it lies in the working directory, and the store is its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    return _planned(tmp_path)


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
        ("lambda", "wheels", "it is a zip archive, and a folder is there"),
        ("lambda", "pylock.toml/a/layer.zip", "not a directory"),
        ("layer", "pylock.toml/a", "not a directory"),
        ("install", "wheels", "the folder holds something else (it has no .crosswheel-tree.json)"),
        ("install", "pylock.toml", "a file is there"),
        ("install", "pylock.toml/a/b", "not a directory"),
        ("build", "pylock.toml", "not a directory"),
        ("build", "taken", "the folder holds something else (it has no manifest.json)"),
    ],
)
def test_a_wrong_place_is_told_before_any_wheel_is_made(
    planned: Path,
    command: str,
    output: str,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    planned.unlink()  # what needs it, fails otherwise
    (tmp_path / "wheels/another").touch()
    (tmp_path / "taken" / TARGET / "another").mkdir(parents=True)
    assert main([command, "wheels.plan.json", "-o", output]) == 12
    assert said in capsys.readouterr().err
    plan = crosswheel.read_plan("wheels.plan.json")
    make: dict[str, Callable[[], object]] = {
        "layer": lambda: crosswheel.layers(plan, target="linux_arm64", output=output),
        "lambda": lambda: crosswheel.lambda_layer(plan, target="linux_arm64", output=output),
        "install": lambda: crosswheel.install(plan, target="linux_arm64", destination=output),
        "build": lambda: crosswheel.build(plan, output=output),
    }
    with pytest.raises(OutputError, match=re.escape(said)):
        make[command]()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["install", "--interpreter", "python"], "cannot start programs with interpreter 'python'"),
        (["layer", "--interpreter", "python"], "cannot start programs with interpreter 'python'"),
        (["layer", "--prefix", "venv"], "cannot put wheels at prefix 'venv'"),
        (["layer", "--max-layers", "0"], "cannot plan layers with a budget of '0'"),
        (["layer", "--changes-often", "dmo"], "cannot give a layer of its own to project 'dmo'"),
        (["lambda", "--interpreter", "python"], "cannot start programs with interpreter 'python'"),
        (["lambda", "--limit", "-1"], "cannot limit a layer to '-1'"),
    ],
    ids=" ".join,
)
def test_a_wrong_option_is_told_before_any_wheel_is_made(
    planned: Path,
    words: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    planned.unlink()
    assert main([words[0], "wheels.plan.json", "-o", "out", *words[1:]]) == 3
    assert said in capsys.readouterr().err


def test_a_wrong_time_is_told_before_any_wheel_is_made(
    planned: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planned.unlink()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert main(["install", "wheels.plan.json", "-o", "out"]) == 3
    assert "cannot read variable SOURCE_DATE_EPOCH 'soon'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan", "gone.toml", "-t", "linux_arm64", "-o", "file"], "a file that is no plan stands there"),
        (["plan", "gone.toml", "-t", "linux_arm64", "-o", "file/a"], "not a directory"),
        (["plan", "gone.toml", "-t", "linux_arm64", "-o", "folder"], "is a directory"),
        (
            ["image", "lock", "-t", "linux_arm64", "--snapshot", "x", "-o", "file"],
            "no base lock stands there",
        ),
        (["image", "lock", "-t", "linux_arm64", "--snapshot", "x", "-o", "folder"], "is a directory"),
        (
            ["report", "empty.toml", "-t", "linux_arm64", "-o", "file"],
            "a file that is no report stands there",
        ),
        (["report", "empty.toml", "-t", "linux_arm64", "-o", "file/a"], "not a directory"),
        (["build", "empty.toml", "-t", "linux_arm64", "-o", "file"], "not a directory"),
        (["venv", "file/a", "-t", "linux_arm64", "--headers", "nowhere"], "not a directory"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_a_wrong_place_is_told_before_an_input_is_read(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    (tmp_path / "file").write_text("of another")
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.toml").write_text("")  # no lock
    assert main(words) == 12
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", ["install", "layer"])
@pytest.mark.parametrize(
    ("place", "said"),
    [
        (
            "out of cache",
            "it is a mount point, which no other folder can take the place of; name a folder in it, e.g. ",
        ),
        (
            ".",
            "it is the working directory, and another folder would take its place; work in another folder, or name another",
        ),
        ("../work", "it is the working directory, and another folder would take its place; "),
        ("..", "the working directory is in it, and another folder would take its place; "),
    ],
)
def test_a_folder_that_has_to_stay_is_told_before_any_wheel_is_made(
    command: str,
    place: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = tmp_path / "work"
    (here / "out of cache").mkdir(parents=True)
    monkeypatch.chdir(here)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    _planned(here).unlink()
    mounts = tmp_path / "mountinfo"
    written = str(here / "out of cache").replace(" ", r"\040")
    mounts.write_text(
        f"21 1 0:20 / / rw shared:1 - overlay o rw\n36 21 0:32 /out {written} rw - tmpfs t rw\n"
    )
    monkeypatch.setattr("crosswheel.act.storage.mount_points._MOUNTS", mounts)
    assert main([command, "wheels.plan.json", "-o", place]) == 12
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("command", "inner"), [("install", ""), ("layer", ""), ("build", TARGET)])
def test_a_plan_in_the_folder_to_be_replaced_is_not_lost(
    planned: Path,
    command: str,
    inner: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([command, "wheels.plan.json", "-o", "out"]) == 0
    planned.unlink()
    plan = Path("out", inner, "wheels.plan.json")
    Path("wheels.plan.json").rename(plan)
    for written in Path("out", TARGET).rglob("*.whl"):
        written.unlink()  # so that the repository is made again
    assert main([command, str(plan), "-o", "out"]) == 12
    assert f"': {plan}, which it is made from, lies in it and would be lost; " in capsys.readouterr().err
    assert plan.is_file()


@pytest.mark.parametrize("command", ["install", "layer", "build", "image"])
def test_a_file_that_the_plan_names_by_its_path_is_not_lost(
    planned: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"image": ["--base", "scratch", "--interpreter", "/usr/bin/python3"]}.get(command, [])
    assert main([command, "wheels.plan.json", *options, "-o", "out"]) == 0
    kept = Path("out", TARGET if command == "build" else "", planned.name)
    planned.rename(kept)
    plan = Path("wheels.plan.json")
    (path,) = re.findall(r'"path": ?"([^"]+)"', plan.read_text())
    plan.write_text(plan.read_text().replace(f'"{path}"', f'"{kept}"'))
    for written in Path("out", TARGET).glob("manifest.json"):
        written.write_text(
            written.read_text().replace('"plan"', '"old"')
        )  # so that the repository is made again
    assert main([command, "wheels.plan.json", *options, "-o", "out"]) == 12
    assert f"{kept}, which it is made from, lies in it and would be lost; " in capsys.readouterr().err
    assert kept.is_file()


@pytest.mark.usefixtures("planned")
def test_a_mount_point_in_the_folder_to_be_replaced_is_not_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["layer", "wheels.plan.json", "-o", "out"]) == 0
    (tmp_path / "out" / "deep" / "data").mkdir(parents=True)
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"36 21 0:32 /out {tmp_path / 'out/deep/data'} rw - tmpfs t rw\n")
    monkeypatch.setattr("crosswheel.act.storage.mount_points._MOUNTS", mounts)
    assert main(["layer", "wheels.plan.json", "-o", "out"]) == 12
    assert (
        "deep/data in it is a mount point, and what is mounted there would be removed with it; unmount that, or"
        in " ".join(capsys.readouterr().err.split())
    )
    assert (tmp_path / "out" / "deep" / "data").is_dir()
    (tmp_path / "out-2").mkdir()
    mounts.write_text(f"36 21 0:32 /out {tmp_path / 'out-2/data'} rw - tmpfs t rw\n")
    assert main(["layer", "wheels.plan.json", "-o", "out"]) == 0


def test_without_proc_a_mount_of_another_device_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out/deep/data").mkdir(parents=True)
    monkeypatch.setattr("crosswheel.act.storage.mount_points._MOUNTS", tmp_path / "none")
    assert mount_below(tmp_path / "out") is None
    monkeypatch.setattr("os.path.ismount", lambda path: Path(path).name == "data")
    assert mount_below(tmp_path / "out") == tmp_path / "out/deep/data"


@pytest.mark.usefixtures("planned")
def test_a_folder_of_a_containers_image_is_replaced_though_it_cannot_be_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["layer", "wheels.plan.json", "-o", "out"]) == 0
    (tmp_path / "out" / "left").touch()
    lower, rename = tmp_path / "out", Path.rename

    def of_overlay(path: Path, target: Path) -> Path:
        if path == lower and (path / "left").exists():
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(path, target)

    monkeypatch.setattr("crosswheel.act.storage.output_directory._exchange", lambda *_: False)
    monkeypatch.setattr(Path, "rename", of_overlay)
    assert main(["layer", "wheels.plan.json", "-o", "out"]) == 0
    assert not (lower / "left").exists()
    assert (lower / "layers.json").is_file()
    assert [path.name for path in tmp_path.iterdir() if ".crosswheel-" in path.name] == []


@pytest.mark.usefixtures("planned")
def test_a_folder_in_a_mount_point_and_one_beside_the_working_directory_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"36 21 0:32 /out {tmp_path / 'out'} rw - tmpfs t rw\n")
    monkeypatch.setattr("crosswheel.act.storage.mount_points._MOUNTS", mounts)
    assert main(["layer", "wheels.plan.json", "-o", "out/layers"]) == 0
    assert main(["build", "wheels.plan.json", "-o", "out"]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [TARGET, "layers"]


@pytest.mark.parametrize("command", ["install", "layer", "lambda", "build"])
def test_a_folder_that_nothing_can_be_made_in_is_told_before_any_wheel_is_made(
    planned: Path,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    planned.unlink()
    (tmp_path / "locked").mkdir()

    def access(path: Path, mode: int) -> bool:  # root may write anywhere
        return (path, mode) != (tmp_path / "locked", os.W_OK | os.X_OK)

    monkeypatch.setattr(os, "access", access)
    assert main([command, "wheels.plan.json", "-o", "locked/new/out"]) == 12
    assert "permission denied; " in capsys.readouterr().err
    assert list((tmp_path / "locked").iterdir()) == []
