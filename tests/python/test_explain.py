"""The text that says why a package becomes this file on a target; goldens are read by people."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crosswheel.decide.explain import explain
from crosswheel.decide.locks import parse_pylock
from crosswheel.decide.preferences import Handling, Preference, Preferences
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError

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
    text = explain(LOCK, name, parse_target_id(target), preferences=preferences)
    golden = GOLDEN / f"{case}.txt"
    if os.environ.get("CROSSWHEEL_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_a_package_that_is_not_locked_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError) as caught:
        explain(LOCK, "kivi", parse_target_id("cp312-windows_x86_64"))
    assert str(caught.value) == (
        "cannot explain package 'kivi': pylock.toml locks no such package; did you mean 'kiwi'?"
    )
