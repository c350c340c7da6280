"""A Dockerfile's instructions, each on one line: https://docs.docker.com/reference/dockerfile/."""

from __future__ import annotations

import re

__all__ = ["plain_instructions"]

_BACKTICK = re.compile(r"(?:[ \t]*#[^\n]*\n)*?[ \t]*#[ \t]*escape[ \t]*=[ \t]*`", re.IGNORECASE)
_TAKES_DOCUMENTS = re.compile(r"[ \t]*(?:RUN|COPY|ADD)\b", re.IGNORECASE)
#: The mark of a document that follows, a word of its own.
_DOCUMENT = re.compile(r"(?:^|(?<=\s))\d*<<-?([\"']?)([A-Za-z_]\w*)\1(?=\s|$)")


def plain_instructions(text: str) -> str:
    r"""Return a Dockerfile without comments and the documents within it, and with continued lines as one.

    >>> plain_instructions('COPY <<EOF /b\nFROM a\nEOF\n# no\nCMD a \\\n  b\n')
    'COPY <<EOF /b\nCMD a    b'
    """
    escape = "`" if _BACKTICK.match(text) else "\\"
    lines = text.splitlines()
    found: list[str] = []
    pending, at = "", 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.lstrip().startswith("#"):
            continue
        whole = pending + line
        if whole.rstrip().endswith(escape):
            pending = f"{whole.rstrip()[:-1]} "
            continue
        pending = ""
        found.append(whole)
        if _TAKES_DOCUMENTS.match(whole):
            for _, end in _DOCUMENT.findall(whole):
                at = _behind(lines, at, end)
    return "\n".join([*found, pending] if pending else found)


def _behind(lines: list[str], at: int, end: str) -> int:
    """Return where a document that begins at a line is over; there itself, if no line ends it."""
    return next((place + 1 for place in range(at, len(lines)) if lines[place].strip() == end), at)
