"""The console: what goes where, and when it is silent."""

from __future__ import annotations

import errno
import io

import pytest

from crosswheel.command_line.console import Terminal, Verbosity
from crosswheel.values.errors import OutputError


def console(
    verbosity: int = Verbosity.NORMAL, *, live: bool = False
) -> tuple[Terminal, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Terminal(verbosity=verbosity, out=out, err=err, live=live), out, err


def test_data_and_words_go_to_their_own_streams() -> None:
    terminal, out, err = console()
    terminal.print("data")
    terminal.note("words")
    assert (out.getvalue(), err.getvalue()) == ("data\n", "words\n")


def test_quiet_keeps_data_and_errors_only() -> None:
    terminal, out, err = console(Verbosity.QUIET, live=True)
    terminal.print("data")
    terminal.note("words")
    terminal.warned("look")
    terminal.started("fetch a")
    terminal.finished("fetch a", "fetched")
    terminal.error("error: no")
    assert (out.getvalue(), err.getvalue()) == ("data\n", "error: no\n")


def test_options_are_called_what_the_caller_says_in_errors_and_warnings() -> None:
    err = io.StringIO()
    terminal = Terminal(
        verbosity=Verbosity.NORMAL, out=None, err=err, live=False, spelled={"tag": "`tag`", "no": "x"}
    )
    terminal.error("give --tag, not --tags, a--tag, --tag-more or --other")
    terminal.warned("--tag=1")
    assert err.getvalue() == ("give `tag`, not --tags, a--tag, --tag-more or --other\nwarning: `tag`=1\n")


def test_only_warnings_keeps_these_as_well() -> None:
    terminal, out, err = console(Verbosity.WARNINGS, live=True)
    terminal.print("data")
    terminal.note("words")
    terminal.warned("look")
    terminal.started("fetch a")
    terminal.finished("fetch a", "fetched")
    terminal.error("error: no")
    assert (out.getvalue(), err.getvalue()) == ("data\n", "warning: look\nerror: no\n")


def test_off_a_terminal_a_task_is_one_plain_line_at_its_end() -> None:
    terminal, _, err = console()
    terminal.started("build a 1.0", 10)
    terminal.advanced("build a 1.0", 10)
    terminal.finished("build a 1.0", "built")
    assert err.getvalue() == "build a 1.0: built\n"


def test_a_task_that_found_nothing_to_do_is_told_only_when_all_is_told() -> None:
    for verbosity, expected in (
        (Verbosity.NORMAL, ""),
        (Verbosity.VERBOSE, "check a ...\ncheck a: checked\n"),
    ):
        terminal, _, err = console(verbosity)
        terminal.started("check a")
        terminal.finished("check a", "checked")
        assert err.getvalue() == expected


def test_a_terminal_shows_a_status_line_and_removes_it() -> None:
    terminal, _, err = console(live=True)
    terminal.started("fetch a", 100)
    terminal.advanced("fetch a", 50)
    terminal.close()
    shown = err.getvalue()
    assert "[1] fetch a" in shown
    assert shown.endswith("\r")
    assert "\n" not in shown


def test_data_never_shares_a_line_with_the_status() -> None:
    terminal, out, err = console(live=True)
    terminal.started("fetch a")
    terminal.print("data")
    assert out.getvalue() == "data\n"
    assert err.getvalue().endswith("\r")


def test_what_would_control_a_terminal_is_escaped() -> None:
    terminal, out, err = console(live=True)
    terminal.text("a\tb\n\x1b[31mc\r")
    assert out.getvalue() == "a\tb\n\\x1b[31mc\\r\n"
    terminal.started("build \x1b[2J\n")
    assert err.getvalue() == "[1] build \\x1b[2J\\n"
    terminal.note("\x9bm é")
    assert err.getvalue().endswith("\\x9bm é\n")


def test_a_name_adds_no_line_to_what_is_printed_or_noted() -> None:
    terminal, out, err = console()
    terminal.print("wrote a\nerror: b\tc")
    assert out.getvalue() == "wrote a\\nerror: b\\tc\n"
    terminal.note("a\nerror: b: written")
    terminal.remark("c\nd")
    terminal.warned("e\u2028f")
    terminal.started("fetch g\nh")
    terminal.finished("fetch g\nh", "failed")
    assert err.getvalue().splitlines() == [
        "a\\nerror: b: written",
        "note: c\\nd",
        "warning: e\\u2028f",
        "fetch g\\nh: failed",
    ]


def test_where_a_file_came_from_is_told_when_all_is_told() -> None:
    for verbosity, expected in ((Verbosity.NORMAL, ""), (Verbosity.VERBOSE, "a.whl: from the store\n")):
        terminal, _, err = console(verbosity)
        terminal.found("a.whl", "the store")
        assert err.getvalue() == expected


class Full(io.StringIO):
    """A stream with no space left."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_data_that_cannot_be_written_is_an_error_and_words_are_lost() -> None:
    terminal = Terminal(verbosity=Verbosity.NORMAL, out=Full(), err=Full(), live=True)
    terminal.note("words")
    terminal.started("fetch a")
    with pytest.raises(OutputError) as caught:
        terminal.print("data")
    assert str(caught.value) == (
        "cannot write standard output: no space left on device; send it to where it can be written"
    )


def test_data_for_a_closed_stream_is_an_error() -> None:
    terminal = Terminal(verbosity=Verbosity.NORMAL, out=None, err=io.StringIO(), live=False)
    terminal.flush()
    with pytest.raises(OutputError) as caught:
        terminal.json({})
    assert (
        str(caught.value) == "cannot write standard output: it is closed; send it to where it can be written"
    )
