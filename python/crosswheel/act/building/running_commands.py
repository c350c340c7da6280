"""The commands that run at this moment in the threads of one sandbox, so that an interrupt can end them all.

A terminal's Ctrl-C reaches Python's main thread only: the workers would go on to their next command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

__all__ = ["RunningCommands"]


class RunningCommands:
    """How to end each command that runs; once stopped, for good."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ends: list[Callable[[], None]] = []
        self._stopped = False

    @contextmanager
    def known(self, end: Callable[[], None]) -> Iterator[None]:
        """Have `end` called by `stop` for as long as the context lasts.

        Raises:
            KeyboardInterrupt: `stop` was called, before or meanwhile.
        """
        with self._lock:
            stopped = self._stopped
            self._ends.append(end)
        try:
            if not stopped:
                yield
        finally:
            with self._lock:
                self._ends.remove(end)
                stopped = self._stopped
            if stopped:
                end()
                raise KeyboardInterrupt

    def check(self) -> None:
        """Raise KeyboardInterrupt once stopped: for what takes long in a thread and is no command."""
        with self._lock:
            if self._stopped:
                raise KeyboardInterrupt

    def stop(self) -> None:
        """End all commands, and every later one as soon as it begins."""
        with self._lock:
            self._stopped = True
            for end in self._ends:
                end()
