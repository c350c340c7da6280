"""A signal that ends the command is an interrupt: what was half written goes, and the exit code says which signal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

#: Begins as a shell begins it: who runs the tests may have been told to ignore a signal, as by nohup.
PROGRAM = """
import sys, time
from pathlib import Path
from crosswheel.command_line import exit_codes
from crosswheel.command_line.main import main

def run(words, parser, passed_on):
    try:
        Path("half").write_text("")
        print("began", flush=True)
        time.sleep(600)
    finally:
        Path("half").unlink()

exit_codes._run = run
sys.exit(main(["plan"]))
"""


def ended(program: str, number: signal.Signals, handler: str, folder: Path) -> tuple[int, str]:
    """Send a signal to a program that has begun, and return how it ends: its code, and what stands on standard error.

    Args:
        program: says so on standard output.
        number: the signal.
        handler: what the signal does where the program starts, a name of `signal`.
        folder: where it works.
    """
    heard = f"import signal; signal.signal({int(number)}, signal.{handler})\n"
    with subprocess.Popen(
        [sys.executable, "-c", heard + program],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "began\n"
        running.send_signal(number)
        try:
            _, error = running.communicate(timeout=60)
        finally:
            running.kill()
    return running.returncode, error


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_is_half_written_is_cleared_away(number: signal.Signals, tmp_path: Path) -> None:
    assert ended(PROGRAM, number, "SIG_DFL", tmp_path) == (128 + number, "ended by a signal\n")
    assert not (tmp_path / "half").exists()


#: A command that is told to tell programs, as its command line said.
TELLING = """
import argparse, signal, sys, time
from crosswheel.command_line import exit_codes
from crosswheel.command_line.main import main

def work(parsed, console):
    console.reporter.started("build demo")
    print("began", flush=True)
    time.sleep(600)

exit_codes._parsed = lambda words, parser: argparse.Namespace(
    quiet=False, only_warnings=False, verbose=False, progress="json", spelled=(), run=work
)
sys.exit(main(["plan"]))
"""


@pytest.mark.parametrize(
    ("number", "said"), [(signal.SIGTERM, "ended by a signal"), (signal.SIGINT, "interrupted")]
)
def test_programs_are_told_of_the_end_by_an_event(number: signal.Signals, said: str, tmp_path: Path) -> None:
    handler = "default_int_handler" if number == signal.SIGINT else "SIG_DFL"
    code, error = ended(TELLING, number, handler, tmp_path)
    assert code == 128 + number
    assert [json.loads(line) for line in error.splitlines()] == [
        {"event": "started", "task": "build demo"},
        {"event": "error", "text": said},
    ]


def test_a_signal_that_is_ignored_stays_so(tmp_path: Path) -> None:
    ignoring = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    with subprocess.Popen(
        [sys.executable, "-c", ignoring + PROGRAM],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(timeout=1)
        running.kill()
