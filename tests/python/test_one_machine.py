"""Locks of the machine that they were made on are told to be such where another target wants what they lack."""

from __future__ import annotations

import pytest

from crosswheel.decide.configuration.preferences import Handling, Preference, Preferences
from crosswheel.decide.locks.locks import parse_pylock
from crosswheel.decide.selection.refusals import wheel_remedies
from crosswheel.decide.selection.selection import select
from crosswheel.decide.selection.target_facts import facts_of_target
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError, SelectionError
from lock_texts import HEAD, lock_of, package

ARM = parse_target_id("cp312-linux_aarch64_glibc_2_28")
INTEL = parse_target_id("cp312-linux_x86_64_glibc_2_28")
HERE = ("a-1.tar.gz", "a-1-cp312-cp312-manylinux_2_17_x86_64.whl")
PURE = package("c", "1", "c-1-py3-none-any.whl")
UNIVERSAL = "lock for all platforms (`uv pip compile --universal`)"


def test_a_build_of_what_a_lock_of_one_machine_has_no_wheel_for_is_told() -> None:
    lock = lock_of(package("a", "1", *HERE), PURE)
    assert select(lock, ARM).warnings == (
        (
            f"pylock.toml has wheels for Linux on x86_64 alone, so a will be built for {ARM.id}, of which the index may have a "
            f"wheel; to have all of them, {UNIVERSAL}"
        ),
    )
    assert select(lock, INTEL).warnings == ()
    assert wheel_remedies(lock.packages[0], facts_of_target(ARM)) == [
        f"{UNIVERSAL}, as this lock has wheels for Linux on x86_64 alone"
    ]


def test_who_asks_for_the_sdist_and_who_locked_for_several_platforms_is_not_told() -> None:
    wanted = Preferences(default=Preference(handling=Handling.ONLY_SDIST, reason="--no-binary a"))
    assert select(lock_of(package("a", "1", *HERE)), ARM, preferences=wanted).warnings == ()
    several = lock_of(
        package("a", "1", *HERE), package("b", "1", "b-1-cp312-cp312-win_amd64.whl", "b-1.tar.gz")
    )
    assert select(several, ARM).warnings == ()
    assert wheel_remedies(several.packages[0], facts_of_target(ARM)) == []


@pytest.mark.parametrize(
    "command", ["uv pip compile -q --universal a.in", "uv export -q --format pylock.toml"]
)
def test_who_locked_for_all_platforms_is_not_told_to(command: str) -> None:
    text = HEAD + package("a", "1", *HERE)
    assert parse_pylock(text.encode(), name="pylock.toml").packages[0].only_platform
    lock = parse_pylock(f"# by uv\n#    {command}\n{text}".encode(), name="pylock.toml")
    assert select(lock, ARM).warnings == ()
    assert wheel_remedies(lock.packages[0], facts_of_target(ARM)) == []


def test_the_refusal_of_such_a_lock_says_what_explains_it() -> None:
    with pytest.raises(SelectionError) as caught:
        select(lock_of(package("a", "1", HERE[1])), ARM)
    assert caught.value.fix == (
        f"{UNIVERSAL}, as this lock has wheels for Linux on x86_64 alone, or lock an sdist, if the project publishes one"
    )


def test_a_wheel_that_fits_is_not_refused_for_its_tags_and_a_reason_is_told_once() -> None:
    reason = Preference(handling=Handling.SDIST_FIRST, reason='`prefer = "sdist"`')
    others = [f"a-1-cp311-cp311-{platform}.whl" for platform in ("win_amd64", "manylinux_2_17_aarch64")]
    fits = "a-1-cp312-cp312-manylinux_2_17_aarch64.whl"
    obstacle = InputError("build for", "x", why="nothing compiles for it", fix="take wheels")
    with pytest.raises(SelectionError) as caught:
        select(
            lock_of(package("a", "1", "a-1.tar.gz", fits, *others)),
            ARM,
            obstacle=obstacle,
            preferences=Preferences(default=reason),
        )
    assert caught.value.details == (
        f'{fits}: it fits, but `prefer = "sdist"` asks for the sdist',
        f"{others[1]} and 1 more: it is for CPython 3.11, the target has 3.12",
    )
