"""Which targets a name nearly spells: names it begins, names that hold its words, names that few slips of the keys lead to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from .architectures import ARCH_ALIASES
from .spelling_forms import fold

__all__ = ["NearestSpellings", "nearest_architectures", "nearest_spellings"]

_MOST = 3
_ALIKE = 0.7


@dataclass(frozen=True, kw_only=True, slots=True)
class NearestSpellings:
    """The names that come nearest.

    Attributes:
        names: at most three, each of another platform, the nearest first.
        unfinished: the name says nothing wrong, only too little: each of `names` goes on with it, or says more.
        best: those of `names` that nothing is nearer than, the first of them or several.
    """

    names: tuple[str, ...] = ()
    unfinished: bool = False
    best: tuple[str, ...] = ()


def nearest_spellings(text: str, known: Mapping[str, Sequence[str]]) -> NearestSpellings:
    """Return the known names nearest to `text`.

    Args:
        text: a name that means no target.
        known: by platform, in the order in which people want them, its names, the best first.

    >>> nearest_spellings("ios", {"windows": ["win_amd64"], "ios": ["ios_arm64_iphoneos"]}).names
    ('ios_arm64_iphoneos',)
    """
    typed = fold(text.strip())
    if re.search("[a-z]", typed) is None:
        return NearestSpellings()
    says_more: tuple[Callable[[str], bool], ...] = (
        lambda name: name.startswith(typed),
        lambda name: _holds_words(name, typed),
        lambda name: _holds_words(_without_numbers(name), _without_numbers(typed)),
    )
    for fits in says_more:
        found = [next((name for name in names if fits(fold(name))), None) for names in known.values()]
        if different := _different(name for name in found if name is not None):
            return NearestSpellings(names=different, unfinished=True)
    alike = [min(ranked) for names in known.values() if (ranked := [*_alike(names, typed)])]
    near = sorted(alike, key=lambda one: one[:3])
    best = _different(name for *slips, _, _, name in near if slips == [*near[0][:2]])
    return NearestSpellings(names=_different(one[-1] for one in near), best=best)


def nearest_architectures(text: str) -> tuple[str, ...]:
    """Return the name of the architecture that comes nearest to `text`; several that are equally near, and none where none is.

    >>> nearest_architectures("amr64"), nearest_architectures("am64"), nearest_architectures("foo")
    (('arm64',), ('amd64', 'arm64'), ())
    """
    typed = fold(text.strip())
    alike = sorted((*one[:3], one[-1]) for one in _alike(ARCH_ALIASES, typed))
    best = [name for *slips, _, name in alike if slips == [*alike[0][:2]]]
    return tuple({ARCH_ALIASES[name]: name for name in reversed(best)}.values())[::-1][:_MOST]


def _different(names: Iterable[str]) -> tuple[str, ...]:
    """Return the first few of `names`, those once that are one when folded."""
    by_form: dict[str, str] = {}
    for name in names:
        by_form.setdefault(fold(name), name)
    return tuple(by_form.values())[:_MOST]


def _holds_words(name: str, typed: str) -> bool:
    """Tell whether each word that was typed begins a word of `name`, in that order."""
    words = iter(name.split("_"))
    return all(any(word.startswith(part) for word in words) for part in typed.split("_") if part)


def _without_numbers(folded: str) -> str:
    """Return a folded name with every version in it as another one."""
    return re.sub(r"(?<![a-z0-9])\d+(?![a-z0-9])", "0", folded)


def _alike(names: Iterable[str], typed: str) -> Iterator[tuple[int, bool, float, int, str]]:
    """Yield the names that look like what was typed, each with its place, and before that how far it is from it.

    The least is the nearest: of equal slips those of the hands that typed no wrong letter.
    """
    for place, name in enumerate(names):
        meant = fold(name)
        likeness = SequenceMatcher(a=typed, b=meant).ratio()
        if likeness >= _ALIKE:
            yield _edits(typed, meant), sorted(typed) != sorted(meant), -likeness, place, name


def _edits(typed: str, meant: str) -> int:
    """Return how many letters are missing, added, wrong, or swapped with their neighbour.

    >>> _edits("amr64", "arm64"), _edits("arm46", "amd64")
    (1, 3)
    """
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for at, letter in enumerate(typed):
        earlier, before, row = before, row, [at + 1]
        for place, wanted in enumerate(meant):
            least = min(row[place] + 1, before[place + 1] + 1, before[place] + (letter != wanted))
            if at and place and letter == meant[place - 1] and typed[at - 1] == wanted:
                least = min(least, earlier[place - 1] + 1)
            row.append(least)
    return row[-1]
