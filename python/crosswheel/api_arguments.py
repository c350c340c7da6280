"""What callers of the API give, in the types that the layers below take; what no type checker saw is told in words."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from crosswheel.values.errors import InputError
from crosswheel.values.file_times import LATEST_TIME

if TYPE_CHECKING:
    from crosswheel.decide.plan import Plan

__all__ = ["as_file_time", "as_member", "as_names", "as_paths", "as_plan"]

_Enum = TypeVar("_Enum", bound=Enum)


def as_names(value: object, argument: str) -> tuple[str, ...]:
    """Return one name, or several, as a tuple: a `str` is a sequence too, of its letters, which nobody means.

    Args:
        value: what was given.
        argument: the argument's name.

    Raises:
        TypeError: it is neither a text nor texts.
    """
    several = (value,) if isinstance(value, str) else _several(value, argument, "a text")
    names = tuple(name for name in several if isinstance(name, str))
    if len(names) < len(several):
        raise TypeError(f"'{argument}' takes texts only")
    return names


def as_paths(value: object, argument: str) -> tuple[Path, ...]:
    """Return one path, or several, as a tuple.

    Args:
        value: what was given.
        argument: the argument's name.

    Raises:
        TypeError: it is neither a path nor paths.
    """
    several = (value,) if isinstance(value, str | Path) else _several(value, argument, "a path")
    paths = tuple(Path(path) for path in several if isinstance(path, str | Path))
    if len(paths) < len(several):
        raise TypeError(f"'{argument}' takes paths only")
    return paths


def as_plan(value: object, function: str) -> Plan:
    """Return the plan.

    Args:
        value: what was given.
        function: the function's name.

    Raises:
        TypeError: it is something else, e.g. a plan's path.
    """
    from crosswheel.decide.plan import Plan

    if not isinstance(value, Plan):
        raise TypeError(
            f"{function}() takes a plan, such as read_plan(path) returns, and not a {type(value).__name__}"
        )
    return value


def as_member(kind: type[_Enum], doing: str, name: str) -> _Enum:
    """Return the member of an enumeration that has a value.

    Args:
        kind: the enumeration.
        doing: verb and thing, for the refusal.
        name: the value.

    Raises:
        InputError: there is none.
    """
    try:
        return kind(name)
    except ValueError:
        known = " or ".join(f'"{one.value}"' for one in kind)
        raise InputError(doing, str(name), why="there is no such way", fix=f"use {known}") from None


def as_file_time(seconds: int | None) -> int | None:
    """Return the time that all files shall have, seconds since 1970; ``None`` for the default.

    Raises:
        InputError: it is no whole number, or archives cannot hold it.
    """
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 <= seconds <= LATEST_TIME:
        raise InputError(
            "use source_date_epoch",
            str(seconds),
            why="it is not a whole number of seconds from 1970 to 2107",
            fix="give seconds since 1970, or None for 1980-01-01",
        )
    return seconds


def _several(value: object, argument: str, wanted: str) -> tuple[object, ...]:
    if not isinstance(value, Iterable):
        raise TypeError(f"'{argument}' takes {wanted} or several, and not a {type(value).__name__}")
    return tuple(value)
