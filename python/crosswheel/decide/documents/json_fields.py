"""How a JSON document is read strictly: every value typed, every fault kept with the path to its place."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest
from crosswheel.values.errors import CrosswheelError, InputError

__all__ = ["Faults", "Fields"]

_Value = TypeVar("_Value")
_FIX = "make the file anew, or undo the edit"


class Faults:
    """Faults found so far, and what they are faults of.

    Args:
        doing: verb and thing, e.g. ``"read plan"``.
        name: the file's name, put in front of every path.
    """

    def __init__(self, doing: str, name: str) -> None:
        self._doing = doing
        self._name = name
        self.found: list[CrosswheelError] = []

    def add(self, value: str | None, *, why: str, place: tuple[str, ...], fix: str = _FIX) -> None:
        """Keep one fault."""
        self.found.append(InputError(self._doing, value, why=why, fix=fix, context=(self._name, *place)))


class Fields:
    """One JSON object being read; `close` reports the keys nobody asked for.

    A wrong value is reported once and read as an empty one, so that reading can go on.
    """

    def __init__(self, value: JsonValue, faults: Faults, place: tuple[str, ...] = ()) -> None:
        self.place = place
        self._faults = faults
        self._asked: set[str] = set()
        self._other_cases: set[str] = set()
        self._value: Mapping[str, JsonValue] = {}
        if isinstance(value, Mapping):
            self._value = value
        else:
            faults.add(None, why=f"an object is wanted, not {_kind(value)}", place=place)

    def fault(self, value: str | None, why: str, *key: str) -> None:
        """Report a fault of this object, or of the value below `key`."""
        self._faults.add(value, why=why, place=(*self.place, *key))

    @property
    def faults_so_far(self) -> int:
        """How many faults were found in the whole document."""
        return len(self._faults.found)

    def _get(self, key: str, *, required: bool) -> JsonValue:
        self._asked.add(key)
        if key not in self._value and required:
            self._faults.add(key, why="the key is missing", place=self.place)
        return self._value.get(key)

    def text(self, key: str) -> str:
        """Return a string that must be there."""
        return self._text(key, required=True) or ""

    def optional_text(self, key: str) -> str | None:
        """Return a string, or ``None`` if the key is absent."""
        return self._text(key, required=False)

    def _text(self, key: str, *, required: bool) -> str | None:
        value = self._get(key, required=required)
        if isinstance(value, str):
            return self._sound(value, key)
        if key in self._value:
            self.fault(None, f"a string is wanted, not {_kind(value)}", key)
        return None

    def _sound(self, text: str, key: str) -> str:
        """Return `text`, or nothing if no file or program could be called or given so (RFC 8259, section 8.2)."""
        if text.isascii():
            return text
        try:
            text.encode()
        except UnicodeEncodeError:
            self.fault(text, "it holds half of a surrogate pair, which is no character", key)
            return ""
        return text

    def whole_number(self, key: str, *, required: bool) -> int | None:
        """Return a non-negative integer, or ``None`` if the key is absent."""
        value = self._get(key, required=required)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        if key in self._value:
            number = isinstance(value, int | float) and not isinstance(value, bool)
            shown = str(value) if number else _kind(value)
            self.fault(None, f"a whole number from 0 on is wanted, not {shown}", key)
        return None

    def flag(self, key: str) -> bool:
        """Return true or false; absent is false."""
        value = self._get(key, required=False)
        if key in self._value and not isinstance(value, bool):
            self.fault(None, f"true or false is wanted, not {_kind(value)}", key)
        return value is True

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings; absent is empty."""
        value = self._get(key, required=False)
        if value is None and key not in self._value:
            return ()
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(self._sound(str(item), key) for item in value)
        others = [item for item in value if not isinstance(item, str)] if isinstance(value, list) else []
        given = f"one with {_kind(others[0])}" if others else _kind(value)
        self.fault(None, f"a list of strings is wanted, not {given}", key)
        return ()

    def digest(self, key: str) -> Digest:
        """Return a digest that must be there."""
        return self.parsed(key, Digest, self.text(key)) or NO_DIGEST

    def optional_digest(self, key: str) -> Digest | None:
        """Return a digest, or ``None`` if the key is absent."""
        text = self.optional_text(key)
        return None if text is None else self.parsed(key, Digest, text)

    def digests(self, key: str) -> tuple[Digest, ...]:
        """Return a list of digests; absent is empty."""
        read = [self.parsed(f"{key}[{index}]", Digest, text) for index, text in enumerate(self.texts(key))]
        return tuple(digest for digest in read if digest is not None)

    def parsed(self, key: str, parse: Callable[[str], _Value], text: str) -> _Value | None:
        """Return ``parse(text)``, or ``None`` after keeping the fault `parse` raised."""
        try:
            return parse(text)
        except CrosswheelError as error:
            if text or key in self._value:
                self._faults.add(
                    text, why=f"cannot {error.doing}: {error.why}", place=(*self.place, key), fix=error.fix
                )
            return None

    def inner(self, key: str) -> Fields:
        """Return the object below `key`; absent is empty."""
        value = self._get(key, required=False)
        return Fields({} if key not in self._value else value, self._faults, (*self.place, key))

    def inners(self, key: str) -> Iterable[Fields]:
        """Yield the objects of the list below `key`; absent is empty."""
        value = self._get(key, required=False)
        if key in self._value and not isinstance(value, list):
            self.fault(None, f"a list is wanted, not {_kind(value)}", key)
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield Fields(item, self._faults, (*self.place, f"{key}[{index}]"))

    def members(self) -> Iterable[tuple[str, Fields]]:
        """Yield every key of this object with the object below it."""
        for key in self:
            if self._sound(key, key) == key:
                yield key, self.inner(key)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys of this object."""
        return iter(tuple(self._value))

    def has(self, key: str) -> bool:
        """Tell whether `key` is there."""
        self._asked.add(key)
        return key in self._value

    def raw(self, key: str) -> JsonValue:
        """Return whatever is below `key`."""
        return self._get(key, required=False)

    def refuse_other_cases(self) -> None:
        """Report the keys that differ from one that was asked for in case only: Go's readers take them for it.

        See https://pkg.go.dev/encoding/json#Unmarshal: the last of several wins, whatever its case.
        """
        asked = {key.casefold(): key for key in self._asked}
        for key in self._value.keys() - self._asked - self._other_cases:
            known = asked.get(key.casefold())
            if known is not None:
                self._other_cases.add(key)
                self.fault(key, f"some readers take the key for '{known}', others pass it over")

    def close(self) -> None:
        """Report the keys that no method was asked for."""
        for key in self._value:
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked, n=1)
                hint = f"; the nearest known key is '{near[0]}'" if near else ""
                self._faults.add(key, why=f"no such key is known here{hint}", place=self.place)


#: Stands in for a digest that could not be read; never leaves a reader that reports its faults.
NO_DIGEST = Digest("0" * 64)


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"
