"""Signals that end the command are interrupts: what is half written is cleared away, as after Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

__all__ = ["EndedError", "ending_signals"]

#: What `kill`, a cancelled CI job and a stopped container send, and a terminal that closes.
_SIGNALS = (signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else (signal.SIGTERM,)


class EndedError(KeyboardInterrupt):
    """A signal ended the command.

    Attributes:
        number: the signal's.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def ending_signals() -> Iterator[None]:
    """Have the signals raise `EndedError` in the block; one that is ignored, as by ``nohup``, stays so."""
    taken = [number for number in _SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
    try:
        for number in taken:
            signal.signal(number, _end)
    except ValueError:
        taken = []  # another thread than the main one, which gets no signals
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise EndedError(number)
