"""Which targets a name nearly spells: names it begins, names that hold its words, names that look like it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from .architectures import ARCH_ALIASES
from .spelling_forms import fold

__all__ = ["NearestSpellings", "nearest_architecture", "nearest_spellings"]

_MOST = 3
_ALIKE = 0.7


@dataclass(frozen=True, kw_only=True, slots=True)
class NearestSpellings:
    """The names that come nearest.

    Attributes:
        names: at most three, each of another platform, the nearest first.
        unfinished: the name says nothing wrong, only too little: each of `names` goes on with it, or says more.
    """

    names: tuple[str, ...] = ()
    unfinished: bool = False


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
    alike = [
        max((_likeness(name, typed), -number, name) for number, name in enumerate(names))
        for names in known.values()
    ]
    near = sorted((one for one in alike if one[0] >= _ALIKE), key=lambda one: -one[0])
    return NearestSpellings(names=_different(name for _, _, name in near))


def nearest_architecture(text: str) -> str:
    """Return the architecture's name that looks most like `text`, empty where none does.

    >>> nearest_architecture("arm65"), nearest_architecture("foo")
    ('arm64', '')
    """
    typed = fold(text.strip())
    name = max(ARCH_ALIASES, key=lambda one: _likeness(one, typed))
    return name if _likeness(name, typed) >= _ALIKE else ""


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


def _likeness(name: str, typed: str) -> float:
    return SequenceMatcher(a=typed, b=fold(name)).ratio()
