"""What ``-o`` names: a file, ``-`` for standard output where the output is text, or what only a disk can hold."""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["STANDARD_OUTPUT", "place_on_disk"]

#: What a command that writes text takes for standard output, which `pathlib` could not tell from ``./-``.
STANDARD_OUTPUT = "-"


def place_on_disk(text: str) -> Path:
    """Return the place that ``-o`` of a folder or an archive names.

    Raises:
        argparse.ArgumentTypeError: it is ``-``.
    """
    if text == STANDARD_OUTPUT:
        raise argparse.ArgumentTypeError(
            "'-' is standard output, and this is no text; name a place, './-' for one of that name"
        )
    return Path(text)
