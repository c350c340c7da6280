"""What differs between two JSON documents, leaf by leaf, whatever they are about: no key has to be known for that."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import TypeAlias

from crosswheel.values.canonical_json import JsonValue

from .difference import Difference, order_difference

__all__ = ["ABSENT", "Absent", "document_differences", "is_same", "shown", "without"]


class Absent(Enum):
    """What stands for a value that is not there."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
_Value: TypeAlias = "JsonValue | Absent"
_Pair: TypeAlias = "tuple[str, _Value, _Value]"

#: Members of an object that tell it from the others of a list: the first that all have, each with another text.
_NAMES = ("id", "name", "path", "filename", "project")


def document_differences(where: str, old: _Value, new: _Value, *, place: str = "") -> Iterator[Difference]:
    """Yield every leaf that one document has and the other has not, or has otherwise; empty objects and lists are leaves.

    Items of a list are told apart by their names (``NAME=value``, or an object's id or name) where all have one, else
    by their number; another order of named ones is told. Documents that are not the same always yield something.

    Args:
        where: what the documents are of.
        old: a document; `ABSENT` if there is none.
        new: the one to compare with.
        place: what stands before each key, e.g. ``manifest``.
    """
    pending: list[_Pair] = [(place, old, new)]
    while pending:
        place, *sides = pending.pop()
        kinds = [_kind(value) for value in sides]
        filled = [kind is not None and bool(value) for kind, value in zip(kinds, sides, strict=True)]
        if all(filled) and kinds[0] is kinds[1]:
            yield from _order(where, place, *sides)
            pending += reversed(_paired(place, *sides))
            continue
        # An empty object is told by what the other one has.
        is_said = any(filled) and kinds[0] is kinds[1]
        words = [
            "" if value is ABSENT or is_filled or is_said else shown(value)
            for value, is_filled in zip(sides, filled, strict=True)
        ]
        if words[0] != words[1]:
            yield Difference(where=where, what=place or "document", old=words[0], new=words[1])
        for number in (1, 0):
            if filled[number]:
                items = [(_joined(place, name), item) for name, item in _items(sides[number]).items()]
                pending += [
                    (name, ABSENT, item) if number else (name, item, ABSENT) for name, item in items[::-1]
                ]


def shown(value: _Value) -> str:
    """Return a leaf in words: a string as it is, or as JSON where it is empty or would be taken for another value.

    >>> [shown(value) for value in ("abc", "", "1", 1, None)]
    ['abc', '""', '"1"', '1', 'null']
    """
    if isinstance(value, str) and value and value.strip() == value and not _is_json(value):
        return value
    return "" if value is ABSENT else json.dumps(value, sort_keys=True)


def without(document: Mapping[str, JsonValue], keys: Iterable[str]) -> dict[str, JsonValue]:
    """Return an object without some of its members."""
    left_out = {*keys}
    return {key: value for key, value in document.items() if key not in left_out}


def is_same(old: _Value, new: _Value) -> bool:
    """Tell whether two values have one canonical text: to Python, 1 and true are the same."""
    if old is ABSENT or new is ABSENT:
        return old is new
    return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _kind(value: _Value) -> type | None:
    """Return what has members, ``None`` of a value that has none."""
    if isinstance(value, Mapping):
        return Mapping
    return list if isinstance(value, list | tuple) else None


def _items(value: _Value) -> Mapping[str, JsonValue]:
    """Return the members of an object or a list by name."""
    if isinstance(value, Mapping):
        return dict(sorted(value.items()))
    assert isinstance(value, list | tuple), "nothing else has members"
    return _by_name(value) or {str(number): item for number, item in enumerate(value)}


def _by_name(items: Sequence[JsonValue]) -> Mapping[str, JsonValue] | None:
    """Return the items of a list by the names that tell them apart, ``None`` if they have none."""
    texts = [item for item in items if isinstance(item, str)]
    objects = [item for item in items if isinstance(item, Mapping)]
    if len(texts) == len(items):
        named = {text.partition("=")[0]: text for text in texts if "=" in text}
        return named if len(named) == len(items) else None
    for key in _NAMES if len(objects) == len(items) else ():
        by_key = {str(one[key]): one for one in objects if isinstance(one.get(key), str)}
        if len(by_key) == len(items):
            return by_key
    return None


def _order(where: str, place: str, old: _Value, new: _Value) -> Iterator[Difference]:
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        names = _by_name(old), _by_name(new)
        if names[0] is not None and names[1] is not None:
            yield from order_difference(where, f"order of {place or 'the items'}", [*names[0]], [*names[1]])


def _paired(place: str, old: _Value, new: _Value) -> list[_Pair]:
    """Return the members of two objects or lists side by side."""
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        names = _by_name(old), _by_name(new)
        if names[0] is None or names[1] is None:
            return _paired_by_number(place, old, new)
    items = _items(old), _items(new)
    return [
        (_joined(place, name), items[0].get(name, ABSENT), items[1].get(name, ABSENT))
        for name in dict.fromkeys([*items[0], *items[1]])
    ]


def _paired_by_number(place: str, old: Sequence[JsonValue], new: Sequence[JsonValue]) -> list[_Pair]:
    """Return the items of two lists side by side, without those at both ends that are the same: one was put in between."""
    fewer = min(len(old), len(new))
    first = next((number for number in range(fewer) if not is_same(old[number], new[number])), fewer)
    last = next(
        (number for number in range(fewer - first) if not is_same(old[-1 - number], new[-1 - number])),
        fewer - first,
    )
    return [
        (
            _joined(place, str(number)),
            old[number] if number < len(old) - last else ABSENT,
            new[number] if number < len(new) - last else ABSENT,
        )
        for number in range(first, max(len(old), len(new)) - last)
    ]


def _joined(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
