"""The names that a large library defines, in a hundredth of the memory that the texts take."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

__all__ = ["CompactNames"]

#: What is asked for by its beginning: what Python imports, and what looks like a part of it.
_KEPT = ("Py", "_Py")


class CompactNames(AbstractSet[str]):
    """Names of which it can be asked whether one is among them; only those of Python can be listed.

    Of the others eight bytes of hash are kept, with a key that each process chooses: that a name is taken for another
    does not happen.
    """

    __slots__ = ("_hashes", "_is_sorted", "_kept")

    def __init__(self) -> None:
        self._hashes = array("q")
        self._kept: set[str] = set()
        self._is_sorted = True

    def add(self, name: str) -> None:
        """Take in a name."""
        if name.startswith(_KEPT):
            self._kept.add(name)
        self._hashes.append(hash(name))
        self._is_sorted = False

    def __contains__(self, name: object) -> bool:
        if not self._is_sorted:
            self._hashes = array("q", sorted(self._hashes))
            self._is_sorted = True
        wanted = hash(name)
        place = bisect_left(self._hashes, wanted)
        return place < len(self._hashes) and self._hashes[place] == wanted

    def __iter__(self) -> Iterator[str]:
        """Yield the names that begin like Python's, and no others."""
        return iter(self._kept)

    def __len__(self) -> int:
        """Return how many names were taken in."""
        return len(self._hashes)

    @classmethod
    def _from_iterable(cls, names: Iterable[str]) -> frozenset[str]:  # type: ignore[override]
        """Return what an operation with another set results in."""
        return frozenset(names)
