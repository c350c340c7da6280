"""What people meet with Bazel when something is wrong, and what is done anew after a change, in docs/examples/ten-packages."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from crosswheel.act.building.sdist import unpack_sdist
from e2e.bazel_workspace import Workspace, changed, digests_below, downloaded, on
from e2e.crosswheel_command import shared_store
from e2e.ten_packages import TARGETS

pytestmark = pytest.mark.e2e

_ARM = TARGETS["linux_arm64"]
_SOURCES = """\
filegroup(
    name = "sources",
    srcs = glob(["**"], exclude = ["BUILD.bazel"]),
    visibility = ["//visibility:public"],
)
"""
_FAILS = "print('about to fail')\nraise SystemExit('no such luck')\n"
_CLICK_BUILT = '[packages.click]\nprefer = "sdist"\n'
_PLANNED = """
wheels.hub(
    name = "planned",
    config = "//:crosswheel.toml",
    lock = "//:pylock.toml",
    options = ["--python=3.11"],
    TARGETS
)
use_repo(wheels, "planned")
"""
_PYTHON_3_14 = "--@crosswheel//rules/toolchains:python=3.14"
_PLATFORMS = """\
load("@crosswheel//rules/platforms:defs.bzl", "glibc")

platform(
    name = "linux_arm_v7",
    constraint_values = ["@platforms//cpu:armv7", "@platforms//os:linux"],
)

