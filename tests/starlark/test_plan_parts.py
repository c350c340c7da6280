"""Parts of a plan, cut out by rules/private/plan.bzl: valid plans, and no larger than an action needs."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
import starlark

from bazel_plans import AMD, ARM, digest, plan
from crosswheel.act.steps.runtime_libraries import _TRY_BUILD_MACHINE, _tries_build_machine
from crosswheel.decide.plans.plan_json import plan_from_json
from starlark_files import function

_FILE = "rules/private/plan.bzl"
_NO_PLAN = "cannot read plan '//:p': it is not a plan; make one with `crosswheel plan`"


def part(name: str, *arguments: object) -> dict[str, Any]:
    return cast("dict[str, Any]", function(_FILE, name)(*arguments))


def read(document: object) -> None:
    """Have the core read a part; it refuses what is no plan."""
    plan_from_json(json.dumps(document).encode(), name="part")


def test_the_part_of_a_build_is_a_plan_with_nothing_but_the_build() -> None:
    found = part("part_for_build", plan(), f"fast-1.0-{ARM}")
    read(found)
    assert list(found["builds"]) == [f"fast-1.0-{ARM}"]
    assert sorted(found["artifacts"]) == [digest("a"), digest("b"), digest("c")]
    assert (found["inputs"], found["targets"]) == ({}, [])
    assert [one["id"] for one in found["build_platforms"]] == [ARM]


def test_the_part_of_a_build_has_what_it_would_download() -> None:
    whole = plan()
    whole["builds"][f"fast-1.0-{ARM}"]["downloads"] = [{"artifact": digest("e"), "filename": "parts.zip"}]
    found = part("part_for_build", whole, f"fast-1.0-{ARM}")
    read(found)
    assert digest("e") in found["artifacts"]


def test_the_part_of_a_build_has_the_builds_it_needs_and_what_those_need() -> None:
    whole = plan()
    for name, needed in (("tool", ["deep"]), ("deep", [])):
        id_ = f"{name}-1.0-{AMD}"
        whole["builds"][id_] = whole["builds"][f"fast-1.0-{AMD}"] | {
            "name": name,
            "environments": {
                AMD: {"requirements": [digest("b")], "builds": [f"{one}-1.0-{AMD}" for one in needed]}
            },
        }
    whole["builds"][f"fast-1.0-{ARM}"]["environments"][AMD]["builds"] = [f"tool-1.0-{AMD}"]
    found = part("part_for_build", whole, f"fast-1.0-{ARM}")
    read(found)
    assert sorted(found["builds"]) == [f"deep-1.0-{AMD}", f"fast-1.0-{ARM}", f"tool-1.0-{AMD}"]
    assert [one["id"] for one in found["build_platforms"]] == [ARM, AMD]


def test_the_part_of_wheels_keeps_what_is_accepted_of_them() -> None:
    whole = plan()
    target = whole["targets"][0]
    (demo,) = [wheel for wheel in target["wheels"] if wheel["name"] == "demo"]
    found = part("part_for_wheels", whole, {**target, "wheels": [demo]})
    read(found)
    assert [wheel["name"] for wheel in found["targets"][0]["wheels"]] == ["demo"]
    assert (found["accept"], found["builds"]) == ({"demo": ["stray-file"]}, {})
    assert list(found["artifacts"]) == [digest("d")]


def test_the_part_of_the_runtime_libraries_is_the_same_when_a_package_changes() -> None:
    whole, changed = plan(), plan()
    changed["builds"][f"fast-1.0-{ARM}"] |= {"oracle": digest("d"), "inputs": digest("9")}
    found = part("part_for_runtime", whole, ARM)
    read(found)
    assert found == part("part_for_runtime", changed, ARM)
    changed["builds"][f"fast-1.0-{ARM}"]["environments"][AMD]["toolchain"] = digest("b")
    assert found != part("part_for_runtime", changed, ARM)


def test_the_part_of_the_runtime_libraries_is_the_same_for_other_projects() -> None:
    """A cache of actions serves them all: by other build requirements and headers the same libraries are made."""
    whole, other = plan(), plan()
    requirements = other["builds"][f"fast-1.0-{ARM}"]["environments"][AMD]["requirements"]
    requirements.append(digest("e"))
    other["targets"][0]["headers"] = {"source": "artifact", "python_version": "3.11.2", "sha256": digest("d")}
    found = part("part_for_runtime", whole, ARM)
    assert found == part("part_for_runtime", other, ARM)
    assert list(found["artifacts"]) == [digest("c")]
    other["builds"][f"fast-1.0-{ARM}"]["environments"][AMD]["rust"] = [digest("d")]
    read(part("part_for_runtime", other, ARM))
    assert found != part("part_for_runtime", other, ARM)


@pytest.mark.parametrize("start", _TRY_BUILD_MACHINE)
def test_the_part_of_the_runtime_libraries_tells_whether_the_build_machines_are_needed(start: str) -> None:
    """For the step that makes them, which is given nothing else."""
    whole = plan()
    whole["artifacts"][digest("b")]["filename"] = f"{start}1.0-py3-none-any.whl"
    document = part("part_for_runtime", whole, ARM)
    read_part = plan_from_json(json.dumps(document).encode(), name="part")
    (build,) = read_part.builds.values()
    assert _tries_build_machine(read_part, build.environments[AMD])
    whole["artifacts"][digest("b")]["filename"] = f"{start[:-1]}ish-1.0-py3-none-any.whl"
    (only,) = part("part_for_runtime", whole, ARM)["builds"].values()
    assert only["environments"][AMD]["requirements"] == []


def test_there_are_no_runtime_libraries_where_nothing_is_compiled() -> None:
    whole = plan()
    for build in whole["builds"].values():
        del build["environments"][AMD]["toolchain"]
    assert function(_FILE, "part_for_runtime")(whole, ARM) is None


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (None, _NO_PLAN),
        ([], _NO_PLAN),
        ({"targets": []}, _NO_PLAN),
        ({"schema": 1, "artifacts": {}, "bases": []}, _NO_PLAN),
        (
            {"schema": 2},
            (
                "cannot read plan '//:p': it has schema 2, and this crosswheel reads schema 1; use the crosswheel that "
                "it was made with, or make it anew with `crosswheel plan`"
            ),
        ),
    ],
)
def test_what_is_no_plan_is_refused(document: object, words: str) -> None:
    with pytest.raises(starlark.StarlarkError, match="cannot read plan") as caught:
        function(_FILE, "checked_plan")(document, "//:p")
    assert words in str(caught.value)


def test_a_plan_is_taken_as_it_is() -> None:
    assert function(_FILE, "checked_plan")(plan(), "//:p") == plan()


@pytest.mark.parametrize(("key", "value"), [("version", "9"), ("name", "other"), ("build", "none")])
def test_a_wheel_by_the_build_of_another_target_or_package_is_refused(key: str, value: str) -> None:
    whole = plan()
    target, wheel = next(
        (target, wheel) for target in whole["targets"] for wheel in target["wheels"] if "build" in wheel
    )
    wheel[key] = value
    with pytest.raises(starlark.StarlarkError, match="another package's or target's"):
        function(_FILE, "checked_plan")(whole, "//:p")
    wheel[key] = plan()["targets"][whole["targets"].index(target)]["wheels"][target["wheels"].index(wheel)][
        key
    ]
    target["id"] = "cp311-linux_riscv64_glibc_2_31"
    with pytest.raises(starlark.StarlarkError, match="another package's or target's"):
        function(_FILE, "checked_plan")(whole, "//:p")
