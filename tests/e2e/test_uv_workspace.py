"""One service of a uv workspace is planned from its part of the workspace's lock, as the reference has it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from crosswheel.api import read_plan
from e2e.crosswheel_command import CommandFailedError, crosswheel

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_ROOT = '[tool.uv.workspace]\nmembers = ["libs/*", "services/*"]\n'
_TARGET = ("--target", "linux/arm64", "--python", "3.11")
_PROJECTS = ("--project", "services/api", "--project", "libs/common")


def _member(folder: Path, *, needs: Sequence[str] = ()) -> None:
    name = f"acme-{folder.name}"
    folder.mkdir(parents=True)
    (folder / f"acme_{folder.name}.py").touch()
    ours = [one for one in needs if one.startswith("acme")]
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = {list(needs)}\n'
        '[build-system]\nrequires = ["setuptools>=80"]\nbuild-backend = "setuptools.build_meta"\n[tool.uv.sources]\n'
        + "".join(f"{one} = {{ workspace = true }}\n" for one in ours)
    )


def _uv(*words: str, cwd: Path) -> None:
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, *words], cwd=cwd, check=True, capture_output=True)


def _planned(folder: Path, lock: str, *projects: str) -> list[str]:
    crosswheel("plan", lock, *projects, *_TARGET, "-o", "api.plan.json", cwd=folder)
    (target,) = read_plan(folder / "api.plan.json").targets
    return [wheel.name for wheel in target.wheels]


def _workspace(folder: Path, root: str) -> None:
    (folder / "pyproject.toml").write_text(root)
    _member(folder / "libs/common", needs=["click==8.1.8"])
    _member(folder / "services/api", needs=["acme-common"])
    _member(folder / "services/worker", needs=["acme-common", "blinker==1.9.0"])
    _uv("lock", cwd=folder)


def test_a_service_is_planned_alone(tmp_path: Path) -> None:
    _workspace(tmp_path, _ROOT)
    service = ["acme-api", "acme-common", "click"]
    assert _planned(tmp_path, "uv.lock", *_PROJECTS) == service
    _uv("export", "--all-packages", "--format", "pylock.toml", "-o", "pylock.toml", cwd=tmp_path)
    with pytest.raises(CommandFailedError) as refused:
        crosswheel("plan", "pylock.toml", *_PROJECTS, *_TARGET, "-o", "x.json", cwd=tmp_path)
    words = "uv export --package acme-api --package acme-common --format pylock.toml -o pylock.acme-api.toml"
    assert f"(`{words}` for the part of acme-api and acme-common in the lock" in str(refused.value)
    for export in (words, words.replace(" --package acme-common", "")):
        _uv(*export.split()[1:], cwd=tmp_path)
        assert _planned(tmp_path, "pylock.acme-api.toml", *_PROJECTS) == service


def test_a_member_that_the_root_does_not_need_is_planned_without_what_the_root_needs(tmp_path: Path) -> None:
    project = '[project]\nname = "acme"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = ["acme-common", "idna"]\n'
    _workspace(tmp_path, f"{project}{_ROOT}[tool.uv.sources]\nacme-common = {{ workspace = true }}\n")
    common = ("--project", "libs/common")
    assert _planned(tmp_path, "uv.lock", *common) == ["acme-common", "click", "idna"]
    worker = _planned(tmp_path, "uv.lock", *common, "--project", "services/worker")
    assert worker == ["acme-common", "acme-worker", "blinker", "click"]
