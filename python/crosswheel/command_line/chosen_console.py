"""Which console the words and the progress of this process go to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import TextIO

from crosswheel.command_line.console import Canvas, Terminal, Verbosity
from crosswheel.command_line.standard_streams import standard_error, standard_output

__all__ = ["terminal"]


def terminal(
    *,
    quiet: bool,
    verbose: bool,
    only_warnings: bool = False,
    progress: str = "auto",
    spelled: Mapping[str, str] | None = None,
) -> Terminal:
    """Return the console on this process's standard streams.

    Args:
        quiet: say errors only.
        verbose: say everything.
        only_warnings: say warnings and errors only.
        progress: ``auto`` for a status line on a terminal and lines elsewhere, ``lines`` for lines, ``json`` for events.
        spelled: what errors and warnings call an option, by its name without dashes.
    """
    verbosity = Verbosity.VERBOSE if verbose else Verbosity.NORMAL
    verbosity = Verbosity.QUIET if quiet else Verbosity.WARNINGS if only_warnings else verbosity
    out, err = standard_output(), standard_error()
    if progress == "json":
        from crosswheel.command_line.event_console import EventTerminal

        return EventTerminal(verbosity=verbosity, out=out, err=err, canvas=_canvas(out), spelled=spelled)
    live = progress == "auto" and err.isatty() and os.environ.get("TERM") != "dumb"
    return Terminal(verbosity=verbosity, out=out, err=err, live=live, canvas=_canvas(out), spelled=spelled)


def _canvas(out: TextIO | None) -> Canvas:
    if out is None or not out.isatty():
        return Canvas()
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Canvas(width=shutil.get_terminal_size().columns, colour=colour, ascii=not _draws(out))


def _draws(out: TextIO) -> bool:
    """Tell whether a stream's encoding has what tables are drawn with."""
    try:
        "\N{BOX DRAWINGS LIGHT HORIZONTAL}\N{BLACK DIAMOND}".encode(out.encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
