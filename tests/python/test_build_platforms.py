"""Which of a plan's build environments serves a machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crosswheel.decide.plans.build_platforms import chosen_environment
from crosswheel.decide.plans.plan import BuildEnvironment, PlannedBuild
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError
from plan_values import digest, whole_build

_OLD = "cp311-linux_x86_64_glibc_2_17"
_NEW = "cp311-linux_x86_64_glibc_2_28"
_MAC = "cp311-macos_aarch64_11_0"


def _build(*ids: str) -> PlannedBuild:
    environments = {id_: BuildEnvironment(requirements=(digest(id_),), toolchain=None) for id_ in ids}
    return replace(whole_build(), environments=environments)


@pytest.mark.parametrize("machine", [_OLD, _NEW])
def test_the_newest_of_the_machines_kind_is_taken(machine: str) -> None:
    chosen = chosen_environment(_build(_MAC, _OLD, _NEW), parse_target_id(machine).platform)
    assert chosen.requirements == (digest(_NEW),)


def test_a_macos_machine_takes_its_own() -> None:
    chosen = chosen_environment(_build(_MAC, _NEW), parse_target_id("cp311-macos_aarch64_14_0").platform)
    assert chosen.requirements == (digest(_MAC),)


def test_a_machine_the_plan_holds_nothing_for_is_told_what_to_plan() -> None:
    with pytest.raises(InputError) as caught:
        chosen_environment(_build(_MAC), parse_target_id("cp311-linux_x86_64_musl_1_2").platform)
    assert str(caught.value) == (
        "cannot build 'fast-1.0-cp311-linux_aarch64_glibc_2_28': the plan holds build requirements for "
        "cp311-macos_aarch64_11_0; plan again with --build-platform linux_x86_64_musl_1_2"
    )
