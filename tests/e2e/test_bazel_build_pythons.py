"""The Python that builds run with, where Python toolchains are registered, in docs/examples/ten-packages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from e2e.bazel_workspace import Workspace, changed, on
from e2e.made_by_command import MadeByCommand
from e2e.python_of_files import declare_python_of_files

pytestmark = pytest.mark.e2e

_ARM = on("linux_arm64")
_BROKEN, _OF_TARGET = "//pythons:broken", "//pythons:of_target"
_INTERPRETER = "pythons/broken/bin/python3"
_BUILT = "@pypi//crcmod:whl"
#: `named` runs, and `broken` does not: a build that took it fails.
_PYTHONS = """\
load("@crosswheel//rules/toolchains:build_pythons.bzl", "build_pythons")
load("@rules_python//python:defs.bzl", "py_runtime", "py_runtime_pair")

_BUILDS = "@crosswheel//rules/toolchains:build_pythons_type"
_ON = ["@platforms//cpu:x86_64", "@platforms//os:linux"]
_PYTHON = "@rules_python//python:toolchain_type"

[
    (
        py_runtime(
            name = name + "_runtime",
            files = glob([name + "/lib/**"]),
            interpreter = name + "/bin/python3",
            python_version = "PY3",
        ),
        py_runtime_pair(name = name + "_pair", py3_runtime = name + "_runtime"),
        toolchain(name = name, target_compatible_with = _ON, toolchain = name + "_pair", toolchain_type = _PYTHON),
    )
    for name in ("broken", "newer", "script")
]

toolchain(
    name = "of_target",
    target_compatible_with = ["@platforms//cpu:aarch64", "@platforms//os:linux"],
    toolchain = ":broken_pair",
    toolchain_type = _PYTHON,
)

build_pythons(name = "none_pythons")

build_pythons(name = "named_pythons", runtimes = {"@python_3_11//:python_runtimes": "3.11"})

[
    toolchain(name = name, toolchain = name + "_pythons", toolchain_type = _BUILDS)
    for name in ("named", "none")
]
"""


@pytest.fixture(scope="module")
def pythons(built: Workspace) -> Iterator[Workspace]:
    """The workspace with a package of Python toolchains, none of them registered."""
    folder = built.folder / "pythons"
    for name, library in {"broken": "python3.11", "newer": "python3.13", "script": "nothing"}.items():
        for path, text in {"bin/python3": "#!/bin/sh\nexit 3\n", f"lib/{library}/os.py": ""}.items():
            (folder / name / path).parent.mkdir(parents=True)
            (folder / name / path).write_text(text)
        (folder / name / "bin" / "python3").chmod(0o755)
    (folder / "BUILD.bazel").write_text(_PYTHONS)
    yield built
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def register(
    pythons: Workspace, build_python: Callable[[str], Path]
) -> Callable[..., AbstractContextManager[None]]:
    """Return a function from labels of toolchains to a context in which they are registered."""
    declared = declare_python_of_files(pythons.folder, build_python("3.11"))

    def registered(*labels: str) -> AbstractContextManager[None]:
        text = f"{declared}register_toolchains({', '.join(map(json.dumps, labels))})\n"
        return changed(pythons.folder / "MODULE.bazel", lambda before: before + text)

    return registered


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param(("//pythons:newer",), id="another version"),
        pytest.param(("//pythons:script", _BROKEN), id="no standard library"),
        pytest.param((_OF_TARGET, "//pythons:newer"), id="of the target's platform"),
        pytest.param((_BROKEN, "//pythons:none"), id="none for builds"),
    ],
)
def test_a_python_that_does_not_fit_changes_nothing(
    labels: tuple[str, ...], built: Workspace, register: Callable[..., AbstractContextManager[None]]
) -> None:
    """Not the least bit of an action: what was built without it is not built again."""
    with register(*labels):
        assert built.bazel("build", _BUILT, *_ARM).processes == {"internal": 1}


def test_a_flag_leaves_what_is_registered_alone(
    built: Workspace, register: Callable[..., AbstractContextManager[None]]
) -> None:
    flag = "--@crosswheel//rules/toolchains:registered_python=false"
    with register(_BROKEN):
        assert built.bazel("build", _BUILT, *_ARM, flag).processes == {"internal": 1}


def test_a_plan_with_the_headers_of_an_installed_python_is_built_with_no_other(
    built: Workspace, register: Callable[..., AbstractContextManager[None]]
) -> None:
    def read() -> str:
        return built.bazel("aquery", f"mnemonic(CrosswheelBuild, deps({_BUILT}))", *_ARM).printed

    with register(_BROKEN):
        assert _INTERPRETER in read()
        with changed(
            built.folder / "wheels.plan.json",
            lambda text: text.replace('"source": "artifact"', '"source": "build-python"'),
        ):
            assert "Mnemonic: CrosswheelBuild" in (actions := read())
            assert _INTERPRETER not in actions


def test_builds_run_with_the_registered_python_and_with_the_one_that_is_named_for_them(
    built: Workspace, by_command: MadeByCommand, register: Callable[..., AbstractContextManager[None]]
) -> None:
    with register(_OF_TARGET, "@python_3_11//:toolchain"):
        answer = built.bazel("build", _BUILT, *_ARM)
        assert answer.processes["linux-sandbox"] == 1
        (wheel,) = built.output(_BUILT, *_ARM).glob("*.whl")
        assert wheel.read_bytes() == (by_command.repository("linux_arm64") / wheel.name).read_bytes()
    with register(_BROKEN, "//pythons:named"):
        assert built.bazel("build", _BUILT, *_ARM).processes == {"internal": 1}
    with register(_BROKEN):
        answer = built.bazel("build", _BUILT, *_ARM, succeeds=False)
        assert f"cannot use build Python '{_INTERPRETER}': it is not a CPython interpreter" in answer.said
