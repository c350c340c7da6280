"""Processor time of a command and everything it starts, those processes included that nobody waits for.

A sandbox with a process namespace of its own ends without waiting for what ran in it, so that `getrusage` does not
see the very work that is measured. Control groups count it; where none can be made, `getrusage` has to do.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Meter", "meter"]

_GROUPS = Path("/sys/fs/cgroup")


class Meter:
    """Counts the seconds of processor time of the processes that join it."""

    def __init__(self, group: Path | None) -> None:
        self._group = group
        self._before = _waited_for()

    @property
    def sees_everything(self) -> bool:
        """Whether processes that nobody waits for are counted."""
        return self._group is not None

    def join(self) -> None:
        """Count the calling process from now on."""
        if self._group is not None:
            (self._group / "cgroup.procs").write_text(str(os.getpid()))

    def seconds(self) -> float:
        """Return the seconds used so far."""
        if self._group is None:
            return _waited_for() - self._before
        return _read(self._group)


def _waited_for() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _read(group: Path) -> float:
    """Return the seconds a group has used: version 1 counts nanoseconds in a file, version 2 microseconds in a line."""
    nanoseconds = group / "cpuacct.usage"
    if nanoseconds.is_file():
        return int(nanoseconds.read_text()) / 1e9
    fields = dict(line.split() for line in (group / "cpu.stat").read_text().splitlines())
    return int(fields["usage_usec"]) / 1e6


@contextmanager
def meter() -> Iterator[Meter]:
    """Yield a meter in a control group of its own, or one that counts what is waited for."""
    group = _make(_GROUPS / "cpuacct") or _make(_GROUPS)
    try:
        yield Meter(group)
    finally:
        if group is not None:
            _remove(group)


def _make(parent: Path) -> Path | None:
    group = parent / f"crosswheel-benchmark-{os.getpid()}"
    try:
        group.mkdir()
        _read(group)
    except (OSError, KeyError):
        _remove(group)
        return None
    return group


def _remove(group: Path) -> None:
    """Remove a group; one that a last process is just leaving stays, and costs nothing."""
    try:
        group.rmdir()
    except OSError:
        return
