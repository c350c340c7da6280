"""What the wheels of one target require of each other."""

from __future__ import annotations

import pytest

from crosswheel.decide.planning.unmet_requirements import Requiring, unmet_requirements
from crosswheel.target.environments import marker_environment
from crosswheel.target.targets import parse_target_id

LINUX = marker_environment(parse_target_id("cp311-linux_aarch64_glibc_2_28"))


def unmet(**requirements: list[str]) -> tuple[str, ...]:
    wheels = [
        Requiring(name=name.replace("_", "-"), version="2.1", requirements=lines)
        for name, lines in requirements.items()
    ]
    return unmet_requirements(wheels, LINUX)


@pytest.mark.parametrize(
    "line",
    [
        "other",
        "Other>=2",
        "OTHER ==2.1",
        "other @ https://files.example/other.whl",
        'colorama; sys_platform == "win32"',
        'missing; extra == "socks"',
        "no requirement at all",
        "other[nothing]",
    ],
)
def test_what_is_met_or_not_asked_for_is_not_told(line: str) -> None:
    assert unmet(one=[line], other=[]) == ()


def test_what_no_wheel_meets_is_told() -> None:
    assert unmet(one=["missing>1", 'colorama; sys_platform == "linux"']) == (
        "one 2.1 requires missing>1, and no wheel of missing is there",
        'one 2.1 requires colorama; sys_platform == "linux", and no wheel of colorama is there',
    )


def test_a_wheel_of_another_version_is_told() -> None:
    assert unmet(one=["other<2"], other=[]) == (
        "one 2.1 requires other<2, and the wheel that is there is of 2.1",
    )


def test_an_extra_that_a_wheel_asks_for_counts_with_what_it_asks_for() -> None:
    lines = ['third[More]; extra == "socks"', "idna"]
    assert unmet(one=["other[Socks]"], other=lines, third=['last; extra == "more"'], idna=[]) == (
        'third 2.1 requires last; extra == "more", and no wheel of last is there',
    )


def test_extras_that_ask_for_each_other_come_to_an_end() -> None:
    lines = ['one[b]; extra == "a"', 'one[a]; extra == "b"']
    assert unmet(one=lines, other=["one[a]"]) == ()
