"""Compiler calls that failed for good, told from the launchers' notes."""

from __future__ import annotations

import json

import pytest

from crosswheel.act.building.compiler_failures import failed_calls, given_sources
from crosswheel.act.check.facts import FailedCall
from crosswheel.render.compiler_outputs import first_error, made_by

SOURCE, TEMPORARY = "/build/source", "/build/temporary"
FILES = ("setup.py", "src/_x.c", "pkg/_y.pyx", "cmake/check.c")


def _note(
    *sources: str,
    made: bool = False,
    output: str = "build/x.o",
    folder: str = SOURCE,
    error: str = "error: no",
    linked: bool = False,
) -> str:
    call = {"made": made, "linked": linked, "folder": folder, "sources": sources, "output": output}
    return json.dumps({**call, "error": "" if made else error})


def _failed(*lines: str) -> tuple[FailedCall, ...]:
    return failed_calls(lines, source=SOURCE, temporary=TEMPORARY, sdist_files=FILES)


@pytest.mark.parametrize(
    ("line", "file"),
    [
        (_note("src/_x.c"), "src/_x.c"),
        (_note("../src/_x.c", folder=f"{SOURCE}/build"), "src/_x.c"),
        (_note(f"{SOURCE}/src/_x.c"), "src/_x.c"),
        (_note("pkg/_y.c"), "pkg/_y.c"),
        (_note("pkg/_y.pyx.cpp"), "pkg/_y.pyx.cpp"),
        (_note(output="build/lib/_x.abi3.so"), "build/lib/_x.abi3.so"),
    ],
)
def test_what_failed_on_a_file_of_the_project_is_the_projects(line: str, file: str) -> None:
    assert _failed(line) == (FailedCall(file=file, of_project=True, error="error: no"),)


@pytest.mark.parametrize("line", [_note("try.c"), _note(output="program"), _note("build/generated.c")])
def test_what_the_build_wrote_itself_is_told_apart(line: str) -> None:
    assert [call.of_project for call in _failed(line)] == [False]


@pytest.mark.parametrize(
    "line",
    [
        _note("/build/temporary/try.c"),
        _note("src/_x.c", output="/build/temporary/abc/x.o"),
        _note("conftest.c", folder=f"{SOURCE}/libsodium"),
        _note("_configtest.c"),
        _note(
            "/build/source/cmake/check.c", folder="/build/source/build/CMakeFiles/CMakeScratch/TryCompile-1"
        ),
        _note("testfile.c", folder="/build/source/.mesonpy-1/meson-private/tmp1"),
        _note(output="conftest.so"),
        _note(output="a.out", linked=True),
        "",
        "no JSON",
        "[]",
        '{"made": false}',
    ],
)
def test_probes_and_nonsense_are_no_failures(line: str) -> None:
    assert _failed(line) == ()


MISSING = "x.c:1:10: fatal error: 'zlib.h' file not found"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (_note("/build/temporary/zlibVersion0.c", error=MISSING), True),
        (_note("_configtest.c", error=MISSING), True),
        (_note(output="/build/temporary/a.out", error="ld.lld: error: unable to find library -lz"), True),
        (_note("/build/temporary/flag0.c", error="error: unknown argument: '-mfast'"), False),
        (_note("conftest.c", error=MISSING), False),
        (_note("/build/temporary/a/CMakeFiles/CMakeScratch/T/t.c", error=MISSING), False),
    ],
)
def test_a_library_that_a_probe_of_distutils_misses_is_told(line: str, told: bool) -> None:
    assert [call.of_project for call in _failed(line)] == ([False] if told else [])


def test_a_later_call_that_makes_the_same_mends_it_and_an_earlier_one_does_not() -> None:
    failed, made = _note("src/_x.c", output="a.o"), _note("src/_x.c", output="b.o", made=True)
    assert _failed(failed, made) == ()
    assert len(_failed(made, failed)) == 1
    link = _note(output="x.so"), _note(output="x.so", made=True)
    assert _failed(*link) == ()
    assert len(_failed(_note("src/_x.c"), _note("pkg/_y.c", output="y.o", made=True))) == 1


@pytest.mark.parametrize(
    ("line", "linking"),
    [
        (_note("src/_x.c"), False),
        (_note(output="_x.so", linked=True, error="error: unable to find dynamic system library 'z'"), True),
        (_note("src/_x.c", output="_x.so", linked=True, error="ld.lld: error: undefined symbol: f"), True),
        (_note("src/_x.c", output="_x.so", linked=True, error="src/_x.c:1:2: fatal error: 'z.h'"), False),
    ],
)
def test_a_link_that_failed_is_told_from_a_compilation(line: str, linking: bool) -> None:
    assert [call.linking for call in _failed(line)] == [linking]


def test_every_source_that_a_compiler_was_given_is_known() -> None:
    lines = (
        _note("src/_x.c"),
        _note("../_y.c", folder=f"{SOURCE}/a", made=True),
        _note("/tmp/z.c"),
        "no JSON",
    )
    assert given_sources(lines, source=SOURCE) == ("/tmp/z.c", "_y.c", "src/_x.c")


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("-c a.c -o a.o", (["a.c"], "a.o")),
        ("-c a.c -I b.c -oa.o", (["a.c"], "a.o")),
        ("-shared a.o b.o -o x.so -lz", ([], "x.so")),
        ("-E a.c", None),
        ("-fsyntax-only a.c", None),
        ("-x c - -o a.o", None),
        ("--version", None),
        ("-O2", None),
    ],
)
def test_what_a_call_makes(words: str, made: tuple[list[str], str] | None) -> None:
    assert made_by(words.split()) == made


def test_the_first_error_is_told() -> None:
    assert first_error("a.c:1:2: warning: hm\na.c:3:4: error: no\n  1 | x\n") == "a.c:3:4: error: no"
    assert first_error("ld: nothing to do\n") == "ld: nothing to do"
    assert first_error("") == ""
