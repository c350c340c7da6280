"""Which variables of CMake's cache answer for programs of the target that were not run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from crosswheel.act.building.asked_variables import AskedVariables, asked_variables, cmake_texts

LOG = "-- Performing Test HAVE_IT\n-- Performing Test HAVE_IT - Failed\n"
SOURCE = (
    "project(p C)\nTRY_RUN(RES COMP ${CMAKE_BINARY_DIR} t.c)\n# try_run(OLD COMP x)\ntry_run(${ANY} COMP x)\n"
)


def asked(
    *defined: str,
    programs: int,
    sources: tuple[str, ...] = (SOURCE,),
    answers: Mapping[str, str] = MappingProxyType({}),
) -> AskedVariables:
    return asked_variables(defined, programs=programs, log=LOG, sources=sources, answers=answers)


def test_checks_are_told_by_what_they_define_and_print() -> None:
    assert asked("HAVE_IT", "OTHER", programs=1).open == ("HAVE_IT",)


def test_what_a_project_tries_itself_is_read_where_checks_do_not_account_for_all() -> None:
    assert asked("HAVE_IT", programs=2).open == ("HAVE_IT", "RES")


@pytest.mark.parametrize(
    "answers",
    [
        {"cmake.define.RES": "0"},
        {"CMAKE_ARGS": "-DX=1 -DRES=0"},
        {"cmake.args": "('-DA=1', ' -DRES:STRING=0')"},
    ],
)
def test_what_was_answered_is_no_question(answers: dict[str, str]) -> None:
    found = asked(programs=1, answers=answers)
    assert found == AskedVariables(open=(), answered=("RES",))
    assert found.answer(1)
    assert not found.answer(2), "another program is one that nobody answered for"


@pytest.mark.parametrize("answers", [{}, {"CFLAGS": "-DRESULT=0"}, {"NOTE": "RES"}])
def test_other_words_are_no_answer(answers: dict[str, str]) -> None:
    found = asked(programs=1, answers=answers)
    assert found.open == ("RES",)
    assert not found.answer(1)


def test_programs_that_nothing_tells_of_are_not_answered() -> None:
    found = asked(programs=1, sources=())
    assert found == AskedVariables(open=(), answered=())
    assert not found.answer(1)


def test_the_cmake_files_of_a_project_are_read_and_no_links(tmp_path: Path) -> None:
    (tmp_path / "cmake").mkdir()
    (tmp_path / "CMakeLists.txt").write_text("one")
    (tmp_path / "cmake" / "Check.cmake").write_text("two")
    (tmp_path / "setup.py").write_text("three")
    (tmp_path / "link.cmake").symlink_to(tmp_path / "setup.py")
    assert sorted(cmake_texts(tmp_path)) == ["one", "two"]
