"""docs/examples/ten-packages with a real Bazel: offline, sandboxed, and the same bytes as the command line."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.bazel_workspace import Workspace, changed, digests_below, on
from e2e.exercises import EXERCISES
from e2e.made_by_command import MadeByCommand
from e2e.target_pythons import TargetPython, run_target_python
from e2e.ten_packages import BUILT, TARGETS

pytestmark = pytest.mark.e2e

_PLATFORMS = tuple(TARGETS)
_USE = """\
load("@crosswheel//rules:defs.bzl", "import_test")
load("@crosswheel//rules/toolchains:target_python.bzl", "target_python")
load("@pypi//:wheel_headers.bzl", "wheel_headers")
load("@rules_python//python:defs.bzl", "py_library")
load(":analysis_tests.bzl", "analysis_tests")

analysis_tests(name = "analysis_tests")

target_python(name = "python", command = COMMAND)

toolchain(
    name = "python_toolchain",
    target_compatible_with = ["@platforms//os:linux", "@platforms//cpu:aarch64"],
    toolchain = ":python",
    toolchain_type = "@crosswheel//rules/toolchains:target_python_type",
)

py_library(name = "library", srcs = [], deps = ["@pypi//argon2-cffi-bindings"])

wheel_headers(name = "headers", includes = ["cffi"], wheel = "@pypi//cffi")

wheel_headers(name = "missing", includes = ["cffi/nosuch"], tags = ["manual"], wheel = "@pypi//cffi")

cc_library(name = "compiled", srcs = ["compiled.c"], deps = [":headers"])

import_test(
    name = "import_test",
    modules = ["argon2", "markupsafe._speedups", "_cffi_backend"],
    tree = "@pypi//:site_packages",
)

