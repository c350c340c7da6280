"""How far long work is: what runs, how much of it is done, how long the rest may take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Ended", "Progress", "duration_words"]

#: A task that runs for so many seconds is shown with them.
_LONG = 10
#: Kinds whose tasks are alike enough for those that ended to tell how long the others take.
_TIMED = frozenset({"build"})


@dataclass(slots=True)
class _Running:
    """A task that has not ended."""

    total: int | None
    began: float
    done: int = 0


@dataclass(slots=True)
class _Kind:
    """All tasks that begin with one word; `last` is when the last of those that ended did."""

    expected: int
    began: float
    ended: int = 0
    left_out: int = 0
    amount: int = 0
    last: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """A task that ended.

    Attributes:
        seconds: how long it took.
        place: which of how many it was and how long the rest may take; empty for a lone one.
        summary: what all of its kind came to, when it was the last of several; else empty.
    """

    seconds: float
    place: str = ""
    summary: str = ""


class Progress:
    """What runs and what is expected; not safe for threads by itself.

    Args:
        clock: seconds since any moment.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._running: dict[str, _Running] = {}
        self._kinds: dict[str, _Kind] = {}

    def expected(self, kind: str, count: int) -> None:
        """Await `count` more tasks whose first word is `kind`."""
        known = self._kinds.get(kind)
        if known is None or known.ended >= known.expected:
            self._kinds[kind] = _Kind(expected=count, began=self._clock())
        else:
            known.expected += count

    def started(self, task: str, total: int | None) -> None:
        """Remember a task."""
        self._running[task] = _Running(total=total, began=self._clock())

    def advanced(self, task: str, amount: int) -> tuple[int, int | None] | None:
        """Add to a task; return how much of it is done, of how much."""
        if (kind := self._kind(task)) is not None:
            kind.amount += amount
        if (running := self._running.get(task)) is None:
            return None
        running.done += amount
        return running.done, running.total

    def finished(self, task: str, *, left_out: bool = False) -> Ended:
        """Forget a task; one that is left out is no part of what its kind came to."""
        running = self._running.pop(task, None)
        seconds = self._clock() - running.began if running else 0.0
        kind = self._kind(task)
        if kind is None or kind.ended >= kind.expected:
            return Ended(seconds=seconds)
        kind.ended += 1
        kind.left_out += left_out
        kind.last = self._clock()
        word = task.partition(" ")[0]
        several = kind.expected > 1
        return Ended(
            seconds=seconds,
            place=self._place(word, kind) if several else "",
            summary=self._summary(kind) if several and kind.ended == kind.expected else "",
        )

    def running(self, *, longer_than: float = 0.0) -> list[str]:
        """Return the tasks that run for so many seconds already, with how far each is."""
        now = self._clock()
        return [
            _status(task, one, now - one.began)
            for task, one in self._running.items()
            if now - one.began >= longer_than
        ]

    def status(self) -> str:
        """Return one line about all that runs; empty if nothing does."""
        if not self._running:
            return ""
        open_kinds = {
            word: kind
            for word, kind in self._kinds.items()
            if kind.expected > 1 and kind.ended < kind.expected and self._runs(word)
        }
        places = [f"{word} {self._place(word, kind)}" for word, kind in open_kinds.items()]
        head = "; ".join(places) or str(len(self._running))
        return f"[{head}] {', '.join(self.running())}"

    def _kind(self, task: str) -> _Kind | None:
        return self._kinds.get(task.partition(" ")[0])

    def _runs(self, word: str) -> bool:
        return any(task.startswith(f"{word} ") for task in self._running)

    def _place(self, word: str, kind: _Kind) -> str:
        place = f"{kind.ended} of {kind.expected}"
        left = kind.expected - kind.ended
        if word not in _TIMED or not kind.ended or not left:
            return place
        # From when the last ended, less what passed since: a guess that is not to grow while nothing is learnt.
        seconds = (kind.last - kind.began) / kind.ended * left - (self._clock() - kind.last)
        return f"{place}, about {duration_words(seconds)} left" if seconds >= _LONG else place

    def _summary(self, kind: _Kind) -> str:
        size = f", {kind.amount / 1e6:.1f} MB" if kind.amount else ""
        count = kind.expected - kind.left_out
        return f"{count} file{'s' * (count != 1)}{size} in {duration_words(self._clock() - kind.began)}"


def _status(task: str, running: _Running, seconds: float) -> str:
    if running.total:
        return f"{task} {min(100, 100 * running.done // running.total)}%"
    return f"{task} ({duration_words(seconds)})" if seconds >= _LONG else task


def duration_words(seconds: float) -> str:
    """Return a time for a person.

    >>> [duration_words(seconds) for seconds in (0.25, 42, 200, 9000)]
    ['0.2 s', '42 s', '3 min', '2.5 h']
    """
    if seconds < _LONG:
        return f"{seconds:.1f} s"
    if seconds < 100:  # two digits
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 100 else f"{minutes / 60:.1f} h"
