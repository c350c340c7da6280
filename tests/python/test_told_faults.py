"""Faults that say the same of many things are told once; programs get each in full."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from crosswheel.act.check.findings import CheckReport, Finding, Severity, check_error
from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.command_line.check_command import report_text
from crosswheel.command_line.console import Verbosity
from crosswheel.command_line.event_console import EventTerminal
from crosswheel.command_line.told_faults import fault_lines
from crosswheel.decide.plans.plan import Artifact
from crosswheel.target.targets import parse_target_id
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import CheckError, CrosswheelError, FaultsError, FetchError, SelectionError


def lines(*faults: CrosswheelError) -> list[str]:
    return list(fault_lines(faults, together=True))


def unselected(value: str | None, *context: str, details: Sequence[str] = ()) -> SelectionError:
    return SelectionError(
        "select an sdist for",
        value,
        why="there are only wheels",
        fix="lock it",
        context=context,
        details=details,
    )


def test_one_cause_is_told_once_with_what_it_concerns() -> None:
    assert lines(
        unselected("a 1", "pylock.toml", "packages[0]", "cp311-x", details=["a.whl: it is for macOS"]),
        unselected("b 2", "pylock.toml", "packages[1]", "cp311-x"),
        unselected("c 3", "pylock.toml", "packages[2]", "cp311-x"),
    ) == [
        "error: pylock.toml: cp311-x: cannot select an sdist for 'a 1' and 2 more: there are only wheels; lock it",
        "    packages[0]: 'a 1'",
        "        a.whl: it is for macOS",
        "    packages[1]: 'b 2'",
        "    packages[2]: 'c 3'",
    ]


def test_one_thing_in_many_places_is_named_once() -> None:
    assert lines(unselected("a 1", "lock", "cp311-x"), unselected("a 1", "lock", "cp311-y")) == [
        "error: lock: cannot select an sdist for 'a 1': there are only wheels; lock it",
        "    cp311-x",
        "    cp311-y",
    ]


def test_what_all_have_below_them_is_told_once() -> None:
    assert lines(unselected("a 1", details=["log"]), unselected("b 2", details=["log"])) == [
        "error: cannot select an sdist for 'a 1' and 1 more: there are only wheels; lock it",
        "    log",
        "    'a 1'",
        "    'b 2'",
    ]


def test_faults_without_a_value_are_told_by_their_places() -> None:
    assert lines(unselected(None, "one"), unselected(None, "two")) == [
        "error: cannot select an sdist for: there are only wheels; lock it",
        "    one",
        "    two",
    ]


def test_of_many_files_that_do_not_fit_the_first_ten_are_named() -> None:
    faults = [
        CheckError("put into an image", f"app/{n:02}.so", why="it is for x86_64", fix="leave it out")
        for n in range(13)
    ]
    assert lines(*faults) == [
        "error: cannot put into an image 'app/00.so' and 12 more: it is for x86_64; leave it out",
        *(f"    'app/{n:02}.so'" for n in range(10)),
        "    and 3 more; --json lists all",
    ]
    assert len(lines(*faults[:10])) == 11
    assert len(lines(*(unselected(f"a {n}") for n in range(13)))) == 14  # what is to be mended is named


def test_of_many_findings_of_a_wheel_the_first_ten_are_told() -> None:
    findings = tuple(
        Finding(code="wrong-machine", severity=Severity.ERROR, file=f"{n:02}.so", message="it is for x86_64")
        for n in range(12)
    )
    target = parse_target_id("cp311-linux_aarch64_glibc_2_28")
    report = CheckReport(wheel="a.whl", target=target, findings=findings)
    assert check_error(report).details == (*map(str, findings[:10]), "and 2 more")


def test_other_causes_and_other_advice_are_other_errors() -> None:
    def fault(why: str, fix: str) -> FetchError:
        return FetchError("fetch artifact", f"{why}{fix}.whl", why=why, fix=fix)

    different = [fault("gone", "wait"), fault("late", "wait"), fault("gone", "ask")]
    assert lines(*different) == [f"error: {one}" for one in different]


def test_files_that_no_place_has_are_told_as_one(tmp_path: Path) -> None:
    wanted = [
        Artifact(filename=name, sha256=digest_of(name.encode()), size=1, path=f"absent/{name}")
        for name in ("a.whl", "b.whl", "c.whl")
    ]
    store = Store(tmp_path / "store")
    with pytest.raises(FaultsError) as raised:
        fetch_artifacts(store, wanted, base=tmp_path, settings=FetchSettings(), reporter=SilentReporter())
    cause = "No such file or directory; put the file that was locked there, or lock and plan again"
    assert str(raised.value.faults[1]) == f"cannot fetch artifact 'b.whl': {tmp_path}/absent/b.whl: {cause}"
    assert lines(*raised.value.faults) == [
        f"error: cannot fetch artifact 'a.whl' and 2 more: {cause}",
        *(f"    '{one.filename}': {tmp_path}/{one.path}" for one in wanted),
    ]


def test_programs_are_told_each_fault_in_full() -> None:
    err = io.StringIO()
    faults = [unselected("a 1"), unselected("b 2")]
    EventTerminal(verbosity=Verbosity.NORMAL, out=io.StringIO(), err=err).faults(faults)
    assert [json.loads(line)["text"] for line in err.getvalue().splitlines()] == [str(one) for one in faults]


def test_files_of_a_wheel_that_are_wrong_alike_are_listed_below_one_message() -> None:
    def finding(file: str, message: str) -> Finding:
        return Finding(code="wrong-machine", severity=Severity.ERROR, file=file, message=message)

    report = CheckReport(
        wheel="a-1-py3-none-any.whl",
        target=parse_target_id("cp311-linux_aarch64_glibc_2_28"),
        findings=(
            finding("a.so", "it is for x86_64"),
            finding("b.so", "it is for s390x"),
            finding("c.so", "it is for x86_64"),
        ),
    )
    assert report_text(report).splitlines()[1:] == [
        "  error wrong-machine",
        "    2 files: it is for x86_64",
        "        a.so",
        "        c.so",
        "    b.so: it is for s390x",
    ]
