"""One run of bubblewrap: however early it or crosswheel is ended, nothing of it stays behind.

``--die-with-parent`` alone does not hold at the beginning: bubblewrap's first process in the sandbox waits for its user
ids and makes the mounts before it asks the kernel to end with its parent. If that parent is killed by then, it waits for
ever, or goes on alone. So the command itself waits for a word, and an early end goes to the whole process group.
"""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import BinaryIO

from crosswheel.act.building.fixed_addresses import fixed_addresses
from crosswheel.act.building.running_commands import RunningCommands

__all__ = ["kill_group", "run_bubblewrap"]

#: The shell in the sandbox says that it is there and waits for a line; where crosswheel is gone it reads none. A core dump
#: would be written into the source tree, and from there into an sdist-like wheel.
_BEGINNING = ("/bin/sh", "-c", 'ulimit -c 0; echo >&0 && read -r _ && exec "$@" </dev/null', "sh")
#: Some shells add variables to what they start (bash and busybox SHLVL), so the environment is made behind it.
_IN_ENVIRONMENT = ("/usr/bin/env", "-i")

#: The first thing that ``--info-fd`` is told, in one piece; bubblewrap's parent has asked to end with crosswheel by then.
_FIRST_PROCESS = re.compile(rb'"child-pid": ([0-9]+)')

#: How often, in seconds, to see whether a bubblewrap that says nothing is still there.
_PATIENCE = 1.0


def run_bubblewrap(
    call: Sequence[str],
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    descriptors: Sequence[int],
    log: BinaryIO,
    running: RunningCommands,
) -> int:
    """Run `command` in the sandbox that `call` makes; return its exit code when all processes of the sandbox are gone.

    Args:
        call: ``bwrap`` and its options.
        command: program and arguments.
        environment: the whole environment of the command.
        descriptors: what `call` reads, besides paths.
        log: receives standard output and standard error.
        running: ends it from another thread.
    """
    variables = [f"{name}={value}" for name, value in sorted(environment.items())]
    command = [*_BEGINNING, *_IN_ENVIRONMENT, *variables, *command]
    ours, theirs = socket.socketpair()
    told, telling = os.pipe()
    try:
        with theirs:
            try:
                with fixed_addresses():
                    bubblewrap = subprocess.Popen(
                        [*call, "--info-fd", str(telling), "--", *command],
                        env={},
                        stdin=theirs.fileno(),
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        pass_fds=[*descriptors, telling],
                        start_new_session=True,  # with a group of its own; a terminal's Ctrl-C comes through crosswheel
                    )
            finally:
                os.close(telling)
        with bubblewrap:
            run = _Run(bubblewrap)
            try:
                with running.known(run.end):
                    run.begin(told, ours)
                    bubblewrap.wait()
            except BaseException:
                run.end()
                raise
        return bubblewrap.returncode
    finally:
        _wait_for_last(ours)
        ours.close()
        os.close(told)


def _wait_for_last(ours: socket.socket) -> None:
    """Wait until nobody holds the other end: the sandbox's first process does to its end, and a shell without word goes."""
    with suppress(OSError):
        ours.shutdown(socket.SHUT_WR)
        while ours.recv(64):
            pass


class _Run:
    def __init__(self, bubblewrap: subprocess.Popen[bytes]) -> None:
        self.bubblewrap = bubblewrap
        self.first: int | None = None
        """The sandbox's first process, once its number is known: with it all others end."""
        self.begun = False

    def begin(self, told: int, ours: socket.socket) -> None:
        """Have the command begin, once it can be ended."""
        if not self._is_heard(told):
            return
        said = _FIRST_PROCESS.search(os.read(told, 4096))  # nothing, if it refuses its options
        self.first = int(said[1]) if said else None
        try:
            if self._is_heard(ours.fileno()) and ours.recv(1):
                self.begun = True
                ours.sendall(b"\n")
        except OSError:  # the shell is gone; the exit code tells
            return

    def _is_heard(self, descriptor: int) -> bool:
        while not select.select([descriptor], [], [], _PATIENCE)[0]:
            if self.bubblewrap.poll() is not None:
                kill_group(self.bubblewrap.pid)
                return False
        return True

    def end(self) -> None:
        """End the sandbox; `bubblewrap` itself ends when all of it is gone."""
        if self.bubblewrap.returncode is not None:
            return
        first_is_ended = False
        if self.first is not None:
            with suppress(OSError):
                os.kill(self.first, signal.SIGKILL)
                first_is_ended = True
        if not (first_is_ended and self.begun):
            kill_group(self.bubblewrap.pid)  # the first process may be in it still, and have no number yet


def kill_group(leader: int) -> None:
    """End what is left of a process group."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
