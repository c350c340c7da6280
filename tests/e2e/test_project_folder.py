"""A project's folder, planned as it is: cross built for two targets, the same plan and wheels from a copy elsewhere."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from crosswheel.api import read_plan
from e2e.crosswheel_command import CommandFailedError, crosswheel

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_PYPROJECT = """
[project]
name = "My.App"
version = "1.0"
scripts = { my-app = "my_app:main" }
[build-system]
requires = ["setuptools>=80"]
build-backend = "setuptools.build_meta"
[tool.setuptools]
package-dir = { "" = "src" }
ext-modules = [{ name = "my_app._fast", sources = ["src/my_app/fast.c"] }]
"""
_MODULE = """
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_fast", 0, -1, 0};
PyMODINIT_FUNC PyInit__fast(void) { return PyModule_Create(&module); }
"""
_TARGETS = ("--target", "linux/arm64", "--target", "linux/amd64", "--python", "3.11")


def _planned_and_built(folder: Path) -> dict[str, bytes]:
    """Plan in the project's own folder, so that the plan lies in what it was made of; return plan and wheels."""
    crosswheel("plan", "pylock.toml", "--project", ".", *_TARGETS, "-o", "wheels.plan.json", cwd=folder)
    crosswheel("build", "wheels.plan.json", "-o", "dist", cwd=folder)
    crosswheel(
        "plan", "pylock.toml", "--project", ".", *_TARGETS, "-o", "wheels.plan.json", "--check", cwd=folder
    )
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.glob("dist/*/*.whl")}
    return {**found, "plan": (folder / "wheels.plan.json").read_bytes()}


def _project(folder: Path) -> None:
    (folder / "src/my_app").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(_PYPROJECT)
    (folder / "pylock.toml").write_text('lock-version = "1.0"\ncreated-by = "tests"\npackages = []\n')
    (folder / "src/my_app/__init__.py").write_text("def main(): pass\n")
    (folder / "src/my_app/fast.c").write_text(_MODULE)


def test_a_folder_is_planned_and_built_the_same_anywhere(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    _project(folder)
    shutil.copytree(folder, tmp_path / "copy/deeper")
    first = _planned_and_built(folder)
    for path in (tmp_path / "copy/deeper").rglob("*"):
        os.utime(path, (1, 1))
    assert _planned_and_built(tmp_path / "copy/deeper") == first
    assert sorted(name.rpartition("/")[2] for name in first) == [
        "my_app-1.0-cp311-cp311-manylinux1_x86_64.manylinux_2_5_x86_64.whl",
        "my_app-1.0-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.whl",
        "plan",
    ]
    assert {
        tuple(build.declared.items()) for build in read_plan(folder / "wheels.plan.json").builds.values()
    } == {
        (
            ("build-system.build-backend", ("setuptools.build_meta",)),
            ("build-system.requires", ("setuptools>=80",)),
            ("project.dependencies", ()),
        )
    }


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            "int f(void) { return 1 }\n",
            "the compiler refuses the project's own source (src/my_app/fast.c:5: expected ';'",
        ),
        ("int f(void) { return ADD_BIAZ; }\n", "no header that the source includes has 'ADD_BIAZ'"),
    ],
)
def test_an_error_in_the_source_of_a_folder_is_mended_there(tmp_path: Path, wrong: str, told: str) -> None:
    _project(tmp_path / "project")
    (tmp_path / "project/src/my_app/fast.c").write_text(_MODULE + wrong)
    with pytest.raises(CommandFailedError) as caught:
        crosswheel(
            "build", "pylock.toml", "--project", ".", *_TARGETS, "-o", "dist", cwd=tmp_path / "project"
        )
    assert told in str(caught.value)
    assert "patch" not in str(caught.value)
    assert "prebuilt wheel" not in str(caught.value)
