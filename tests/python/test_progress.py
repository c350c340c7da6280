"""How far long work is: for people on a terminal, in logs, and for programs."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from crosswheel.command_line import console as console_module
from crosswheel.command_line.console import Terminal, Verbosity
from crosswheel.command_line.event_console import EventTerminal
from crosswheel.command_line.progress import Progress, duration_words
from lock_texts import HEAD, package


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_time_left_is_told_from_what_has_ended(clock: Clock) -> None:
    progress = Progress(clock)
    progress.expected("build", 4)
    places = []
    for name in "abcd":
        progress.started(f"build {name}", None)
        clock.now += 60
        places.append(progress.finished(f"build {name}").place)
    assert places == [
        "1 of 4, about 3 min left",
        "2 of 4, about 2 min left",
        "3 of 4, about 60 s left",
        "4 of 4",
    ]


def test_the_time_left_does_not_grow_while_nothing_is_learnt(clock: Clock) -> None:
    progress = Progress(clock)
    progress.expected("build", 3)
    for name in "ab":
        progress.started(f"build {name}", None)
        clock.now += 30
        progress.finished(f"build {name}")
    progress.started("build c", None)
    told = []
    for _ in range(4):
        told.append(progress.status().partition("]")[0])
        clock.now += 10
    assert told == [
        "[build 2 of 3, about 30 s left",
        "[build 2 of 3, about 20 s left",
        "[build 2 of 3, about 10 s left",
        "[build 2 of 3",
    ]


def test_a_lone_task_and_one_nobody_expected_have_no_place(clock: Clock) -> None:
    progress = Progress(clock)
    progress.expected("build", 1)
    for task in ("build a", "build b", "prepare c"):
        progress.started(task, None)
        clock.now += 1
        ended = progress.finished(task)
        assert (ended.seconds, ended.place, ended.summary) == (1.0, "", "")


def test_the_last_of_several_sums_up(clock: Clock) -> None:
    progress = Progress(clock)
    progress.expected("fetch", 4)
    for name in "ab":
        progress.started(f"fetch {name}", 1_000_000)
        progress.advanced(f"fetch {name}", 1_000_000)
        clock.now += 3
    assert progress.finished("fetch a").summary == ""
    for name in "cd":
        progress.started(f"fetch {name}", 1_000_000)
        assert progress.finished(f"fetch {name}", left_out=True).summary == ""
    assert progress.finished("fetch b").summary == "2 files, 2.0 MB in 6.0 s"


def test_the_status_says_what_runs_and_how_far_it_is(clock: Clock) -> None:
    progress = Progress(clock)
    assert progress.status() == ""
    progress.expected("build", 3)
    progress.started("build a", None)
    progress.started("fetch b", 200)
    progress.advanced("fetch b", 50)
    clock.now = 75
    assert progress.status() == "[build 0 of 3] build a (75 s), fetch b 25%"
    progress.finished("build a")
    assert progress.status() == "[1] fetch b 25%"
    assert progress.running(longer_than=100) == []


def test_times_are_short_words() -> None:
    assert [duration_words(one) for one in (0.04, 9.9, 10, 99, 100, 5990, 9000)] == [
        *("0.0 s", "9.9 s", "10 s", "99 s", "2 min", "100 min", "2.5 h")
    ]


def lines_of(work: str) -> str:
    err = io.StringIO()
    terminal = Terminal(verbosity=Verbosity.NORMAL, out=io.StringIO(), err=err, live=False)
    terminal.expected(work, 2, 5)
    outcome = {"build": "built", "fetch": "fetched"}[work]
    for name in "ab":
        terminal.started(f"{work} {name}")
        terminal.finished(f"{work} {name}", outcome)
    return err.getvalue()


def test_a_log_is_told_of_each_build_and_of_files_at_once() -> None:
    assert lines_of("build") == (
        "build: 5 of 7 are in the store, 2 to do\nbuild a: built (1 of 2)\nbuild b: built (2 of 2)\n"
    )
    assert lines_of("fetch") == "fetched 2 files in 0.0 s\n"


def test_the_reference_names_the_silence_that_is_broken() -> None:
    assert console_module._SILENCE == 60
    reference = Path(__file__).parents[2] / "docs" / "reference" / "events.md"
    assert "; after a minute without a word, what still runs |" in reference.read_text()


def test_long_silence_is_broken_where_there_is_no_status_line(monkeypatch: pytest.MonkeyPatch) -> None:
    err = io.StringIO()
    terminal = Terminal(verbosity=Verbosity.NORMAL, out=io.StringIO(), err=err, live=False)
    terminal.started("build a")
    terminal.tick()
    assert err.getvalue() == ""
    monkeypatch.setattr(console_module, "_SILENCE", 0)
    terminal.tick()
    assert err.getvalue() == "still running: build a\n"


def test_time_passes_by_itself_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    ended = threading.Event()
    terminal = Terminal(verbosity=Verbosity.NORMAL, out=io.StringIO(), err=io.StringIO(), live=False)

    def tick() -> None:
        told.append(1)
        terminal.close()
        ended.set()

    monkeypatch.setattr(terminal, "tick", tick)
    terminal.keep_ticking()
    terminal.started("build a")
    assert ended.wait(10)
    assert told == [1]


def test_programs_are_told_events() -> None:
    err = io.StringIO()
    terminal = EventTerminal(verbosity=Verbosity.NORMAL, out=io.StringIO(), err=err)
    terminal.expected("fetch", 1, 3)
    terminal.started("fetch a\n", 100)
    terminal.advanced("fetch a\n", 30)
    terminal.advanced("fetch a\n", 30)
    terminal.finished("fetch a\n", "fetched")
    terminal.warned("look")
    terminal.note("words")
    terminal.error("error: no")
    events = [json.loads(line) for line in err.getvalue().splitlines()]
    assert (
        events[4].pop("seconds") >= 0 if events[3]["event"] == "advanced" else events[3].pop("seconds") >= 0
    )
    assert events == [
        {"event": "expected", "kind": "fetch", "count": 1, "cached": 3},
        {"event": "started", "task": "fetch a\n", "total": 100},
        {"event": "advanced", "task": "fetch a\n", "done": 30, "total": 100},
        {"event": "finished", "task": "fetch a\n", "outcome": "fetched"},
        {"event": "warning", "text": "look"},
        {"event": "note", "text": "words"},
        {"event": "error", "text": "no"},
    ]


def test_quiet_leaves_programs_the_errors() -> None:
    err = io.StringIO()
    terminal = EventTerminal(verbosity=Verbosity.QUIET, out=io.StringIO(), err=err)
    terminal.started("fetch a")
    terminal.finished("fetch a", "fetched")
    terminal.error("no")
    assert json.loads(err.getvalue()) == {"event": "error", "text": "no"}


def test_a_command_tells_programs_all_it_says(tmp_path: Path) -> None:
    (tmp_path / "pylock.toml").write_text(HEAD + package("idna", "3.10", "idna-3.10-py3-none-any.whl"))
    command = [sys.executable, "-m", "crosswheel", "plan", "pylock.toml", "--progress", "json", "--json"]
    environment = {**os.environ, "CROSSWHEEL_CACHE_DIR": str(tmp_path / "store")}
    for words, code in ((["--target", "linux_arm64", "--python", "3.11"], 0), ([], 3)):
        done = subprocess.run(
            [*command, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code
        assert isinstance(json.loads(done.stdout), dict)
        events = [json.loads(line)["event"] for line in done.stderr.splitlines()]
        assert set(events) == ({"note"} if code == 0 else {"error"})
