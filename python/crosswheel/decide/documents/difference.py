"""One thing that is not the same in two of a kind, and how two tables of facts and two orders are compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crosswheel.values.digests import Digest

__all__ = ["Difference", "bytes_difference", "differences", "grouped", "order_difference", "sample"]

#: So many differences of one kind are shown.
_SHOWN = 12
#: So many may be of the same kind, with the same values, before they share a line.
_ALIKE = 3
#: So many names show where two orders part.
_NAMES = 3


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


def bytes_difference(where: str, what: str, old: Digest, new: Digest) -> Iterator[Difference]:
    """Yield that bytes differ, if they do, where nothing else is known to.

    Args:
        where: what the bytes are.
        what: what is the same in both nevertheless, e.g. ``the same plan in another layout of JSON``.
        old: their digest.
        new: that to compare with.
    """
    if old != new:
        yield Difference(
            where=where, what=f"bytes ({what})", old=f"sha256 {old.hex[:12]}", new=f"sha256 {new.hex[:12]}"
        )


def order_difference(where: str, what: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    """Yield where two lists part that have the same names in another order; names that only one has do not count.

    Args:
        where: what the lists are of.
        what: what to call the order.
        old: a list.
        new: the one to compare with.
    """
    both = {*old} & {*new}
    common = [[name for name in names if name in both] for names in (old, new)]
    pairs = enumerate(zip(*common, strict=False))
    first = next((number for number, (one, other) in pairs if one != other), min(map(len, common)))
    words = [", ".join(names[first : first + _NAMES]) or "the end" for names in common]
    if words[0] != words[1]:
        yield Difference(where=where, what=what, old=words[0], new=words[1])


def sample(found: Iterable[Difference], *, where: str, what: str) -> Iterator[Difference]:
    """Yield the first differences of many, and how many more there are.

    Args:
        found: the differences.
        where: what they are of.
        what: what to call the others, a plural.
    """
    more = 0
    for number, one in enumerate(found):
        if number < _SHOWN:
            yield one
        else:
            more += 1
    if more:
        yield Difference(where=where, what=what, old="", new=f"{more} more differ")


def grouped(found: Iterable[Difference], *, where: str) -> Iterator[Difference]:
    """Yield differences of facts of single files, whose `Difference.where` is the file, so that many alike share a line.

    Those that share none come by file, and of many only the first.

    Args:
        found: the differences.
        where: what the files are of, for lines that several share.
    """
    alike: dict[tuple[str, str, str], list[Difference]] = {}
    for one in found:
        alike.setdefault((one.what, one.old, one.new), []).append(one)
    shared = {key: group for key, group in alike.items() if len(group) > _ALIKE}
    for (what, old, new), group in shared.items():
        yield Difference(where=where, what=f"{what} of {len(group)} files", old=old, new=new)
    single: dict[str, list[Difference]] = {}
    for key, group in alike.items():
        if key not in shared:
            single.setdefault(key[0], []).extend(group)
    told = [
        one for what, group in single.items() for one in sample(group, where=where, what=f"{what} of files")
    ]
    yield from sorted(told, key=lambda one: (one.where == where, one.where))
