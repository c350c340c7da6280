"""Builds that need other builds: the order, how many, how deep, and never in a circle."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from crosswheel.decide.plans.plan import (
    BuildEnvironment,
    Overlay,
    Plan,
    PlannedBuild,
    PlannedTarget,
    PlannedWheel,
)
from crosswheel.decide.plans.plan_json import plan_from_json, plan_to_json
from crosswheel.decide.plans.required_builds import (
    RequiredBuildsSummary,
    builds_needed,
    cycle_of_builds,
    needed_by,
    pins_for,
    summary_of,
)
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError
from plan_values import AMD64, ARM64, MACOS, artifact, digest

SDIST = artifact("any-1.tar.gz", "any")
PLATFORM = PlannedTarget(target=AMD64, description=digest("description of the build platform"))


def build(name: str, target: Target, *, requires: Sequence[str] = (), overlay: str = "") -> PlannedBuild:
    """A build on AMD64 that requires builds for AMD64 of projects, and lays over one of `target`'s."""
    return PlannedBuild(
        id=f"{name}-1-{target.id}",
        name=name,
        version="1",
        target=target,
        sdist=SDIST.sha256,
        inputs=digest("inputs"),
        backend="setuptools.build_meta",
        environments={
            AMD64.id: BuildEnvironment(
                requirements=(), toolchain=None, builds=tuple(f"{one}-1-{AMD64.id}" for one in requires)
            )
        },
        overlays=(Overlay(project=overlay, build=f"{overlay}-1-{target.id}"),) if overlay else (),
    )


def plan_of(*builds: PlannedBuild, wheels: Sequence[PlannedBuild] = ()) -> Plan:
    return Plan(
        inputs={},
        source_date_epoch=0,
        artifacts={SDIST.sha256: SDIST},
        builds={one.id: one for one in builds},
        targets=(
            PlannedTarget(
                target=ARM64,
                wheels=tuple(PlannedWheel(name=one.name, version="1", build=one.id) for one in wheels),
            ),
        ),
        build_platforms=(PLATFORM,),
    )


APP = build("app", ARM64, requires=("tool",), overlay="array")
ARRAY = build("array", ARM64, requires=("tool",))
TOOL = build("tool", AMD64, requires=("maker",))
MAKER = build("maker", AMD64)
PLAN = plan_of(APP, ARRAY, TOOL, MAKER, wheels=[APP])


def test_a_plan_with_builds_for_builds_is_read_back_as_it_was() -> None:
    assert plan_from_json(plan_to_json(PLAN), name="p") == PLAN


def test_what_names_no_other_build_is_written_without_a_trace_of_them() -> None:
    text = plan_to_json(replace(plan_of(MAKER), build_platforms=())).decode()
    assert '"build_platforms"' not in text
    assert json.loads(text)["builds"][MAKER.id]["environments"] == {AMD64.id: {"requirements": []}}


def test_a_build_needs_its_requirements_and_its_overlays() -> None:
    assert needed_by(APP, APP.environments[AMD64.id]) == (ARRAY.id, TOOL.id)


def test_needed_builds_come_first_each_once() -> None:
    found = builds_needed(PLAN, [APP.id], needs=lambda one: needed_by(one, one.environments[AMD64.id]))
    assert list(found) == [MAKER.id, TOOL.id, ARRAY.id, APP.id]
    assert found[TOOL.id] == (MAKER.id,)


def test_count_and_depth_are_those_of_builds_that_no_target_asked_for() -> None:
    assert summary_of(PLAN) == RequiredBuildsSummary(count=3, depth=3)
    shared = plan_of(APP, ARRAY, TOOL, MAKER, wheels=[APP, ARRAY])
    assert summary_of(shared) == RequiredBuildsSummary(count=2, depth=3)
    assert summary_of(plan_of(MAKER, wheels=[MAKER])) == RequiredBuildsSummary(count=0, depth=0)


def test_pins_of_a_build_platform_are_found_beside_those_of_targets() -> None:
    assert pins_for(PLAN, AMD64) == PLATFORM
    assert pins_for(PLAN, ARM64) == PLAN.targets[0]
    assert pins_for(PLAN, MACOS) == PlannedTarget(target=MACOS)


def _with_builds(one: PlannedBuild, *ids: str) -> PlannedBuild:
    return replace(
        one, environments={AMD64.id: BuildEnvironment(requirements=(), toolchain=None, builds=ids)}
    )


def refusal(plan: Plan) -> str:
    with pytest.raises(CrosswheelError) as caught:
        plan_from_json(plan_to_json(plan), name="p")
    return str(caught.value)


def test_builds_in_a_circle_are_refused() -> None:
    circle = plan_of(TOOL, build("maker", AMD64, requires=("tool",)))
    assert cycle_of_builds(circle) == (MAKER.id, TOOL.id, MAKER.id)
    assert refusal(circle) == (
        f"p: builds: cannot read plan '{MAKER.id} -> {TOOL.id} -> {MAKER.id}': these builds need each other; "
        "make the file anew, or undo the edit"
    )
    assert cycle_of_builds(PLAN) == ()


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (plan_of(TOOL), f"'{MAKER.id}': no build of the plan has this id"),
        (plan_of(build("app", ARM64, overlay="array")), f"'{ARRAY.id}': no build of the plan has this id"),
        (plan_of(ARRAY, _with_builds(TOOL, ARRAY.id)), "the build is not for this platform"),
        (
            plan_of(replace(APP, overlays=(Overlay(project="other", build=ARRAY.id),)), ARRAY, TOOL, MAKER),
            f"'{ARRAY.id}': the build is another package's or target's",
        ),
        (
            plan_of(replace(APP, overlays=(Overlay(project="array"),)), TOOL, MAKER),
            "exactly one of 'artifact' and 'build'",
        ),
    ],
)
def test_a_build_that_cannot_serve_is_refused(plan: Plan, why: str) -> None:
    assert why in refusal(plan)


def test_a_build_platform_is_no_target_twice() -> None:
    twice = replace(PLAN, build_platforms=(PLATFORM, PlannedTarget(target=ARM64)))
    assert f"build_platforms: [1]: cannot read plan '{ARM64.id}': the target occurs twice" in refusal(twice)


def test_a_build_platform_has_no_wheels() -> None:
    document = json.loads(plan_to_json(PLAN))
    document["build_platforms"][0]["wheels"] = []
    with pytest.raises(CrosswheelError, match=r"build_platforms.*'wheels': no such key is known here"):
        plan_from_json(json.dumps(document).encode(), name="p")
