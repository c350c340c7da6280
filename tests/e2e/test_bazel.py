"""docs/examples/ten-packages with a real Bazel: offline, sandboxed, and the same bytes as the command line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.bazel_workspace import Workspace, digests_below, on
from e2e.crosswheel_command import crosswheel
from e2e.exercises import EXERCISES
from e2e.target_pythons import TargetPython, run_target_python
from e2e.ten_packages import BUILT, TARGETS

pytestmark = pytest.mark.e2e

_PLATFORMS = tuple(TARGETS)
_PREBUILT = ("argon2-cffi", "cffi", "click", "frozenlist", "jinja2", "msgpack", "pycparser")


@pytest.fixture(scope="module")
def by_command(built: Workspace) -> Path:
    """What `crosswheel build` makes of the same plan."""
    crosswheel("build", "wheels.plan.json", "-o", "dist", cwd=built.folder)
    return built.folder / "dist"


@pytest.mark.parametrize("platform", _PLATFORMS)
def test_the_repository_is_the_commands(platform: str, built: Workspace, by_command: Path) -> None:
    made = built.output("@pypi//:repository", *on(platform))
    expected = digests_below(by_command / TARGETS[platform])
    assert len([name for name in expected if name.endswith(".whl")]) == len(BUILT + _PREBUILT)
    assert digests_below(made) == expected


@pytest.mark.parametrize("platform", _PLATFORMS)
def test_the_tree_is_the_commands(platform: str, built: Workspace, by_command: Path, tmp_path: Path) -> None:
    made = built.output("@pypi//:site_packages", *on(platform))
    crosswheel("install", by_command / TARGETS[platform], "--dest", tmp_path / "site", cwd=tmp_path)
    assert digests_below(made) == digests_below(tmp_path / "site")


def _digests(folder: Path) -> list[tuple[str, str]]:
    return sorted(digests_below(folder).items())


def test_both_platforms_at_once_are_made_of_the_same_files(built: Workspace) -> None:
    both = built.outputs("//:repositories", *on("linux_amd64"))
    each = [built.output("@pypi//:repository", *on(name)) for name in _PLATFORMS]
    assert sorted(map(_digests, both)) == sorted(map(_digests, each))


@pytest.mark.parametrize("name", BUILT)
def test_a_built_wheel_works_on_the_target(
    name: str, built: Workspace, target_python: Callable[..., TargetPython]
) -> None:
    site = built.output("@pypi//:site_packages", *on("linux_arm64"))
    done = run_target_python(target_python("aarch64"), EXERCISES[name] + "\nprint('works')", site)
    assert done.stdout.splitlines()[-1:] == ["works"], done.stdout + done.stderr


@pytest.mark.parametrize("name", ["markupsafe", "msgpack"])
def test_one_project_is_its_wheel(name: str, built: Workspace, by_command: Path) -> None:
    """What is built alone is a folder with the wheel, and one that is prebuilt is checked as a validation action."""
    built.bazel("build", f"@pypi//{name}:whl", f"@pypi//{name}", *on("linux_arm64"))
    found = built.output(f"@pypi//{name}:whl", *on("linux_arm64"))
    (wheel,) = found.glob("*.whl") if found.is_dir() else [found]
    (expected,) = (by_command / TARGETS["linux_arm64"]).glob(f"{name}-*.whl")
    assert hashlib.sha256(wheel.read_bytes()).digest() == hashlib.sha256(expected.read_bytes()).digest()


def test_nothing_is_done_twice(built: Workspace) -> None:
    answer = built.bazel("build", "@pypi//:repository", "@pypi//:site_packages", *on("linux_arm64"))
    assert answer.processes == {"internal": 1}


def test_every_test_passes(built: Workspace) -> None:
    answer = built.bazel("test", "//...")
    assert "//:plan_test" in answer.printed + answer.said
    assert "1 test passes" in answer.printed + answer.said


def test_queries_answer(built: Workspace) -> None:
    projects = built.bazel("query", 'kind("wheel_library", @pypi//...)').printed.split()
    assert [one.rpartition(":")[2] for one in projects] == sorted(BUILT + _PREBUILT)
    arm = on("linux_arm64")
    (chosen,) = built.bazel(
        "cquery", "filter(markupsafe-, deps(@pypi//markupsafe:whl, 1))", *arm
    ).printed.splitlines()
    assert TARGETS["linux_arm64"] in chosen
    actions = built.bazel("aquery", "mnemonic(CrosswheelBuild, deps(@pypi//:wheels))", *arm).printed
    assert actions.count("Mnemonic: CrosswheelBuild") == len(BUILT)
