"""The text that says why a package becomes this file on a target; goldens are read by people."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crosswheel.decide.configuration.preferences import Handling, Preference, Preferences
from crosswheel.decide.locks.locks import parse_pylock
from crosswheel.decide.locks.uv_lock_doors import doors_to
from crosswheel.decide.selection.explain import explain
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError
from lock_texts import lock_of, package

GOLDEN = Path(__file__).parent.parent / "golden" / "explain"
LOCK = parse_pylock((GOLDEN / "pylock.toml").read_bytes(), name="pylock.toml")

NO_SDIST = Preferences(default=Preference(handling=Handling.ONLY_WHEEL, reason="--only-binary :all:"))
SDIST = Preferences(default=Preference(handling=Handling.ONLY_SDIST, reason="--no-binary :all:"))

CASES = {
    "wheel": ("kiwi", "cp312-linux_aarch64_glibc_2_28", Preferences()),
    "sdist-forced": ("kiwi", "cp312-linux_aarch64_glibc_2_28", SDIST),
    "sdist-because-no-wheel-fits": ("kiwi", "cp312-linux_s390x_glibc_2_28", Preferences()),
    "nothing-fits": ("kiwi", "cp312-linux_aarch64_glibc_2_17", NO_SDIST),
    "marker-chooses-the-entry": ("lime", "cp313t-windows_x86_64", Preferences()),
    "sdist-because-a-newer-libc-is-needed": ("kiwi", "cp312-linux_aarch64_glibc_2_17", Preferences()),
    "sdist-because-there-is-no-wheel": ("olive", "cp312-linux_aarch64_glibc_2_28", Preferences()),
    "refused-source": ("melon", "cp312-linux_aarch64_glibc_2_28", Preferences()),
}


@pytest.mark.parametrize("case", CASES)
def test_the_explanation_is_the_golden_text(case: str) -> None:
    name, target, preferences = CASES[case]
    text = explain(LOCK, name, parse_target_id(target), preferences=preferences).text()
    golden = GOLDEN / f"{case}.txt"
    if os.environ.get("CROSSWHEEL_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


FIGS = lock_of(
    package(
        "fig",
        "1",
        "fig-1-cp313-cp313-win_amd64.whl",
        "fig-1-cp313-cp313-manylinux_2_17_aarch64.whl",
        *(f"fig-1-cp312-cp312-{platform}.whl" for platform in ("win32", "win_amd64", "win_arm64")),
        "fig-1-1-cp312-cp312-win_amd64.whl",
        "fig-1.tar.gz",
    )
)
FIG_TARGET = parse_target_id("cp312-linux_aarch64_glibc_2_28")


def test_wheels_refused_for_one_reason_share_a_line() -> None:
    lines = explain(FIGS, "fig", FIG_TARGET).text().splitlines()
    assert lines[lines.index("  not chosen:") + 1 :][:2] == [
        (
            "    each of 4 wheels: it is for Windows (fig-1-1-cp312-cp312-win_amd64.whl, fig-1-cp312-cp312-win32.whl, "
            "fig-1-cp312-cp312-win_amd64.whl, ...)"
        ),
        (
            "    each of 2 wheels: it is for CPython 3.13, the target has 3.12 "
            "(fig-1-cp313-cp313-manylinux_2_17_aarch64.whl, fig-1-cp313-cp313-win_amd64.whl)"
        ),
    ]


def test_every_wheel_has_its_line_and_all_its_reasons_where_that_is_asked_for() -> None:
    lines = explain(FIGS, "fig", FIG_TARGET).text(every_file=True).splitlines()
    wheels = [line for line in lines if line.startswith("    fig-1-")]
    assert len(wheels) == 6
    assert wheels[-1] == (
        "    fig-1-cp313-cp313-win_amd64.whl: it is for CPython 3.13, the target has 3.12; it is for Windows"
    )


def test_a_package_whose_marker_is_false_is_locked_but_not_selected() -> None:
    lock = lock_of(package("fig", "1", "fig-1-py3-none-any.whl", marker="\"sys_platform == 'win32'\""))
    assert (
        "  chosen: nothing, it is locked, but not selected: its marker is false here"
        in explain(lock, "fig", FIG_TARGET).text().splitlines()
    )


def test_a_comparison_that_a_marker_makes_often_is_told_once() -> None:
    uses = " or ".join(
        f"(python_full_version >= '3.11' and sys_platform == '{system}')" for system in ("linux", "win32")
    )
    text = explain(
        lock_of(package("fig", "1", "fig-1-py3-none-any.whl", marker=f'"{uses}"')), "fig", FIG_TARGET
    ).text()
    assert text.count('python_full_version >= "3.11" is true') == 1
    assert text.count(" is '") == 3


def test_a_wheel_for_another_python_and_a_newer_libc_is_none_of_another_platform() -> None:
    lock = lock_of(
        package(
            "fig",
            "1",
            "fig-1-cp313-abi3-manylinux_2_34_aarch64.whl",
            "fig-1-cp313-cp313-win_amd64.whl",
            "fig-1-cp314-cp314-win_amd64.whl",
        )
    )
    text = explain(lock, "fig", FIG_TARGET, preferences=NO_SDIST).text()
    assert (
        "wheels exist for cp313 on this platform with a newer glibc and for cp314 on other platforms, and"
        in text
    )


UV_LOCK = """version = 1
requires-python = ">=3.11"
[[package]]
name = "app"
source = { virtual = "." }
dependencies = [{ name = "idna" }]
[package.optional-dependencies]
fast = [{ name = "httpx", extra = ["http2"] }]
[package.dev-dependencies]
test = [{ name = "h2" }]
[[package]]
name = "httpx"
[package.optional-dependencies]
http2 = [{ name = "h2" }]
[[package]]
name = "h2"
[[package]]
name = "idna"
"""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("h2", "only --extra fast or --group test leads to it, which was not given"),
        ("httpx", "only --extra fast leads to it, which was not given"),
        ("idna", "nothing that was asked for needs it"),
        ("melon", None),
    ],
)
def test_a_uv_lock_tells_which_extras_and_groups_lead_to_a_package(name: str, words: str | None) -> None:
    assert doors_to(name, UV_LOCK.encode(), file_name="uv.lock") == words


def test_other_locks_keep_what_their_extras_lead_to() -> None:
    assert doors_to("idna", b'lock-version = "1.0"', file_name="pylock.toml") is None


def test_several_near_names_are_listed() -> None:
    lock = lock_of(
        *(package(name, "1", f"{name}-1-py3-none-any.whl") for name in ("httpx", "httpcore", "idna"))
    )
    with pytest.raises(InputError, match="did you mean 'httpx' or 'httpcore'\\?"):
        explain(lock, "http", FIG_TARGET)


def test_a_package_that_is_not_locked_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError) as caught:
        explain(LOCK, "kivi", parse_target_id("cp312-windows_x86_64"))
    assert str(caught.value) == (
        "cannot explain package 'kivi': pylock.toml locks no such package; did you mean 'kiwi'?"
    )
