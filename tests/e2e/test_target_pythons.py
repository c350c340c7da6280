"""The test Pythons are what they claim to be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.build_pythons import _unpacked
from e2e.target_pythons import RECIPES, Recipe, TargetPython, recipe_for, run_target_python

pytestmark = pytest.mark.e2e

_BYTE_ORDER_AND_WIDTH = "import struct, sys; print(sys.byteorder, 8 * struct.calcsize('P'))"


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: f"{recipe.arch}-{recipe.version}")
def test_every_target_python_runs_as_its_architecture(
    recipe: Recipe, target_python: Callable[..., TargetPython]
) -> None:
    target = target_python(recipe.arch, recipe.version)
    order = "big" if recipe.arch == "s390x" else "little"
    width = 32 if recipe.arch in {"armv7l", "i686"} else 64
    assert run_target_python(target, _BYTE_ORDER_AND_WIDTH).stdout == f"{order} {width}\n"


def test_target_python_sees_no_library_of_this_machine(target_python: Callable[..., TargetPython]) -> None:
    target = target_python("x86_64")
    code = "print({line.split()[-1] for line in open('/proc/self/maps') if 'libc.so' in line})"
    assert str(target.root) in run_target_python(target, code).stdout


def test_unknown_target_python_is_refused_with_those_there_are() -> None:
    with pytest.raises(LookupError, match=r"cannot set up target Python 'riscv64 3\.11': .* riscv64 3\.13"):
        recipe_for("riscv64", "3.11")


@pytest.mark.parametrize("version", ["3.11", "3.13"])
def test_a_machine_without_a_build_python_gets_one(version: str) -> None:
    assert Path(_unpacked(version)).is_file()
