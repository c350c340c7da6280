"""Words that several messages say alike."""

from __future__ import annotations

__all__ = ["counted"]


def counted(number: int, noun: str) -> str:
    """Return a number of things.

    >>> counted(1, "wheel"), counted(0, "layer")
    ('1 wheel', '0 layers')
    """
    return f"{number} {noun}" + ("" if number == 1 else "s")
