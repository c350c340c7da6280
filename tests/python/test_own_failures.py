"""Failures of what is the user's own: a source is mended where it is, and a table of the configuration is not proposed again."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from build_requests import asked_build
from crosswheel.act.building.build_log import causes_of, hint_for, mending_lines
from crosswheel.act.building.build_request import BuildRequest
from crosswheel.act.building.failed_builds import failure_of
from crosswheel.decide.failures.failure_causes import FailureCause, causes_in, untried
from crosswheel.decide.failures.failure_kinds import Sign
from crosswheel.decide.failures.failure_refusals import REFUSAL_SIGNS
from crosswheel.decide.failures.failure_remedies import GIVEN_ALREADY, IN_SYSROOT, OF_A_LIBRARY, UNDECLARED
from crosswheel.decide.failures.failure_signs import SIGNS
from crosswheel.decide.failures.given_build import GivenBuild, given_from_json

TARGET = "cp311-linux_aarch64_glibc_2_28"
#: What nobody does with a project of his own.
_OF_OTHERS = re.compile(r"\bpatch|prebuilt wheel|\block (?:a|an|another)\b|\bsdist lacks\b")


def meanings(sign: Sign) -> list[Sign]:
    return [sign, *(meanings(sign.otherwise) if sign.otherwise else [])]


_SIGNS = [
    meaning
    for sign in (*SIGNS, *REFUSAL_SIGNS, OF_A_LIBRARY, UNDECLARED, IN_SYSROOT, GIVEN_ALREADY)
    for meaning in meanings(sign)
]


@pytest.mark.parametrize("sign", _SIGNS, ids=lambda sign: sign.kind.name)
def test_no_advice_is_for_projects_of_others(sign: Sign) -> None:
    cause = FailureCause(kind=sign.kind, subject="x", advice=sign.advice, lines=(), sign=sign).of_own()
    assert not _OF_OTHERS.search(cause.advice), cause.advice
    assert not cause.sign.setting.startswith(("patches", "build ="))


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        (
            "src/fast.c:9:12: error: use of undeclared identifier 'ADD_BIAZ'",
            (
                "no header that the source includes has 'ADD_BIAZ', and the build was given no library whose header may: mend the source, or "
                "name the library's Debian package by `sysroot`"
            ),
        ),
        (
            "cc: error: unsupported option '-msse2' for target 'aarch64-linux-gnu'",
            "the compiler for the target has no '-msse2': look for a setting of the package that leaves it out, or mend its build code",
        ),
        (
            "FileNotFoundError: [Errno 2] No such file or directory: 'README.md'",
            "the project's files lack 'README.md', which its own build code wants: put it among them",
        ),
        (
            "a.c:1:10: fatal error: 'x.h' file not found\n    1 | #include \"x.h\"",
            (
                "the source includes 'x.h' as a file of the project's own, and it is not among its files: put it there; if it is of a library "
                "all the same, name that by `sysroot` (the guide 'Native libraries')"
            ),
        ),
    ],
)
def test_the_source_is_mended_itself_and_no_patch_is_proposed(said: str, advice: str) -> None:
    (cause,) = untried(causes_in(said), GivenBuild(own=True), "demo", TARGET)
    assert cause.advice == advice
    assert cause.configuration("demo", TARGET) == ()
    (other,) = untried(causes_in(said), GivenBuild(), "demo", TARGET)
    assert other.configuration("demo", TARGET) != ()


def test_what_mends_any_project_is_told_as_ever() -> None:
    said = "ModuleNotFoundError: No module named 'numpy'"
    causes = [untried(causes_in(said), GivenBuild(own=own), "demo", TARGET) for own in (True, False)]
    assert [one[0].configuration("demo", TARGET) for one in causes] == [
        (
            "[tool.crosswheel.packages.demo]",
            'build-requires = ["numpy"]  # if the project has the name of its module',
        )
    ] * 2


def request_of(log: Path, *, own: bool) -> BuildRequest:
    return asked_build(log, TARGET, own=own)


def test_an_error_that_nothing_is_known_of_is_told_by_its_place(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(
        "cc -c src/fast.c\nsrc/fast.c:9:12: error: expected ';' after expression\n1 error generated.\n"
    )
    failure = failure_of(request_of(log, own=True), why="x", log=log)
    assert failure.given is not None
    assert given_from_json(failure.given.json_value()) == failure.given
    assert failure.own
    assert causes_of(failure) == ()
    assert hint_for(log, (), own=failure.own) == (
        "the compiler refuses the project's own source (src/fast.c:9: expected ';' after expression): mend it there"
    )
    assert not failure_of(request_of(log, own=False), why="x", log=log).own
    assert "a patch" in hint_for(log, ())
    log.write_text("KeyError: 'x'\n")
    assert hint_for(log, (), own=True).startswith("read the log, and mend the project")


def test_a_table_that_the_configuration_has_is_named_and_not_proposed_again(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("ModuleNotFoundError: No module named 'numpy'\n")
    request = replace(
        request_of(log, own=False), entry="packages.demo", listed={"build-requires": ("cython",)}
    )
    failure = failure_of(request, why="x", log=log)
    assert failure.given is not None
    assert given_from_json(failure.given.json_value()) == failure.given
    (cause,) = causes = causes_of(failure)
    line = 'build-requires = ["cython", "numpy"]  # if the project has the name of its module; in place of the entry\'s build-requires'
    assert mending_lines(causes, "demo", TARGET) == (
        "what mends it, in the table 'packages.demo' that the configuration has:",
        f"    {line}",
    )
    told = cause.json_value("demo", TARGET)
    assert isinstance(told, dict)
    assert (told["table"], told["configuration"]) == ("packages.demo", line)


def test_a_table_of_no_package_may_be_there_and_is_shown() -> None:
    given = GivenBuild(packages=("libssl-dev",), suite="bullseye", entry="packages.demo")
    said = "a.c:1:1: error: use of undeclared identifier 'FIPS_mode'"
    (cause,) = untried(causes_in(said), given, "demo", TARGET)
    assert cause.configuration("demo", TARGET)[0] == "[tool.crosswheel.sysroot]"
    assert "where the table is there, in that" in cause.place
