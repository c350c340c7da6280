"""`make demo` works: 67 packages for three targets, imported and served under qemu."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from e2e.crosswheel_command import shared_store

pytestmark = pytest.mark.e2e

_DEMO = Path(__file__).parents[2] / "docs" / "examples" / "web-service" / "demo.py"


@pytest.fixture(scope="module")
def said() -> str:
    done = subprocess.run(
        [sys.executable, str(_DEMO)],
        env={**os.environ, "CROSSWHEEL_CACHE_DIR": str(shared_store())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_package_is_imported(said: str) -> None:
    assert re.search(r"^67 distributions, \d+ top-level modules imported$", said, re.MULTILINE), said


def test_the_service_answers_from_the_target(said: str) -> None:
    assert 'GET  /platform: {"machine": "aarch64", "loop": "uvloop"}' in said


def test_the_plan_is_valid_by_its_schema(said: str) -> None:
    schema = json.loads((_DEMO.parents[2] / "reference" / "plan.schema.json").read_text())
    plan = json.loads((_DEMO.parent / "wheels.plan.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(plan)


def test_there_is_a_repository_for_each_target(said: str) -> None:
    repositories = sorted(path.parent for path in (_DEMO.parent / ".demo" / "dist").glob("*/manifest.json"))
    assert [len(list(repository.glob("*.whl"))) for repository in repositories] == [67, 67, 67]


def test_the_report_shows_every_package_with_its_licence(said: str, tmp_path: Path) -> None:
    words = ["wheels.plan.json", "--wheels", ".demo/dist", "--json", "-o", str(tmp_path / "report.html")]
    done = subprocess.run(
        [sys.executable, "-m", "crosswheel", "report", *words],
        cwd=_DEMO.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert len(told["packages"]) == 67
    assert {one["counts"]["cross built"] for one in told["targets"]} == {7}
    assert {one["unknown_sizes"] for one in told["targets"]} == {0}
    licences = {one["name"]: one["licence"] for one in told["packages"]}
    assert licences["markupsafe"] == "BSD-3-Clause"
    assert [name for name, licence in licences.items() if not licence] == []
    uvloop = next(one for one in told["packages"] if one["name"] == "uvloop")
    floors = {key: one["floor"] for key, one in uvloop["targets"].items()}
    assert floors["cp311-linux_aarch64_glibc_2_17"] == "glibc 2.17"
    page = (tmp_path / "report.html").read_text()
    assert page.count('<tr data-p="') == 67
