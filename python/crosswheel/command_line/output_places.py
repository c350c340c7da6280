"""What ``-o`` names: a file, ``-`` for standard output where the output is text, or what only a disk can hold."""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["STANDARD_OUTPUT", "file_on_disk", "file_place", "place_on_disk"]

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


def file_place(text: str) -> str:
    """Return the name that ``-o`` of a file has, or `STANDARD_OUTPUT`.

    Raises:
        argparse.ArgumentTypeError: it ends as names of folders do, which `pathlib` would take for a file's.
    """
    if text.endswith("/"):
        raise argparse.ArgumentTypeError(f"{text!r} is a folder's name, and this is a file; name one in it")
    return text


def file_on_disk(text: str) -> Path:
    """Return the place that ``-o`` of a file names that is no text.

    Raises:
        argparse.ArgumentTypeError: it is ``-``, or ends as names of folders do.
    """
    return place_on_disk(file_place(text))
