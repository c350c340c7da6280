"""``crosswheel doctor``: what is there is found by trying it, what is missing comes with how to get it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from crosswheel.act import machine_inspection
from crosswheel.act.building import build_python
from crosswheel.command_line.main import main
from crosswheel.values.errors import BuildPythonError, InputError, SandboxError, StoreError

OWN = f"build Python {sys.version_info[0]}.{sys.version_info[1]}"


def facts(capsys: pytest.CaptureFixture[str], store: Path, exit_code: int) -> dict[str, dict[str, str]]:
    """Return what is said of each thing, by its name."""
    assert main(["doctor", "--json", "--quiet", "--cache-dir", str(store)]) == exit_code
    document = json.loads(capsys.readouterr().out)
    assert document["ready"] is (exit_code == 0)
    return {fact["name"]: fact for fact in document["facts"]}


def test_this_machine_has_what_a_build_needs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = facts(capsys, tmp_path / "store", 0)
    assert [found[name]["state"] for name in ("build machine", "sandbox", "store", OWN)] == ["there"] * 4
    assert found["sandbox"] == {
        "name": "sandbox",
        "state": "there",
        "needed_for": "cross builds",
        "found": "bubblewrap works",
        "fix": "",
    }


def test_what_is_not_there_comes_with_how_to_get_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = facts(capsys, tmp_path / "store", SandboxError.exit_code)
    assert found["sandbox"]["state"] == "missing"
    assert found["sandbox"]["fix"].startswith("install your distribution's package 'bubblewrap'")
    assert found["Bazel"]["found"] == "no 'bazel' on PATH"
    assert (found["emulators"]["state"], found["emulators"]["found"]) == ("optional", "none")


def test_without_an_interpreter_of_its_own_version_it_ends_as_a_build_would(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_python, "_candidates", lambda python: [])
    assert facts(capsys, tmp_path / "store", BuildPythonError.exit_code)[OWN]["state"] == "missing"


def test_its_own_headers_are_needed_and_those_of_other_pythons_are_not(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_inspection, "has_headers", lambda include: False)
    found = facts(capsys, tmp_path / "store", InputError.exit_code)
    assert found[OWN]["state"] == "missing"
    assert found[OWN]["found"].endswith("without headers")
    assert found[OWN]["fix"].startswith("install its headers (Debian: python3-dev)")
    assert {found[name]["state"] for name in found if name.startswith("build Python") and name != OWN} <= {
        "optional"
    }


def test_a_store_that_cannot_be_written_is_missing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    assert facts(capsys, tmp_path / "file" / "store", StoreError.exit_code)["store"]["state"] == "missing"


def test_a_python_of_another_version_is_not_needed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_python, "_candidates", lambda python: [("here", Path(sys.executable))])
    found = facts(capsys, tmp_path / "store", 0)
    others = [fact for name, fact in found.items() if name.startswith("build Python") and name != OWN]
    assert {fact["state"] for fact in others} == {"optional"}
    assert "uv python install 3." in others[0]["fix"]


def test_people_read_a_line_for_each_thing_and_the_sum(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["doctor", "--cache-dir", str(tmp_path / "store")]) == 0
    said = capsys.readouterr()
    assert "ok       sandbox            bubblewrap works\n" in said.out
    assert said.err == "this machine can cross build\n"
