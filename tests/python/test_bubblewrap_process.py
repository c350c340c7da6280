"""Nothing of a sandbox stays behind, however early it ends: shell scripts stand in for bubblewrap at its worst moments."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crosswheel.act.building import bubblewrap_process
from crosswheel.act.building.bubblewrap_process import run_bubblewrap
from crosswheel.act.building.running_commands import RunningCommands

#: A first process of the sandbox that does not end with its parent, as bubblewrap's before it has asked to.
FORKS = '#!/bin/sh\nsleep 600 &\necho $! > "$0.new"\nmv "$0.new" "$0.child"\n'


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Path]:
    program = tmp_path / "bwrap"
    yield program
    child = tmp_path / "bwrap.child"
    if child.exists() and is_running(int(child.read_text())):
        os.kill(int(child.read_text()), signal.SIGKILL)


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def is_gone(process: int) -> bool:
    for _ in range(300):
        if not is_running(process):
            return True
        time.sleep(0.1)
    return False


def run(program: Path, text: str, *command: str, running: RunningCommands | None = None) -> int:
    program.write_text(text)
    program.chmod(0o755)
    with program.with_name("log").open("wb") as log:
        return run_bubblewrap(
            [str(program)],
            command,
            environment={"LANG": "C", "A": "b c"},
            descriptors=[],
            log=log,
            running=running or RunningCommands(),
        )


def child_of(program: Path) -> int:
    child = program.with_name("bwrap.child")
    for _ in range(300):
        if child.exists():
            return int(child.read_text())
        time.sleep(0.1)
    raise AssertionError("the script made no child")


def stopped(program: Path, text: str) -> int:
    """Run `text` in a thread, stop it when its child is there, and return the child's number."""
    running = RunningCommands()
    ended: list[BaseException] = []

    def work() -> None:
        try:
            run(program, text, running=running)
        except KeyboardInterrupt as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    child = child_of(program)
    time.sleep(0.2)
    running.stop()
    thread.join(60)
    assert (thread.is_alive(), len(ended)) == (False, 1)
    return child


def test_a_first_process_that_does_not_end_with_its_parent_is_ended(program: Path) -> None:
    assert is_gone(stopped(program, FORKS + "wait\n"))


def test_one_that_has_a_session_of_its_own_is_ended_by_its_number(program: Path) -> None:
    tells = (
        'for word; do [ "$last" = --info-fd ] && telling=$word; last=$word; done\n'
        "setsid sleep 600 &\n"
        'echo "{ \\"child-pid\\": $!," > /proc/self/fd/$telling\n'
        'echo $! > "$0.new"\nmv "$0.new" "$0.child"\nwait\n'
    )
    assert is_gone(stopped(program, "#!/bin/sh\n" + tells))


def test_a_first_process_is_not_left_behind_by_a_parent_that_dies(program: Path) -> None:
    """It waits for its user ids for ever, and so would we for its word."""
    assert run(program, FORKS + "exit 3\n") == 3
    assert is_gone(child_of(program))


def test_the_exit_code_and_the_words_are_those_of_the_program(program: Path) -> None:
    assert run(program, "#!/bin/sh\necho 'bwrap: no'\nexit 1\n") == 1
    assert program.with_name("log").read_text() == "bwrap: no\n"


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_environment_is_what_it_was_given_whatever_the_shell_adds(program: Path, shell: str) -> None:
    if (found := shutil.which(shell)) is None:
        pytest.skip(f"no {shell} is installed")
    as_sh = program.with_name("sh")
    as_sh.symlink_to(found)
    text = (
        "#!/bin/sh\n"
        'while [ "$1" != -- ]; do [ "$last" = --info-fd ] && telling=$1; last=$1; shift; done\n'
        'echo "{ \\"child-pid\\": $$," > /proc/self/fd/$telling\n'
        f'shift 2\nexec {as_sh} "$@"\n'
    )
    assert run(program, text, "/usr/bin/env") == 0
    assert program.with_name("log").read_text() == "A=b c\nLANG=C\n"


def test_a_terminals_ctrl_c_reaches_it_through_crosswheel_only(program: Path) -> None:
    """A sandbox that ended by itself would be a build that failed."""
    assert run(program, "#!/bin/sh\nread -r _ _ _ _ _ session _ < /proc/$$/stat\n[ $session = $$ ]\n") == 0


def test_no_command_begins_once_crosswheel_is_gone(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    made = tmp_path / "made"
    begun = subprocess.Popen([*bubblewrap_process._BEGINNING, "touch", str(made)], stdin=theirs.fileno())
    theirs.close()
    assert ours.recv(1) == b"\n"
    ours.close()
    assert begun.wait(60) != 0
    assert not made.exists()
