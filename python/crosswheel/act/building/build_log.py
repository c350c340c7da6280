"""What a build's log says about a failure: its end, what went wrong, and what to try."""

from __future__ import annotations

import re
from pathlib import Path

from crosswheel.act.building.failed_builds import FailedBuild
from crosswheel.act.building.log_end import TAIL_BYTES, log_end
from crosswheel.decide.failures.failure_causes import (
    FailureCause,
    causes_in,
    plain_log,
    refusal_causes,
    untried,
)
from crosswheel.decide.failures.failure_kinds import FailureKind
from crosswheel.decide.failures.failure_own_words import own_hint
from crosswheel.decide.failures.told_refusal import MENDING, ToldRefusal, told_refusal
from crosswheel.values.errors import WHOLE_LOG

__all__ = [
    "StepFailedError",
    "causes_of",
    "hint_for",
    "mending_lines",
    "place_of",
    "refusal_in",
    "refusal_of",
    "tail_of",
]

_TAIL_LINES = 30
#: What compilers of C, C++ and Rust say of a place in a source; a compiler may say much more after its last error.
_ERROR = re.compile(r"\s*(?:[^\s:]+:\d+(?::\d+)?: (?:fatal )?error: |error\[E\d+\]: )")
_MOST_ERRORS = 5
#: More than the log of any build that was seen; a backend that writes without end is not read to its end.
_MOST_BYTES = 4 * 1024 * 1024


class StepFailedError(Exception):
    """A step of a build failed; `crosswheel.act.building.build` adds which build it was and the end of its log.

    Args:
        why: a clause.
        fix: a clause, or nothing to have one read from the log.
    """

    def __init__(self, why: str, fix: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.fix = fix


def tail_of(log: Path) -> list[str]:
    """Return the last lines of a log, without terminal control; before them a compiler's first errors, if none stands in them."""
    lines = [line for line in plain_log(log_end(log, _MOST_BYTES)[0]).split("\n") if line.strip()]
    tail = lines[-_TAIL_LINES:]
    if any(_ERROR.match(line) for line in tail):
        return tail
    errors = [line for line in lines if _ERROR.match(line)][:_MOST_ERRORS]
    return [*errors, "...", *tail] if errors else tail


def place_of(log: Path) -> str:
    """Return the last detail of a failure's error: where all that the build said is, unless it said nothing."""
    return f"{WHOLE_LOG}{log}" if log.stat().st_size else "its log is empty"


def causes_of(failure: FailedBuild) -> tuple[FailureCause, ...]:
    """Return what went wrong, most telling first; what the build had already mends none of it.

    The end of a log is nearest to the failure; the rest is read when it, and what is known to have gone wrong, tells nothing.
    """
    if refusal := refusal_of(failure):
        return refusal
    return _meant(_causes(failure.log, failure.why), failure)


def refusal_of(failure: FailedBuild) -> tuple[FailureCause, ...]:
    """Return what it means that the check refused the wheel, where that mends more than the log can tell."""
    return _meant(refusal_causes(failure.why), failure) if failure.refused else ()


def refusal_in(log: Path) -> ToldRefusal | None:
    """Return the refusal of its wheel that a log ends with: a step leaves nothing else of it."""
    return told_refusal(plain_log(log_end(log, TAIL_BYTES)[0]))


def mending_lines(causes: tuple[FailureCause, ...], name: str, target: str) -> tuple[str, ...]:
    """Return the configuration that mends the first cause, as an error tells it; nothing where none does."""
    lines = causes[0].configuration(name, target) if causes else ()
    return (f"{MENDING}{causes[0].place}:", *(f"    {line}" for line in lines)) if lines else ()


def _meant(found: tuple[FailureCause, ...], failure: FailedBuild) -> tuple[FailureCause, ...]:
    found = tuple(cause.on(failure.target) for cause in found)
    return found if failure.given is None else untried(found, failure.given, failure.name, failure.target)


def hint_for(log: Path, causes: tuple[FailureCause, ...], *, own: bool = False) -> str:
    """Return what to try: what the first cause says, else where to look.

    Args:
        log: all that the build said.
        causes: what went wrong.
        own: it is a project of the user's own.
    """
    if causes:
        return causes[0].advice
    if own:
        return own_hint(tail_of(log))
    read = "read the log; " if plain_log(log_end(log, TAIL_BYTES)[0]).strip() else ""
    return (
        f"{read}a patch, a setting or a variable can be given for the package in [tool.crosswheel], "
        "or take a prebuilt wheel"
    )


def _causes(log: Path, why: str) -> tuple[FailureCause, ...]:
    found: tuple[FailureCause, ...] = ()
    for most in (TAIL_BYTES, _MOST_BYTES):
        text, first_line = log_end(log, most)
        found = causes_in(plain_log(text), first_line=first_line)
        # What a configure script says in its own words goes after all that is known.
        if any(cause.kind is not FailureKind.REFUSED for cause in found):
            return found
        if said := causes_in(why):
            return said
    return found
