"""``crosswheel init`` on projects that need neither network nor builds."""

from __future__ import annotations

import ast
import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from crosswheel.act.storage.output_files import files_together
from crosswheel.command_line.main import main
from crosswheel.render.starter_files import BAZEL_CPUS
from crosswheel.values.errors import OutputError
from lock_texts import HEAD, package
from starlark_files import ROOT

LOCK = HEAD + package("idna", "3.10", "idna-3.10-py3-none-any.whl", "idna-3.10.tar.gz")
PYPROJECT = '# mine\n[project]\nname = "demo"   # kept\nversion = "1"\n'
SAID = ("--target", "linux_arm64", "--python", "3.11")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a lock, as the working directory, and a store of its own."""
    project = tmp_path / "demo"
    project.mkdir()
    monkeypatch.chdir(project)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    (project / "pylock.toml").write_text(LOCK)
    (project / "pyproject.toml").write_text(PYPROJECT)
    return project


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_project_gets_a_configuration_and_a_plan_that_is_current(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "Dockerfile").write_text("FROM --platform=linux/arm64 python:3.11-slim\n")
    assert main(["init"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "lock     pylock.toml  (it is there)",
        "python   3.11  (Dockerfile says so)",
        "targets  linux_arm64  (Dockerfile says so)",
        "wrote    pyproject.toml",
        "wrote    wheels.plan.json: 1 target, 1 wheel, 0 of them built here",
        "next     crosswheel build wheels.plan.json -o dist/",
    ]
    text = (folder / "pyproject.toml").read_text()
    assert text == PYPROJECT + '\n[tool.crosswheel]\ntargets = ["linux_arm64"]\npython = "3.11"\n'
    assert main(["plan", "pylock.toml", "--check"]) == 0


def test_quiet_says_nothing_and_what_comes_next_can_be_pasted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spaced = folder.rename(folder.with_name("my shop"))
    assert main(["init", str(spaced), *SAID, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["init", str(spaced), "--force"]) == 0
    assert f"next     crosswheel build '{spaced}/wheels.plan.json' -o dist/" in capsys.readouterr().out


@pytest.mark.parametrize("before", ["", "[project]\r\nname = 'x'\r\n", "[project]\nname = 'x'"])
def test_a_pyproject_keeps_its_text_and_its_ends_of_lines(folder: Path, before: str) -> None:
    path = folder / "pyproject.toml"
    path.write_bytes(before.encode())
    assert main(["init", *SAID, "--no-plan"]) == 0
    after = path.read_bytes().decode()
    assert after.startswith(before)
    assert tomllib.loads(after)["tool"]["crosswheel"] == {"targets": ["linux_arm64"], "python": "3.11"}
    assert after.count("\r\n") in {0, after.count("\n")}


def test_without_a_pyproject_there_is_a_file_of_its_own(folder: Path) -> None:
    (folder / "pyproject.toml").unlink()
    assert main(["init", str(folder), *SAID]) == 0
    assert (folder / "crosswheel.toml").read_text() == 'targets = ["linux_arm64"]\npython = "3.11"\n'
    assert names(folder) == ["crosswheel.toml", "pylock.toml", "wheels.plan.json"]


def test_a_dry_run_writes_nothing_and_says_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", *SAID, "--bazel", "--nix", "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["would_write"] == [
        *("pyproject.toml", "MODULE.bazel", "BUILD.bazel", "flake.nix", "headers.linux_arm64.tar"),
        "wheels.plan.json",
    ]
    assert told["written"] == []
    assert names(folder) == ["pylock.toml", "pyproject.toml"]


def test_what_is_there_is_replaced_only_when_that_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "BUILD.bazel").write_text("# mine\n")
    assert main(["init", *SAID, "--bazel"]) == 12
    assert (
        "cannot write file 'BUILD.bazel': it is there already; --force replaces it" in capsys.readouterr().err
    )
    assert names(folder) == ["BUILD.bazel", "pylock.toml", "pyproject.toml"]
    assert (folder / "pyproject.toml").read_text() == PYPROJECT
    assert main(["init", *SAID, "--bazel", "--force"]) == 0
    assert "plan_test" in (folder / "BUILD.bazel").read_text()


def test_a_plan_that_cannot_be_made_leaves_nothing(folder: Path) -> None:
    refused = package("own", "1", "own-1-cp311-cp311-win_amd64.whl")
    (folder / "pylock.toml").write_text(LOCK + refused)
    assert main(["init", *SAID, "--bazel"]) == 4
    assert names(folder) == ["pylock.toml", "pyproject.toml"]
    assert (folder / "pyproject.toml").read_text() == PYPROJECT


def test_a_configuration_that_is_there_stays_as_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = PYPROJECT + '[tool.crosswheel]\ntargets = ["win_amd64"]  # ours\npython = "3.12"\n'
    (folder / "pyproject.toml").write_text(own)
    assert main(["init"]) == 0
    out = capsys.readouterr().out
    assert "targets  win_amd64  (pyproject.toml says so)\nkept     pyproject.toml\n" in out
    assert (folder / "pyproject.toml").read_text() == own
    assert main(["init", "--force", "--target", "linux_arm64"]) == 3
    assert "init changes no configuration that is there" in capsys.readouterr().err


def test_bazel_is_told_of_each_platform(folder: Path) -> None:
    targets = ("linux_arm64", "musllinux_1_2_x86_64", "manylinux2014_aarch64", "macos_arm64", "win_amd64")
    words = [word for target in targets for word in ("--target", target)]
    assert main(["init", *words, "--python", "3.11", "--bazel", "--no-plan"]) == 0
    text = (folder / "BUILD.bazel").read_text()
    assert 'load("@crosswheel//rules/platforms:defs.bzl", "glibc", "macos", "musl")' in text
    for said in ('+ glibc("2.17"),', '+ musl("1.2"),', '+ macos("11.0"),', '"@platforms//os:windows"'):
        assert said in text
    assert 'module(name = "demo")' in (folder / "MODULE.bazel").read_text()


@pytest.mark.parametrize("name", ["BUILD.bazel", "MODULE.bazel", "flake.nix"])
def test_the_files_of_build_systems_are_the_golden_ones(folder: Path, name: str) -> None:
    words = ("--target", "linux_arm64", "--target", "musllinux_1_2_x86_64")
    assert main(["init", *words, "--python", "3.11", "--bazel", "--nix", "--no-plan"]) == 0
    text, golden = (folder / name).read_text(), ROOT / "tests" / "golden" / "starter" / f"{name}.txt"
    if os.environ.get("CROSSWHEEL_UPDATE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


def test_bazels_names_of_architectures_are_those_of_its_rules() -> None:
    text = (ROOT / "rules/private/target_ids.bzl").read_text()
    (table,) = re.findall(r"^CPUS = (\{.*?^\})", text, re.MULTILINE | re.DOTALL)
    assert {arch.value: cpu for arch, cpu in BAZEL_CPUS.items()} == ast.literal_eval(table)


def test_files_written_together_are_taken_back_together(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("before")
    (tmp_path / "folder").mkdir()

    def write_all() -> None:
        with files_together() as together:
            for name in ("old", "new", "folder"):
                together.write(tmp_path / name, b"after")

    with pytest.raises(OutputError):
        write_all()
    assert (tmp_path / "old").read_text() == "before"
    assert names(tmp_path) == ["folder", "old"]
