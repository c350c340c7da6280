"""Typed reading of a TOML table, collecting every fault with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from crosswheel.values.errors import CrosswheelError, InputError

from .nearest_name import did_you_mean

__all__ = ["TypedTable", "key_path"]

_T = TypeVar("_T")

_TYPE_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (str, "a string"),
    (int, "an integer"),
    (float, "a number"),
    (list, "an array"),
    (dict, "a table"),
)


def key_path(place: str, key: str) -> str:
    """Return the dotted path of a key, quoted where TOML would quote it.

    >>> key_path("packages", "numpy"), key_path("targets", "*-linux_*")
    ('packages.numpy', 'targets."*-linux_*"')
    """
    bare = key != "" and all(character.isalnum() or character in "-_" for character in key)
    shown = key if bare else f'"{key}"'
    return f"{place}.{shown}" if place else shown


class TypedTable:
    """A table whose keys are read one by one.

    Args:
        table: the raw table.
        place: its dotted path, for messages; empty at the top.
        faults: where faults are collected.
    """

    def __init__(self, table: Mapping[str, Any], place: str, faults: list[CrosswheelError]) -> None:
        self.table = table
        self.place = place
        self._faults = faults

    def refuse_unknown(self, known: Iterable[str]) -> None:
        """Collect a fault for each key that is not in `known`."""
        names = sorted(known)
        for key in self.table:
            if key not in names:
                fix = did_you_mean(key, names) or f"the keys are {', '.join(names)}"
                self.fault_here(doing="read key", value=key, why="there is no such key", fix=fix)

    def fault(self, key: str, *, doing: str, why: str, fix: str, value: str | None = None) -> None:
        """Collect a fault at a key."""
        self.refuse(key, InputError(doing, value, why=why, fix=fix))

    def fault_here(self, *, doing: str, why: str, fix: str, value: str | None = None) -> None:
        """Collect a fault at the table itself."""
        self.refuse("", InputError(doing, value, why=why, fix=fix))

    def refuse(self, key: str, error: CrosswheelError) -> None:
        """Collect an error as the fault of a key; an empty key is the table itself."""
        place = key_path(self.place, key) if key else self.place
        self._faults.append(error.within(place) if place else error)

    def string(self, key: str) -> str | None:
        """Return a string that is not empty, ``None`` if there is none."""
        value = self._typed(key, str, "a string")
        if value == "":
            self.fault(
                key, doing="read value", value="", why="it is empty", fix="write a value or remove the key"
            )
            return None
        return value

    def boolean(self, key: str) -> bool | None:
        """Return a boolean, ``None`` if there is none."""
        return self._typed(key, bool, "a boolean")

    def strings(self, key: str) -> tuple[str, ...]:
        """Return an array of strings, empty if there is none."""
        value = self._typed(key, list, "an array of strings")
        if value is None:
            return ()
        for index, item in enumerate(value):
            if not isinstance(item, str):
                self._wrong_type(
                    f"{key}[{index}]", item, "a string", path=f"{key_path(self.place, key)}[{index}]"
                )
        return tuple(item for item in value if isinstance(item, str))

    def table_of_strings(self, key: str) -> dict[str, str]:
        """Return a table of strings, empty if there is none."""
        settings = self.settings(key, arrays=False)
        return {name: value for name, value in settings.items() if isinstance(value, str)}

    def settings(self, key: str, *, arrays: bool = True) -> dict[str, str | tuple[str, ...]]:
        """Return a table of strings and, if `arrays`, arrays of strings; empty if there is none."""
        wanted = "a string or an array of strings" if arrays else "a string"
        found: dict[str, str | tuple[str, ...]] = {}
        inner = key_path(self.place, key)
        for name, value in (self._typed(key, dict, "a table") or {}).items():
            if isinstance(value, str):
                found[name] = value
            elif arrays and isinstance(value, list) and all(isinstance(item, str) for item in value):
                found[name] = tuple(value)
            else:
                self._wrong_type(name, value, wanted, path=key_path(inner, name))
        return found

    def inner(self, key: str) -> TypedTable:
        """Return the table below a key, an empty one if there is none."""
        return TypedTable(self._typed(key, dict, "a table") or {}, key_path(self.place, key), self._faults)

    def tables(self, key: str) -> list[tuple[str, TypedTable]]:
        """Return the tables in a table, in the file's order."""
        inner = key_path(self.place, key)
        found: list[tuple[str, TypedTable]] = []
        for name, value in (self._typed(key, dict, "a table") or {}).items():
            if isinstance(value, dict):
                found.append((name, TypedTable(value, key_path(inner, name), self._faults)))
            else:
                self._wrong_type(name, value, "a table", path=key_path(inner, name))
        return found

    def array_of_tables(self, key: str) -> list[TypedTable]:
        """Return the tables in an array, in the file's order; none if there is no array."""
        path = key_path(self.place, key)
        found: list[TypedTable] = []
        for index, item in enumerate(self._typed(key, list, "an array of tables") or []):
            place = f"{path}[{index}]"
            if isinstance(item, dict):
                found.append(TypedTable(item, place, self._faults))
            else:
                self._wrong_type(f"{key}[{index}]", item, "a table", path=place)
        return found

    def tables_or_arrays(self, key: str) -> list[tuple[str, TypedTable]]:
        """Return the tables in a table, where an array of tables counts as one after the other."""
        inner = key_path(self.place, key)
        found: list[tuple[str, TypedTable]] = []
        for name, value in (self._typed(key, dict, "a table") or {}).items():
            path = key_path(inner, name)
            for index, item in enumerate(value if isinstance(value, list) else [value]):
                place = f"{path}[{index}]" if isinstance(value, list) else path
                if isinstance(item, dict):
                    found.append((name, TypedTable(item, place, self._faults)))
                else:
                    self._wrong_type(name, item, "a table", path=place)
        return found

    def _typed(self, key: str, wanted: type[_T], wanted_name: str) -> _T | None:
        value = self.table.get(key)
        if value is None:
            return None
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            self._wrong_type(key, value, wanted_name, path=key_path(self.place, key))
            return None
        return value

    def _wrong_type(self, key: str, value: object, wanted: str, *, path: str) -> None:
        found = next((name for kind, name in _TYPE_NAMES if isinstance(value, kind)), "a date or time")
        last = key.rpartition(".")[2]
        self._faults.append(
            InputError("read", last, why=f"it is {found}", fix=f"write {wanted}", context=(path,))
        )
