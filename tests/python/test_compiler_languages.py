"""What language a compiler call is about, and what GNU's cpp takes."""

from __future__ import annotations

import pytest

from crosswheel.render.compiler_arguments import Run, rewrite
from toolchain_values import TOOLCHAIN


def command(name: str, *arguments: str) -> list[str]:
    found = rewrite(name, arguments, TOOLCHAIN, frozenset[str]().__contains__)
    assert isinstance(found, Run)
    return found.argv


@pytest.mark.parametrize(
    ("words", "driver"),
    [
        (["cc", "-c", "x.cpp"], "c++"),
        (["cc", "-c", "-x", "c++", "x.c"], "c++"),
        (["cc", "-E", "-x", "c++-header", "-"], "c++"),
        (["cc", "x.cc", "y.c", "-o", "x"], "c++"),
        (["cpp", "x.hpp"], "c++"),
        (["build-cc", "-c", "x.cxx"], "c++"),
        (["cc", "-c", "-x", "c", "x.cpp"], "cc"),
        (["cc", "-c", "x.C.c"], "cc"),
        (["cc", "-shared", "x.o"], "cc"),
    ],
)
def test_cxx_is_compiled_with_the_headers_of_its_library_whoever_is_called(
    words: list[str], driver: str
) -> None:
    assert command(*words)[1] == driver


def test_cpp_only_preprocesses() -> None:
    argv = command("cpp", "x.c")
    assert "-E" in argv
    assert "-s" not in argv


@pytest.mark.parametrize(
    ("words", "end"),
    [
        (["-P"], ["-P", "-x", "c", "-"]),
        (["-P", "a.h"], ["-P", "a.h"]),
        (["-P", "a.inc"], ["-P", "-x", "c", "a.inc"]),
        (["-v", "/dev/null", "-o", "/dev/null"], ["-v", "-x", "c", "/dev/null", "-o", "/dev/null"]),
        (["-x", "c++", "a"], ["-x", "c++", "a"]),
        (["a.c", "a.i"], ["a.c", "-o", "a.i"]),
        (["a", "b"], ["-x", "c", "a", "-o", "b"]),
        (["-", "a.i"], ["-x", "c", "-", "-o", "a.i"]),
    ],
)
def test_cpp_takes_what_gnus_does(words: list[str], end: list[str]) -> None:
    assert command("cpp", *words)[-len(end) :] == end
