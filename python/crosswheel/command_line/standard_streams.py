"""The process's standard streams as they come: open, closed, or leading to where nothing more fits."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO

__all__ = [
    "discard_standard_output",
    "hold_standard_descriptors",
    "standard_error",
    "standard_input",
    "standard_output",
]


def hold_standard_descriptors() -> None:
    """Let each of the descriptors 0, 1 and 2 that is closed lead to the null device.

    Otherwise the next file that is opened gets its number, and a program started later writes its words into that file.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest number that is free is given out: https://pubs.opengroup.org/onlinepubs/9799919799/functions/open.html
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def standard_input() -> bytes:
    """Return all of standard input; nothing if it was closed at the start.

    Raises:
        OSError: it cannot be read.
    """
    stream: TextIO | None = sys.stdin
    return b"" if stream is None else stream.buffer.read()


def standard_output() -> TextIO | None:
    """Return standard output, in which what its encoding cannot say is escaped; ``None`` if it was closed at the start."""
    stream: TextIO | None = sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def standard_error() -> TextIO:
    """Return standard error; if it was closed at the start, a stream that nobody reads."""
    stream: TextIO | None = sys.stderr
    return io.StringIO() if stream is None else stream


def discard_standard_output() -> None:
    """Let what is left of standard output go nowhere, so that the interpreter does not fail over it when it ends."""
    stream: TextIO | None = sys.stdout
    if stream is None:
        return
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # a stream in memory
        return
    # https://docs.python.org/3/library/signal.html#note-on-sigpipe
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
