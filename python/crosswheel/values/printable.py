"""Texts from files of strangers, fit for a line that a person reads."""

from __future__ import annotations

import re

__all__ = ["one_line", "shortened", "without_control"]

#: The longest value an error repeats whole: longer than any path or name a person would recognize by its end.
_LONGEST = 300

#: The control characters of ASCII and Latin-1 but for the tab and the end of a line.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def one_line(text: str) -> str:
    r"""Return `text` with whatever is no visible character escaped: it adds no line and moves no cursor.

    >>> one_line("a\nb é")
    'a\\nb é'
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def shortened(text: str) -> str:
    """Return `text`, or its begin, how much is left out, and its end.

    >>> shortened("a" * 1000 + "z")[145:190]
    'aaaaa ... (701 more characters) ... aaaaaaaaa'
    """
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]} ... ({len(text) - 2 * half} more characters) ... {text[-half:]}"


def without_control(text: str) -> str:
    r"""Return `text`, which may have several lines, with escapes for what controls a terminal.

    >>> without_control("a\n\x1b[31mb")
    'a\n\\x1b[31mb'
    """
    return _CONTROL.sub(lambda found: _escaped(found[0]), text)


def _escaped(char: str) -> str:
    return ascii(char)[1:-1]
