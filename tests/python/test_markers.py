"""Markers of a lock: evaluated with the target's values only, and shown with them."""

from __future__ import annotations

import pytest
from packaging.markers import Marker

from crosswheel.decide.locks.markers import MarkerEnvironment, MarkerPart, evaluate, marker_parts
from crosswheel.values.errors import InputError

ENVIRONMENT: MarkerEnvironment = {
    "os_name": "posix",
    "sys_platform": "linux",
    "python_full_version": "3.12.0",
    "extras": frozenset({"web", "db"}),
    "dependency_groups": frozenset[str](),
}


def test_every_comparison_is_shown_with_the_value_it_read() -> None:
    marker = Marker("(sys_platform == 'a (and) b' or 'web' in extras) and python_full_version >= '3.13'")
    assert marker_parts(marker, ENVIRONMENT) == (
        MarkerPart(text='sys_platform == "a (and) b"', variable="sys_platform", value="linux", result=False),
        MarkerPart(text='"web" in extras', variable="extras", value="db, web", result=True),
        MarkerPart(
            text='python_full_version >= "3.13"',
            variable="python_full_version",
            value="3.12.0",
            result=False,
        ),
    )


def test_extras_are_sets_in_a_lock() -> None:
    assert evaluate(Marker("'db' in extras and 'x' not in dependency_groups"), ENVIRONMENT)


def test_a_marker_of_metadata_is_refused_in_a_lock() -> None:
    with pytest.raises(InputError) as caught:
        evaluate(Marker("extra == 'web'"), ENVIRONMENT)
    assert str(caught.value) == (
        "cannot evaluate marker 'extra == \"web\"': 'extra' is not defined in a lock file; lock again with a current tool"
    )


def test_a_set_compared_as_a_string_is_refused() -> None:
    with pytest.raises(InputError, match="Set-valued marker 'extras' can only be used"):
        evaluate(Marker("extras == 'web'"), ENVIRONMENT)
