"""What callers of the API give, in the types that the layers below take; what no type checker saw is told in words."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from crosswheel.values.errors import InputError
from crosswheel.values.file_times import LATEST_TIME

if TYPE_CHECKING:
    from crosswheel.decide.plans.plan import Plan

__all__ = ["as_file_time", "as_member", "as_names", "as_paths", "as_plan", "told_types"]

_Enum = TypeVar("_Enum", bound=Enum)
_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

#: The annotations of one value, what holds for them, and how they are called. Several values are `as_names`' and others'.
_KINDS: Mapping[str, tuple[type, str]] = {
    "str": (str, "a text"),
    "Path": (os.PathLike, "a path"),
    "int": (int, "a whole number"),
    "bool": (int, "True or False"),
    "None": (NoneType, "None"),
}


def told_types(
    function: Callable[_Parameters, _Result], keywords: type | None = None
) -> Callable[_Parameters, _Result]:
    """Return `function` with a check, before it is called, of what its annotations say of single values.

    Args:
        function: a function of the API.
        keywords: the `TypedDict` of its further keywords; ``None`` for one of them is as if it were left out.

    Raises:
        TypeError: from the function returned: an argument is of another type.
        InputError: from the function returned: a text holds NUL.
    """
    further = keywords.__annotations__ if keywords else {}
    # The annotations are texts: nothing they name need be loaded.
    annotations: dict[str, str] = {
        **{name: str(getattr(one, "__forward_arg__", one)) for name, one in further.items()},
        **function.__annotations__,
    }
    code: Any = function.__code__
    names = code.co_varnames[: code.co_argcount]

    @functools.wraps(function)
    def told(*arguments: _Parameters.args, **named: _Parameters.kwargs) -> _Result:
        for name in further.keys() & {name for name, value in named.items() if value is None}:
            del named[name]
        for name, value in (*zip(names, arguments, strict=False), *named.items()):
            if name in annotations:
                _refuse_other(value, annotations[name], function.__name__, name)
        return function(*arguments, **named)

    return told


def _refuse_other(value: object, annotation: str, function: str, name: str) -> None:
    _refuse_nul(value, name)
    parts = annotation.split(" | ")
    if "Sequence[" in annotation:
        _refuse_other_items(value, name, paths="Path" in annotation)
        for item in value if isinstance(value, Collection) else ():
            _refuse_nul(item, name)
    elif annotation.startswith("Mapping["):
        if not isinstance(value, Mapping):
            raise TypeError(f"{function}() takes a mapping as '{name}', and not a {type(value).__name__}")
        items = [*value.keys(), *value.values()]
        _refuse_other_items(items, name, paths="Path" in annotation)
        for item in items:
            _refuse_nul(item, name)
    elif "Session" in parts:
        if not (value is None or hasattr(value, "services")):
            raise TypeError(f"{function}() takes a Session as '{name}', and not a {type(value).__name__}")
    elif all(part in _KINDS and not _is_of(value, part) for part in parts):
        words = (
            "a path" if "Path" in parts else " or ".join(_KINDS[part][1] for part in parts if part != "None")
        )
        raise TypeError(f"{function}() takes {words} as '{name}', and not a {type(value).__name__}")


def _is_of(value: object, part: str) -> bool:
    """Tell whether a value is of a kind; True and False are whole numbers to Python, and no count to anybody."""
    return isinstance(value, _KINDS[part][0]) and (part != "int" or not isinstance(value, bool))


def _refuse_nul(value: object, name: str) -> None:
    text = os.fspath(value) if isinstance(value, os.PathLike) else value
    if isinstance(text, str) and "\0" in text:
        raise InputError(
            f"use '{name}'", text, why="it holds NUL, which no name or path does", fix="leave it out"
        )


def _refuse_other_items(value: object, name: str, *, paths: bool) -> None:
    """Refuse what is neither one text (or path) nor several; what can be walked through once only is left alone."""
    kinds = (str, os.PathLike) if paths else (str,)
    if isinstance(value, kinds):
        return
    if not isinstance(value, Iterable):
        _several(value, name, "a path" if paths else "a text")
    if isinstance(value, Collection) and not all(isinstance(item, kinds) for item in value):
        raise TypeError(f"'{name}' takes {'paths' if paths else 'texts'} only")


def as_names(value: object, argument: str) -> tuple[str, ...]:
    """Return one name, or several, as a tuple: a `str` is a sequence too, of its letters, which nobody means.

    Args:
        value: what was given.
        argument: the argument's name.

    Raises:
        TypeError: it is neither a text nor texts.
        InputError: one holds NUL.
    """
    several = (value,) if isinstance(value, str) else _several(value, argument, "a text")
    for name in several:
        _refuse_nul(name, argument)
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
        InputError: one holds NUL.
    """
    several = (value,) if isinstance(value, str | Path) else _several(value, argument, "a path")
    for path in several:
        _refuse_nul(path, argument)
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
    from crosswheel.decide.plans.plan import Plan

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
    """Return the time that an image shall have, seconds since 1970; ``None`` for the default.

    Raises:
        InputError: it is no whole number, or too late for archives.
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
