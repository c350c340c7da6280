"""One thing that is not the same in two of a kind, and how two tables of facts are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["Difference", "differences"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One thing that is not the same.

    Attributes:
        where: what it is about: a target's id, a file's place in a wheel; empty for the whole.
        what: the thing, e.g. a package's name.
        old: what it was; empty if it was not there.
        new: what it is; empty if it is not there any more.
    """

    where: str
    what: str
    old: str
    new: str

    def __str__(self) -> str:
        """Return it as one line, without `where`."""
        if not self.old:
            return f"+ {self.what}: {self.new}"
        return f"- {self.what}: {self.old}" if not self.new else f"  {self.what}: {self.old} -> {self.new}"


def differences(where: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    """Yield what two tables of facts have that the other has not or has otherwise, in their own order.

    Args:
        where: what the facts are of.
        old: the facts by name; a missing one counts as empty.
        new: those to compare with.
    """
    for what in dict.fromkeys([*old, *new]):
        values = old.get(what, ""), new.get(what, "")
        if values[0] != values[1]:
            yield Difference(where=where, what=what, old=values[0], new=values[1])
