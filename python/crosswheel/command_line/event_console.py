"""Progress for programs: one JSON object a line on standard error, in place of words."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import TextIO

from crosswheel.command_line.console import Canvas, Terminal
from crosswheel.values.errors import CrosswheelError

__all__ = ["EventTerminal"]

#: Seconds between two events about how far one task is.
_BETWEEN = 0.5


class EventTerminal(Terminal):
    """A console whose words are events; documented in docs/reference/events.md."""

    def __init__(
        self,
        *,
        verbosity: int,
        out: TextIO | None,
        err: TextIO,
        canvas: Canvas | None = None,
        spelled: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(verbosity=verbosity, out=out, err=err, live=False, canvas=canvas, spelled=spelled)
        self._last_told: dict[str, float] = {}

    def note(self, text: str) -> None:
        """Tell words for a person, unless quiet."""
        self._event("note", {"text": text})

    def remark(self, text: str) -> None:
        """Tell what nobody asked for; what it is, the event says."""
        self.note(text)

    def error(self, text: str) -> None:
        """Tell words about a failure, always; what they are, the event says."""
        self._event("error", {"text": self._spelled(text.removeprefix("error: "))}, always=True)

    def faults(self, faults: Sequence[CrosswheelError]) -> None:
        """Tell what ended the command, each fault in full."""
        self._tell_faults(faults, together=False)

    def warned(self, message: str) -> None:
        """Tell a warning."""
        if self._warns:
            self._event("warning", {"text": self._spelled(message)}, always=True)

    def expected(self, kind: str, count: int, cached: int) -> None:
        """Tell how much is to come, and how much is there."""
        self._event("expected", {"kind": kind, "count": count, "cached": cached})

    def started(self, task: str, total: int | None = None) -> None:
        """Tell that a task began."""
        with self._lock:
            self._progress.started(task, total)
            self._event("started", {"task": task, **({} if total is None else {"total": total})})

    def advanced(self, task: str, amount: int) -> None:
        """Tell how far a task is, not too often."""
        with self._lock:
            done = self._progress.advanced(task, amount)
            now = time.monotonic()
            if done is None or now - self._last_told.get(task, 0.0) < _BETWEEN:
                return
            self._last_told[task] = now
            self._event(
                "advanced", {"task": task, "done": done[0], **({} if done[1] is None else {"total": done[1]})}
            )

    def finished(self, task: str, outcome: str) -> None:
        """Tell that a task ended."""
        with self._lock:
            seconds = self._progress.finished(task).seconds
            self._last_told.pop(task, None)
            self._event("finished", {"task": task, "outcome": outcome, "seconds": round(seconds, 3)})

    def found(self, file: str, place: str) -> None:
        """Tell where a file came from."""
        self._event("found", {"file": file, "place": place})

    def tick(self) -> None:
        """Tell nothing: a program has a clock of its own."""

    def _event(self, name: str, fields: Mapping[str, object], *, always: bool = False) -> None:
        if always or not self.quiet:
            with self._lock:
                self._say(json.dumps({"event": name, **fields}) + "\n")
