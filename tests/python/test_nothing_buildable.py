"""Which packages are named where no sdist can be built for a target."""

from __future__ import annotations

import pytest

from crosswheel.decide.configuration.preferences import Handling, Preference, Preferences
from crosswheel.decide.selection.selection import select
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CrosswheelError, InputError
from lock_texts import lock_of, package

LINUX = parse_target_id("cp312-linux_aarch64_glibc_2_28")
OBSTACLE = InputError("build for", "x", why="nothing compiles for it", fix="take wheels")


def _refusals(
    *packages: str, preferences: Preferences | None = None, obstacle: InputError = OBSTACLE
) -> list[str]:
    with pytest.raises(CrosswheelError) as caught:
        select(lock_of(*packages), LINUX, obstacle=obstacle, preferences=preferences)
    assert caught.value.exit_code == 4
    return str(caught.value).splitlines()


def test_each_is_named_with_its_nearest_misses() -> None:
    assert _refusals(
        package("a", "1", "a-1.tar.gz", "a-1-cp312-cp312-manylinux_2_34_aarch64.whl"),
        package("b", "1", "b-1.tar.gz"),
        package("c", "1", "c-1.tar.gz", "c-1-py3-none-any.whl"),
    ) == [
        (
            "pylock.toml: packages[0]: cp312-linux_aarch64_glibc_2_28: cannot select a wheel for 'a 1': wheels exist for "
            "manylinux_2_34_aarch64 (needs glibc 2.34, the target has 2.28), and its sdist cannot be built for this target: "
            "nothing compiles for it; raise the target's glibc to 2.34, or take wheels"
        ),
        (
            "pylock.toml: packages[1]: cp312-linux_aarch64_glibc_2_28: cannot select a wheel for 'b 1': the lock lists no wheel, "
            "and its sdist cannot be built for this target: nothing compiles for it; take wheels"
        ),
    ]


def test_what_a_wheel_needs_and_what_a_build_needs_is_told_once() -> None:
    wheel = package("a", "1", "a-1.tar.gz", "a-1-cp312-cp312-manylinux_2_34_aarch64.whl")
    needs = InputError(
        "build for", "x", why="nothing compiles for it", fix="raise the target's glibc to 2.34"
    )
    (told,) = _refusals(wheel, obstacle=needs)
    assert told.endswith("nothing compiles for it; raise the target's glibc to 2.34")


def test_an_option_that_asks_for_the_sdist_is_to_be_dropped() -> None:
    reason = Preference(handling=Handling.ONLY_SDIST, reason="--no-binary a")
    wheel = package("a", "1", "a-1.tar.gz", "a-1-py3-none-any.whl")
    assert _refusals(wheel, preferences=Preferences(default=reason)) == [
        (
            "pylock.toml: packages[0]: cp312-linux_aarch64_glibc_2_28: cannot select a wheel for 'a 1': --no-binary a asks for its sdist, which "
            "cannot be built for this target: nothing compiles for it; drop --no-binary a, or take wheels"
        )
    ]
