"""Whole numbers among the options, told in the words of what they count."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

__all__ = ["whole_number"]


def whole_number(of: str, *, least: int | None = None, digits: int = 18) -> Callable[[str], int]:
    """Return the type of an option for argparse that is a whole number.

    Args:
        of: what it counts, as in "'abc' is not ...".
        least: the smallest that is taken; ``None`` where the command says itself which are not.
        digits: how many there may be.

    Returns:
        What makes a number of a text, or raises `argparse.ArgumentTypeError`.
    """

    def number(text: str) -> int:
        if not re.fullmatch(rf"-?[0-9]{{1,{digits}}}", text) or (least is not None and int(text) < least):
            raise argparse.ArgumentTypeError(f"{text!r} is not {of}")
        return int(text)

    return number
