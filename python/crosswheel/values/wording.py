"""Words that several messages say alike."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["MOST_SHOWN", "counted", "first_few", "listed"]

#: More things of one kind than this say nothing new.
MOST_SHOWN = 10


def listed(words: Sequence[str]) -> str:
    """Return words as a sentence has them.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def counted(number: int, noun: str) -> str:
    """Return a number of things.

    >>> counted(1, "wheel"), counted(0, "layer")
    ('1 wheel', '0 layers')
    """
    return f"{number} {noun}" + ("" if number == 1 else "s")


def first_few(lines: Sequence[str], *, hint: str = "") -> list[str]:
    """Return lines, or where they are too many the first of them and how many more there are.

    Args:
        lines: one for each thing.
        hint: what follows the number, such as how to see all.

    >>> first_few(["a"] * 12, hint="; ask")[-2:]
    ['a', 'and 2 more; ask']
    """
    more = len(lines) - MOST_SHOWN
    return [*lines] if more <= 0 else [*lines[:MOST_SHOWN], f"and {more} more{hint}"]
