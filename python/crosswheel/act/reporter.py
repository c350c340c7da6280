"""How long work tells what it is doing, without knowing who listens."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Reporter", "SilentReporter"]


class Reporter(Protocol):
    """Receives progress; may be called from several threads at once."""

    def expected(self, kind: str, count: int, cached: int) -> None:
        """`count` tasks whose first word is `kind` are to come; the results of `cached` more are there already."""

    def started(self, task: str, total: int | None = None) -> None:
        """`task` (e.g. ``"fetch numpy-2.4.6.tar.gz"``) began; `total` is in bytes where known."""

    def advanced(self, task: str, amount: int) -> None:
        """`amount` more of `task` is done."""

    def finished(self, task: str, outcome: str) -> None:
        """`task` ended; `outcome` is a word or a short clause, e.g. ``"fetched"``, ``"cached"``, ``"failed"``."""

    def found(self, file: str, place: str) -> None:
        """`file` came from `place`: ``"the store"``, a path or a URL without credentials, named a mirror or an index if it is one."""

    def warned(self, message: str) -> None:
        """Something the user should know, that does not stop the work."""


class SilentReporter:
    """A reporter that says nothing."""

    def expected(self, kind: str, count: int, cached: int) -> None:
        """Say nothing."""

    def started(self, task: str, total: int | None = None) -> None:
        """Say nothing."""

    def advanced(self, task: str, amount: int) -> None:
        """Say nothing."""

    def finished(self, task: str, outcome: str) -> None:
        """Say nothing."""

    def found(self, file: str, place: str) -> None:
        """Say nothing."""

    def warned(self, message: str) -> None:
        """Say nothing."""
