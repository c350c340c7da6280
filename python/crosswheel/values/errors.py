"""The one tree of errors: what could not be done, why, and what to do about it.

Knows nothing of where an error is printed; `crosswheel.command_line.exit_codes` does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from .printable import one_line, shortened

__all__ = [
    "WHOLE_LOG",
    "BuildError",
    "BuildPythonError",
    "CheckError",
    "CrosswheelError",
    "FaultsError",
    "FetchError",
    "InputError",
    "OutputError",
    "ResolutionError",
    "SandboxError",
    "SelectionError",
    "StalePlanError",
    "StoreError",
]


class CrosswheelError(Exception):
    """Base of every error a user can meet.

    The text has one shape, ``cannot <verb> <thing> 'value': <why>; <what to do>``, and is one line of visible characters:
    whatever else a value holds is escaped.

    Args:
        doing: verb and thing, e.g. ``"parse target"``.
        value: the value at fault, quoted in the text; ``None`` when there is none.
        why: what is wrong, a clause without a full stop.
        fix: what the user can do, a clause without a full stop.
        context: path to the place at fault, outermost first, e.g. ``("pylock.toml", "packages[3]")``.
        details: further lines printed below the message, e.g. the tail of a build log.
        particular: what of the reason this value does not share with others that fail alike, a clause put before `why`, e.g.
            the URL that gave nothing.

    >>> print(CrosswheelError("parse target", "linux_arm65", why="no such architecture", fix="use linux_arm64"))
    cannot parse target 'linux_arm65': no such architecture; use linux_arm64
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        doing: str,
        value: str | None = None,
        *,
        why: str,
        fix: str,
        context: Sequence[str] = (),
        details: Sequence[str] = (),
        particular: str | None = None,
    ) -> None:
        super().__init__(doing, value, why, fix)
        self.doing = doing
        self.value = value
        self.why = why
        self.fix = fix
        self.context = tuple(context)
        self.details = tuple(details)
        self.particular = particular

    def __str__(self) -> str:
        quoted = "" if self.value is None else f" '{shortened(self.value)}'"
        place = "".join(f"{part}: " for part in self.context)
        particular = "" if self.particular is None else f"{self.particular}: "
        return one_line(f"{place}cannot {self.doing}{quoted}: {particular}{self.why}; {self.fix}")

    def within(self, *context: str) -> CrosswheelError:
        """Return the same error with `context` put in front of its context path."""
        return type(self)(
            self.doing,
            self.value,
            why=self.why,
            fix=self.fix,
            context=(*context, *self.context),
            details=self.details,
            particular=self.particular,
        )


class InputError(CrosswheelError):
    """A lock file, plan, configuration, target or argument is wrong."""

    exit_code = 3


class SelectionError(CrosswheelError):
    """A package of the lock has no file that fits the target."""

    exit_code = 4


class ResolutionError(CrosswheelError):
    """Build requirements could not be resolved."""

    exit_code = 5


class FetchError(CrosswheelError):
    """An artifact could not be downloaded, or its size or hash differs."""

    exit_code = 6


#: Begins the detail of a `BuildError` that says where its log is.
WHOLE_LOG = "whole log: "


class BuildError(CrosswheelError):
    """A build failed: its backend, or its sdist is none that can be built."""

    exit_code = 7


class CheckError(CrosswheelError):
    """A wheel does not fit its target."""

    exit_code = 8


class SandboxError(CrosswheelError):
    """The sandbox cannot be set up on this machine."""

    exit_code = 9


class StalePlanError(CrosswheelError):
    """A plan no longer matches its lock, configuration or targets."""

    exit_code = 10


class BuildPythonError(CrosswheelError):
    """No interpreter on this machine can play the build Python, or its headers differ from the plan's."""

    exit_code = 11


class OutputError(CrosswheelError):
    """An output cannot be written, or would overwrite something that is not ours."""

    exit_code = 12


class StoreError(CrosswheelError):
    """The store is damaged or cannot be used."""

    exit_code = 13


class FaultsError(CrosswheelError):
    """Several faults found in one pass, reported together, each once; its exit code is the first fault's.

    Args:
        faults: the faults, in the order found; at least one. The faults in another `FaultsError` become its own.
    """

    def __init__(self, faults: Iterable[CrosswheelError]) -> None:
        self.faults = _each_once(faults)
        first = self.faults[0]
        super().__init__(
            first.doing,
            first.value,
            why=first.why,
            fix=first.fix,
            context=first.context,
            details=first.details,
            particular=first.particular,
        )
        self.exit_code = first.exit_code  # type: ignore[misc]  # the class attribute is every other class's

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


def raise_faults(faults: Sequence[CrosswheelError]) -> None:
    """Raise nothing, the one fault, or all of them as one `FaultsError`; equal faults are one."""
    different = _each_once(faults)
    if len(different) == 1:
        raise different[0]
    if different:
        raise FaultsError(different)


def _each_once(faults: Iterable[CrosswheelError]) -> tuple[CrosswheelError, ...]:
    different: dict[object, CrosswheelError] = {}
    for fault in faults:
        for one in fault.faults if isinstance(fault, FaultsError) else (fault,):
            different.setdefault((type(one), str(one), one.details), one)
    return tuple(different.values())
