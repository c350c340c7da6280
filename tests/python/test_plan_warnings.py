"""What is told of a plan that can be carried out and is seldom meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crosswheel.decide.plans.plan import BuildEnvironment, Plan, PlannedTarget, PlannedWheel
from crosswheel.decide.plans.plan_warnings import plan_warnings
from plan_values import AMD64, ARM64, artifact, whole_build


def plan(required: str, *locked: str) -> Plan:
    """A plan in which `fast` is built with a wheel of numpy, and these versions of numpy are wanted for the target."""
    numpy = artifact(f"numpy-{required}-cp311-cp311-manylinux_2_28_x86_64.whl", "numpy")
    names = (artifact("fast-1.0.tar.gz", "fast"), artifact("flit_core-3.tar.gz", "flit-core"), numpy)
    environment = BuildEnvironment(requirements=tuple(one.sha256 for one in names[1:]), toolchain=None)
    build = replace(whole_build(), environments={AMD64.id: environment})
    wheels = (
        PlannedWheel(name="fast", version="1.0", build=build.id),
        *(PlannedWheel(name="numpy", version=version, artifact=numpy.sha256) for version in locked),
    )
    return Plan(
        inputs={},
        source_date_epoch=0,
        artifacts={one.sha256: one for one in names},
        builds={build.id: build},
        targets=(PlannedTarget(target=ARM64, wheels=wheels),),
    )


def test_what_is_compiled_with_numpy_1_does_not_load_with_numpy_2() -> None:
    assert plan_warnings(plan("1.23.2", "2.4.6")) == [
        (
            f"{ARM64.id}: fast 1.0 will be compiled with numpy 1.23.2, as its sdist asks, and does not load with the numpy 2.4.6 of "
            "the lock: lock numpy below 2, or another release of fast"
        )
    ]


@pytest.mark.parametrize(
    ("required", "locked"),
    [("2.0.0", ["2.4.6"]), ("1.23.2", ["1.26.4"]), ("2.1.0", ["1.26.4"]), ("1.23.2", [])],
)
def test_other_pairs_load(required: str, locked: list[str]) -> None:
    assert plan_warnings(plan(required, *locked)) == []


def test_a_target_without_wheels_is_told() -> None:
    empty = replace(plan("2.0.0"), targets=(PlannedTarget(target=AMD64),))
    assert plan_warnings(empty) == [
        f"{AMD64.id}: no package of the lock is for this target, its wheel repository will be empty"
    ]