platform(
    name = "linux_arm64_old",
    constraint_values = ["@platforms//cpu:aarch64", "@platforms//os:linux"] + glibc("2.17"),
)
"""


@contextmanager
def _changed_plan(workspace: Workspace, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    def rewritten(text: str) -> str:
        plan = json.loads(text)
        change(plan)
        return json.dumps(plan)

    with changed(workspace.folder / "wheels.plan.json", rewritten):
        yield


def _wheel(plan: dict[str, Any], target: str, name: str) -> dict[str, Any]:
    (found,) = (
        wheel
        for one in plan["targets"]
        if one["id"] == target
        for wheel in one["wheels"]
        if wheel["name"] == name
    )
    wheel: dict[str, Any] = found
    return wheel


@pytest.mark.parametrize("platform", ["linux_arm_v7", "linux_arm64_old"])
def test_a_platform_that_nothing_was_planned_for_is_incompatible(platform: str, built: Workspace) -> None:
    with _platforms(built):
        on_it = f"--platforms=//odd:{platform}"
        answer = built.bazel("build", "@pypi//:repository", on_it, succeeds=False)
        assert "planned_for_another_platform=linux_aarch64_glibc_2_28,linux_x86_64_glibc_2_28" in answer.said
        answer = built.bazel("build", "@debian", on_it, succeeds=platform == "linux_arm64_old")
        assert ("locked_for_another_platform=linux_arm64,linux_amd64" in answer.said) is (answer.code != 0)
        for all_of in ("//...", "@pypi//..."):
            built.bazel("build", all_of, on_it)


def test_a_python_that_nothing_was_planned_for_is_refused(built: Workspace) -> None:
    answer = built.bazel("build", "@pypi//...", *on("linux_arm64"), _PYTHON_3_14, succeeds=False)
    assert (
        "cannot choose a target of '@pypi': none that fits the platform has the Python asked for, or several have one and "
        f"none is asked for; the plan has {_ARM}, {TARGETS['linux_amd64']}; say it by "
        "--@crosswheel//rules/toolchains:python=X.Y, or by `python` of the hub" in answer.said
    )


@contextmanager
def _platforms(workspace: Workspace) -> Iterator[None]:
    """A package of platforms of its own, which goes away: other tests name all packages."""
    folder = workspace.folder / "odd"
    folder.mkdir()
    try:
        (folder / "BUILD.bazel").write_text(_PLATFORMS)
        yield
    finally:
        shutil.rmtree(folder)


def test_a_stale_plan_fails_the_test_with_the_command_that_mends_it(built: Workspace) -> None:
    with changed(built.folder / "crosswheel.toml", lambda text: f"{text}\n{_CLICK_BUILT}"):
        answer = built.bazel("test", "//:plan_test", succeeds=False)
    said = answer.printed + answer.said
    assert "the plan is stale; make it anew:" in said
    assert "crosswheel plan pylock.toml --target=linux_amd64 --target=linux_arm64 --python=3.11" in said


def test_a_changed_lock_fails_what_is_built_and_nothing_that_is_asked(built: Workspace) -> None:
    with changed(built.folder / "pylock.toml", lambda text: f"{text}# changed\n"):
        answer = built.bazel("build", "@pypi//:repository", *on("linux_arm64"), succeeds=False)
        assert (
            "cannot use the plan of '@pypi': the lock file changed since it was made; make it anew: "
            "bazel run //:plan_update" in answer.said
        )
        for label in ("@pypi//click", "@pypi//click:whl"):
            built.bazel("build", label, *on("linux_arm64"), succeeds=False)
        built.bazel("build", "//:plan_update")


def test_a_stale_plan_is_made_anew(built: Workspace) -> None:
    plan = built.folder / "wheels.plan.json"
    environment = {
        "CROSSWHEEL_CACHE_DIR": str(shared_store()),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    }
    update = ("run", "//:plan_update")
    with (
        changed(plan, str),
        changed(built.folder / "crosswheel.toml", lambda text: f"{text}\n{_CLICK_BUILT}"),
    ):
        refused = built.bazel(*update, succeeds=False)
        assert (
            "cannot make plan 'wheels.plan.json': there is no program 'crosswheel' on the PATH"
            in refused.said
        )
        built.bazel(*update, environment=environment)
        assert "build" in _wheel(json.loads(plan.read_text()), _ARM, "click")
        built.bazel("test", "//:plan_test")


def test_a_hub_without_a_plan_has_one_made(built: Workspace) -> None:
    environment = {
        "CROSSWHEEL_CACHE_DIR": str(shared_store()),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    }
    asked = ("cquery", "filter(markupsafe-, deps(@planned//markupsafe:whl, 1))", *on("linux_arm64"))
    module = built.folder / "MODULE.bazel"
    with changed(module, lambda text: text + _PLANNED.replace("TARGETS", "")):
        assert "it names neither a plan, nor a lock and targets" in built.bazel(*asked, succeeds=False).said
    with changed(module, lambda text: text + _PLANNED.replace("TARGETS", 'targets = ["linux_arm64"]')):
        refused = built.bazel(*asked, succeeds=False)
        assert (
            "cannot plan hub 'planned': there is no program 'crosswheel' on the PATH; install crosswheel"
            in refused.said
        )
        (chosen,) = built.bazel(*asked, environment=environment).printed.splitlines()
        assert f"//{_ARM}/installed:markupsafe-" in chosen
        with changed(built.folder / "crosswheel.toml", lambda text: f"{text}\n[packages.nothing]\n"):
            told = built.bazel(*asked, environment=environment, succeeds=False)
        assert "cannot plan hub 'planned': crosswheel said: " in told.said


def test_a_project_without_a_wheel_for_a_platform_is_incompatible_with_it(built: Workspace) -> None:
    def change(plan: dict[str, Any]) -> None:
        for target in plan["targets"]:
            if target["id"] == _ARM:
                target["wheels"] = [one for one in target["wheels"] if one["name"] != "click"]

    with _changed_plan(built, change):
        answer = built.bazel("build", "@pypi//click:whl", *on("linux_arm64"), succeeds=False)
        assert "is incompatible and cannot be built" in answer.said
        built.bazel("build", "--nobuild", "@pypi//...", *on("linux_arm64"))
        built.bazel("build", "@pypi//click:whl", *on("linux_amd64"))


def test_a_wheel_that_does_not_fit_is_told_by_the_check(built: Workspace) -> None:
    def change(plan: dict[str, Any]) -> None:
        _wheel(plan, _ARM, "msgpack")["artifact"] = _wheel(plan, TARGETS["linux_amd64"], "msgpack")[
            "artifact"
        ]

    with _changed_plan(built, change):
        answer = built.bazel("build", "@pypi//msgpack:whl", *on("linux_arm64"), succeeds=False)
    assert "msgpack-" in answer.said
    assert "x86_64" in answer.said


def test_a_tag_for_a_package_that_is_not_built_is_refused(built: Workspace) -> None:
    tag = 'wheels.package(name = "click", hub = "pypi", processors = 2)\n'
    with changed(built.folder / "MODULE.bazel", lambda text: text + tag):
        answer = built.bazel("build", "@pypi//:repository", *on("linux_arm64"), succeeds=False)
    assert (
        "cannot use the tag `package` of 'click': the plan of @pypi does not build it; it builds "
        "argon2-cffi-bindings, crcmod, markupsafe" in answer.said
    )


_PLAN, _BASE = 'plan = "//:wheels.plan.json"', 'lock = "//:base.lock.json"'
_OF_MODULE = {
    "no-plan": (_PLAN, 'plan = "//:pylock.toml"', "cannot read plan '//:pylock.toml': it is not a plan"),
    "base-lock-as-plan": (_PLAN, 'plan = "//:base.lock.json"', "base.lock.json': it is not a plan"),
    "missing-plan": (_PLAN, 'plan = "//:x.json"', "cannot read plan '//:x.json': there is no such file"),
    "plan-as-base-lock": (_BASE, 'lock = "//:wheels.plan.json"', "it is not a base lock; make one with"),
    "missing-base-lock": (_BASE, 'lock = "//:x.json"', "cannot read base lock '//:x.json': there is no"),
    "missing-lock": (
        'lock = "//:pylock.toml"',
        'lock = "//:x.toml"',
        "cannot read file '//:x.toml': there is no such file",
    ),
    "targets-beside-plan": (
        _PLAN,
        f'{_PLAN}, targets = ["linux_arm64"]',
        "cannot use `targets` of hub 'pypi': its plan is committed",
    ),
    "base-named-as-hub": (
        'name = "debian"',
        'name = "pypi"',
        "cannot make base 'pypi': a hub has this name",
    ),
}


@pytest.mark.parametrize(("before", "after", "said"), _OF_MODULE.values(), ids=_OF_MODULE)
def test_what_the_module_names_wrongly_is_refused(
    before: str, after: str, said: str, built: Workspace
) -> None:
    with changed(built.folder / "MODULE.bazel", lambda text: text.replace(before, after, 1)):
        answer = built.bazel("query", "@pypi//:wheels + deps(//app:image, 1)", succeeds=False)
    assert said in answer.said


_OF_PLATFORMS = {
    "number": ("glibc(2.17)", "cannot use glibc '2.17': it is no string; put it into quotes"),
    "zero": ('glibc("2.05")', "cannot use glibc '2.05': the versions known are 2.5 to 2.60"),
}


@pytest.mark.parametrize(("call", "said"), _OF_PLATFORMS.values(), ids=_OF_PLATFORMS)
def test_a_version_that_is_none_is_refused(call: str, said: str, built: Workspace) -> None:
    # A package of its own, which other tests do not meet when they name all.
    folder = built.folder / "wrong"
    folder.mkdir()
    try:
        (folder / "BUILD.bazel").write_text(_PLATFORMS.replace('glibc("2.17")', call))
        assert said in built.bazel("query", "//wrong:all", succeeds=False).said
    finally:
        shutil.rmtree(folder)


def test_what_goes_into_a_wheel_is_not_said_by_a_tag(built: Workspace) -> None:
    tag = 'wheels.package(name = "crcmod", env = {"A": "1"}, hub = "pypi")\n'
    with changed(built.folder / "MODULE.bazel", lambda text: text + tag):
        answer = built.bazel("query", "@pypi//:wheels", succeeds=False)
    assert (
        'write environment = { "A" = "1" } below [packages.crcmod] in crosswheel.toml, and plan anew'
        in answer.said
    )


def test_two_tags_for_one_package_are_refused(built: Workspace) -> None:
    tag = 'wheels.package(name = "crcmod", hub = "pypi")\n'
    with changed(built.folder / "MODULE.bazel", lambda text: text + 2 * tag):
        answer = built.bazel("query", "@pypi//:wheels", succeeds=False)
    assert (
        "cannot use the tag `package` of 'crcmod': another tag of @pypi has this name; say it all in one of them"
        in answer.said
    )


def test_a_project_is_built_of_its_source_as_it_is_now_and_a_failure_is_told(
    built: Workspace, tmp_path: Path
) -> None:
    """The source of an sdist makes the wheel of the sdist; broken, it fails by the same plan, and the end of the log is shown."""
    label, source = "@pypi//crcmod:whl", built.folder / "crcmod"
    built.bazel("build", label, *on("linux_arm64"))
    planned = digests_below(built.output(label, *on("linux_arm64")))
    assert len(planned) == 2
    plan = json.loads((built.folder / "wheels.plan.json").read_text())
    sdist = tmp_path / "crcmod-1.7.tar.gz"
    shutil.copyfile(downloaded(plan["builds"][f"crcmod-1.7-{_ARM}"]["sdist"]), sdist)
    shutil.copytree(unpack_sdist(sdist, tmp_path, source_date_epoch=0), source)
    (source / "BUILD.bazel").write_text(_SOURCES)
    tag = 'wheels.package(name = "crcmod", hub = "pypi", sources = ["//crcmod:sources"])\n'
    with changed(built.folder / "MODULE.bazel", lambda text: text + tag):
        built.bazel("build", label, *on("linux_arm64"))
        assert digests_below(built.output(label, *on("linux_arm64"))) == planned
        with changed(source / "setup.py", lambda text: f"{_FAILS}{text}"):
            answer = built.bazel("build", label, *on("linux_arm64"), succeeds=False)
        with changed(source / "setup.py", lambda text: text.replace("version='1.7'", "version='1.8'")):
            refused = built.bazel("build", label, *on("linux_arm64"), succeeds=False)
        (source / "pyproject.toml").write_text('[project]\nversion = "1.8"\n')
        other = built.bazel("build", label, *on("linux_arm64"), succeeds=False)
    assert "Building crcmod 1.7 for" in answer.said
    assert "no such luck" in answer.said
    assert "whole log: " not in answer.said  # nothing is where it was
    assert "; mend your project, or make the plan anew if it is another by now" in refused.said
    assert (
        "cannot build from its own source 'crcmod': its pyproject.toml says version 1.8, the plan 1.7; "
        "make the plan anew: bazel run //:plan_update" in other.said
    )


def test_what_the_plan_has_no_wheel_for_is_told_where_all_wheels_are_shipped(built: Workspace) -> None:
    def drop(plan: dict[str, Any]) -> None:
        for target in plan["targets"]:
            target["wheels"] = [one for one in target["wheels"] if one["name"] != "pycparser"]

    labels = ("@pypi//:repository", "@pypi//:site_packages", "@pypi//:layers")
    try:
        with _changed_plan(built, drop):
            for label in labels:
                answer = built.bazel("build", label, *on("linux_arm64"))
                assert f"warning: {_ARM}: cffi " in answer.said
                assert "requires pycparser" in answer.said
            assert "warning" not in built.bazel("build", "@pypi//cffi", *on("linux_arm64")).said
    finally:
        # Other tests look at what was built of the plan as it is.
        built.bazel("build", *labels, *on("linux_arm64"))


def test_a_change_of_one_package_builds_that_one_anew(built: Workspace) -> None:
    """One build of six; its wheel is laid into layers, tree and image again, which start from finished wheels."""

    def change(plan: dict[str, Any]) -> None:
        plan["builds"][f"crcmod-1.7-{_ARM}"]["environment"] = {"CROSSWHEEL_TEST": "changed"}

    with _changed_plan(built, change):
        answer = built.bazel(
            "build", "@pypi//:layers", *on("linux_arm64"), "--build_event_json_file=events.json"
        )
    assert answer.processes["linux-sandbox"] == 2
    events = [json.loads(line) for line in (built.folder / "events.json").read_text().splitlines()]
    (metrics,) = (event["buildMetrics"] for event in events if "buildMetrics" in event)
    ran = {one["mnemonic"]: int(one["actionsExecuted"]) for one in metrics["actionSummary"]["actionData"]}
    assert {name: number for name, number in ran.items() if name.startswith("Crosswheel")} == {
        "CrosswheelBuild": 1,
        "CrosswheelLayer": 1,
    }