import_test(name = "failing_test", modules = ["json"], tags = ["manual"], tree = "@pypi//markupsafe")
"""
_USED = """
bazel_dep(name = "bazel_skylib", version = "1.7.1")
bazel_dep(name = "rules_python", version = "0.22.1")
register_toolchains("//use:python_toolchain")
"""
_IMPORTS = "[one for name, one in providers(target).items() if name.endswith('PyInfo')][0].imports.to_list()"
_INCLUDES = (
    "[one for name, one in providers(target).items() if name.endswith('CcInfo')][0]"
    ".compilation_context.system_includes.to_list()[0]"
)
_PREBUILT = ("argon2-cffi", "cffi", "click", "frozenlist", "jinja2", "msgpack", "pycparser")


@pytest.mark.parametrize("platform", _PLATFORMS)
def test_the_repository_is_the_commands(platform: str, built: Workspace, by_command: MadeByCommand) -> None:
    made = built.output("@pypi//:repository", *on(platform))
    expected = digests_below(by_command.repository(platform))
    assert len([name for name in expected if name.endswith(".whl")]) == len(BUILT + _PREBUILT)
    assert digests_below(made) == expected


@pytest.mark.parametrize("platform", _PLATFORMS)
def test_the_tree_is_the_commands(platform: str, built: Workspace, by_command: MadeByCommand) -> None:
    made = built.output("@pypi//:site_packages", *on(platform))
    assert digests_below(made) == digests_below(by_command.site(platform))


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
def test_one_project_is_its_wheel(name: str, built: Workspace, by_command: MadeByCommand) -> None:
    """What is built alone is a folder with the wheel, and one that is prebuilt is checked as a validation action."""
    built.bazel("build", f"@pypi//{name}:whl", f"@pypi//{name}", *on("linux_arm64"))
    found = built.output(f"@pypi//{name}:whl", *on("linux_arm64"))
    (wheel,) = found.glob("*.whl") if found.is_dir() else [found]
    (expected,) = by_command.repository("linux_arm64").glob(f"{name}-*.whl")
    assert hashlib.sha256(wheel.read_bytes()).digest() == hashlib.sha256(expected.read_bytes()).digest()


def test_two_plans_may_call_one_file_by_two_names(built: Workspace) -> None:
    """The headers of one target, copied beside a second plan under another name: both hubs find theirs."""
    folder = built.folder / "second"
    folder.mkdir()
    plan = json.loads((built.folder / "wheels.plan.json").read_text())
    own = [one for one in plan["artifacts"].values() if "path" in one]
    assert own
    for artifact in own:
        name = f"second.{artifact['filename']}"
        shutil.copyfile(built.folder / artifact["path"], folder / name)
        artifact["path"] = artifact["filename"] = name
    (folder / "wheels.plan.json").write_text(json.dumps(plan))
    (folder / "BUILD.bazel").write_text("")
    hub = 'wheels.hub(name = "second", plan = "//second:wheels.plan.json")\nuse_repo(wheels, "second")\n'
    with changed(built.folder / "MODULE.bazel", lambda text: text + hub):
        built.bazel("build", "--nobuild", "@second//:repository", "@pypi//:repository", *on("linux_arm64"))
    shutil.rmtree(folder)


def test_nothing_is_done_twice(built: Workspace) -> None:
    answer = built.bazel("build", "@pypi//:repository", "@pypi//:site_packages", *on("linux_arm64"))
    assert answer.processes == {"internal": 1}


def test_every_test_passes(built: Workspace) -> None:
    answer = built.bazel("test", "//...")
    assert "//:plan_test" in answer.printed + answer.said
    assert "1 test passes" in answer.printed + answer.said


def test_other_rules_depend_on_wheels(built: Workspace, target_python: Callable[..., TargetPython]) -> None:
    """Python rules find a project, C++ rules its headers, the target's Python imports it, and the analysis tests pass."""
    (built.folder / "use").mkdir()
    plan = json.loads((built.folder / "wheels.plan.json").read_text())
    (version,) = {one["version"] for one in plan["builds"].values() if one["name"] == "markupsafe"}
    tests = (Path(__file__).parents[1] / "bazel" / "analysis_tests.bzl").read_text()
    (built.folder / "use" / "compiled.c").write_text("#include <stddef.h>\n#include <parse_c_type.h>\n")
    (built.folder / "use" / "analysis_tests.bzl").write_text(tests.replace("VERSION", version))
    command = [str(word) for word in target_python("aarch64").command()]
    (built.folder / "use" / "BUILD.bazel").write_text(_USE.replace("COMMAND", json.dumps(command)))
    with changed(built.folder / "MODULE.bazel", lambda text: text + _USED):
        arm = on("linux_arm64")
        told = built.bazel(
            "cquery", "//use:library", *arm, "--output=starlark", f"--starlark:expr={_IMPORTS}"
        )
        assert "argon2-cffi-bindings-" in told.printed
        assert ".site-packages" in told.printed
        (headers,) = built.outputs("//use:headers", *arm)
        include = built.bazel(
            "cquery", "//use:headers", *arm, "--output=starlark", f"--starlark:expr={_INCLUDES}"
        )
        built.bazel("build", "//use:headers", "//use:library", *arm)
        folder = include.printed.strip()
        assert folder.endswith(f"{headers.name}/cffi")
        assert (headers / "cffi" / "parse_c_type.h").is_file()
        built.bazel("build", "//use:compiled", *on("linux_amd64"))
        missing = built.bazel("build", "//use:missing", *arm, succeeds=False)
        assert "cannot include headers of 'cffi/nosuch': the wheel has no such folder" in missing.said
        built.bazel("test", "//use:import_test", "//use:analysis_tests", *arm)
        built.bazel("build", "//...")
        failed = built.bazel("test", "//use:import_test", succeeds=False)
        assert "cannot import for '//use:import_test': no target_python is registered" in (
            failed.printed + failed.said
        )
        failed = built.bazel("test", "//use:failing_test", *arm, succeeds=False)
        assert "cannot import 'json' of the wheels" in failed.printed + failed.said
    shutil.rmtree(built.folder / "use")


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
    # What is made of all wheels needs no action about one: a large plan would be slow to analyse.
    of_one = "mnemonic('Crosswheel(Check|Install)', deps({}))"
    assert "Mnemonic:" not in built.bazel("aquery", of_one.format("@pypi//:repository"), *arm).printed
    assert "Mnemonic:" in built.bazel("aquery", of_one.format("@pypi//markupsafe"), *arm).printed
