"""Which symbols of CPython belong to the stable ABI, and since when (PEP 384, PEP 652, PEP 803).

The table is toolchains/stable_abi.json, generated from CPython's own list; abi3t (PEP 803) has the same symbols.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from .wheel_file import WheelName

__all__ = [
    "STABLE_ABIS",
    "OutOfStableAbi",
    "out_of_stable_abi",
    "promised_minor",
    "stable_since",
    "stable_symbols",
]

#: ABI tags that promise the stable ABI.
STABLE_ABIS = frozenset({"abi3", "abi3t"})
#: The stable ABI began with 3.2, which a tag without a minor version promises.
_OLDEST = 2
_INTERPRETER = re.compile(r"(?:cp|py)3(?P<minor>\d{0,9})")
# What CPython's names look like; a library may well have functions that begin with "Pyramid".
_OF_PYTHON = re.compile(r"_?Py(?!Init|ModExport)[A-Z_]\w*")


@cache
def _table() -> dict[str, int]:
    text = (files("crosswheel") / "toolchains" / "stable_abi.json").read_text("utf-8")
    symbols: dict[str, list[str]] = json.loads(text)["symbols"]
    return {name: int(version.removeprefix("3.")) for version, names in symbols.items() for name in names}


def stable_since(symbol: str) -> int | None:
    """Return Y of the first CPython 3.Y whose stable ABI has `symbol`; ``None`` if none has.

    >>> stable_since("PyList_New"), stable_since("PyType_GetName"), stable_since("_PyLong_New")
    (2, 11, None)
    """
    return _table().get(symbol)


def stable_symbols(minor: int) -> frozenset[str]:
    """Return every symbol of the stable ABI of CPython 3.`minor`.

    >>> "PyType_GetName" in stable_symbols(11), "PyType_GetName" in stable_symbols(10)
    (True, False)
    """
    return frozenset(name for name, since in _table().items() if since <= minor)


def promised_minor(name: WheelName) -> int | None:
    """Return Y of the oldest CPython 3.Y that a wheel's tags promise the stable ABI for; ``None`` if they do not."""
    if not STABLE_ABIS & set(name.abis):
        return None
    matches = [match for tag in name.interpreters if (match := _INTERPRETER.fullmatch(tag))]
    return min((int(match["minor"] or _OLDEST) for match in matches), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfStableAbi:
    """What a module uses of CPython beside the stable ABI it promises.

    Attributes:
        never: symbols of no version's stable ABI, sorted.
        later: symbols of a later version's, with Y of that 3.Y, sorted by name.
    """

    never: tuple[str, ...]
    later: tuple[tuple[str, int], ...]

    @property
    def oldest(self) -> int | None:
        """Y of the oldest 3.Y whose stable ABI has every symbol; ``None`` if no version's does."""
        return None if self.never or not self.later else max(minor for _, minor in self.later)


def out_of_stable_abi(symbols: Iterable[str], promised: int) -> OutOfStableAbi | None:
    """Compare the symbols a module needs with the stable ABI of 3.`promised`; ``None`` if they are all in it."""
    never, later = [], []
    for symbol in sorted(filter(_OF_PYTHON.fullmatch, symbols)):
        since = stable_since(symbol)
        if since is None:
            never.append(symbol)
        elif since > promised:
            later.append((symbol, since))
    return OutOfStableAbi(never=tuple(never), later=tuple(later)) if never or later else None
