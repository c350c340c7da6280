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


FEATURES = """
put('f.c', 'int n; int more(void) { return __atomic_fetch_add(&n, 1, 5); }\\n')
def has(option, word):
    sh(CC, '-O2', option, '-S', 'f.c', '-o', 'f.s')
    return word in open('f.s').read()
def macros(option):
    return sh(CC, option, '-dM', '-E', '-x', 'c', '/dev/null')
"""


def test_a_feature_that_a_level_brings_along_can_be_taken_away(tmp_path: Path) -> None:
    attempt = FEATURES + (
        "return [has(f'-march=armv8.1-a{more}', 'ldadd') for more in ('', '+nolse', '+nolse+lse')], "
        "has('-mcpu=cortex-a76+nolse', 'ldadd'), "
        "['ATOMICS' in macros(f'-march=armv8.4-a{more}') for more in ('', '+nolse')], "
        "['FEATURE_SVE' in macros(f'-mcpu=neoverse-v1{more}') for more in ('', '+nosve')]"
    )
    told = "([True, False, True], False, [True, False], [True, False])"
    assert said(tmp_path / "made", attempt, choose_sandbox("bubblewrap"), zig_wheel()) == told


LANGUAGES = """
put('v.cpp', '#include <vector>\\nint size() { return std::vector<int>(3).size(); }\\n')
put('v.inc', '#define A 5\\nA\\n')
"""


def test_every_name_of_the_compiler_reads_what_the_names_of_files_say(tmp_path: Path) -> None:
    attempt = LANGUAGES + (
        "sh(CC, '-fPIC', '-c', 'v.cpp', '-o', 'v.o')\n"
        "sh(CXX, '-fPIC', '-c', 'v.cpp', '-o', 'w.o')\n"
        "cpp = os.environ['CPP']\n"
        "sh(cpp, '-P', 'v.inc', 'v.i')\n"
        "return digest('v.o') == digest('w.o'), open('v.i').read().strip(), 'vector' in sh(cpp, 'v.cpp')"
    )
    told = "(True, '5', True)"
    assert said(tmp_path / "made", attempt, choose_sandbox("bubblewrap"), zig_wheel()) == told
