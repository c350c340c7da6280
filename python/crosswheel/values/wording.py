"""Words that several messages say alike."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["counted", "listed"]


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
