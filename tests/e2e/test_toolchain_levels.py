"""Levels of optimization and features of the processor: what of a package's words the real compiler follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.act.building.sandbox import choose_sandbox
from e2e.test_toolchain_zig import said
from e2e.zig import zig_wheel

pytestmark = [pytest.mark.e2e, pytest.mark.network]

LEVELS = """
put('l.c', 'static void add(int *p, int *q) { for (int i = 0; i < 100; i++) *p += q[i]; }\\n'
    'int sum(int *q, int c, int n) { int t = 0; add(&t, q); for (int i = 0; i < n; i++) { if (c) t += q[i]; else t ^= q[i]; } return t; }\\n')
def at(*levels):
    sh(CC, '-fPIC', *levels, '-c', 'l.c', '-o', 'l.o')
    return digest('l.o')
"""


def test_the_level_of_optimization_is_the_last_one_given(tmp_path: Path) -> None:
    attempt = LEVELS + (
        "two, three = at('-O2'), at('-O3')\n"
        "return two != three, at('-O2', '-O3') == three, at('-O3', '-O2') == two, at('-O1') != two"
    )
    assert (
        said(tmp_path / "made", attempt, choose_sandbox("bubblewrap"), zig_wheel())
        == "(True, True, True, True)"
    )
