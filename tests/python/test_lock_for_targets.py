"""What is said of a lock that is for another Python, or has nothing for a target."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crosswheel.decide.selection.selection import select
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CrosswheelError
from lock_texts import lock_of, package

LINUX = parse_target_id("cp312-linux_aarch64_glibc_2_28")


def test_why_a_lock_has_nothing_for_a_target_is_said() -> None:
    ranged = "\"python_version >= '3.13' and python_version < '4.0'\""
    lock = lock_of(
        package("a", "1", "a-1.tar.gz", marker=ranged), package("b", "1", "b-1.tar.gz", marker=ranged)
    )
    (told,) = select(lock, LINUX).warnings
    assert told == (
        f"{lock.name} has each of its 2 packages where `python_version >= \"3.13\"`, and python_version of {LINUX.id} is '3.12'"
    )
    assert select(lock, parse_target_id("cp313-linux_x86_64_glibc_2_28")).warnings == ()


def test_what_is_said_of_a_uv_lock_for_another_python_is_for_uv() -> None:
    lock = replace(lock_of(head='requires-python = ">=3.12.1"\npackages = []\n'), name="web/uv.lock")
    with pytest.raises(CrosswheelError) as caught:
        select(lock, LINUX)
    assert str(caught.value).endswith(
        'write `requires-python = ">=3.12"` in pyproject.toml and run `uv lock`, or choose another (--python)'
    )
