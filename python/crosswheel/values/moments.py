"""Moments as JSON documents write them (RFC 3339)."""

from __future__ import annotations

import re
from datetime import datetime

__all__ = ["is_moment"]

#: As Go reads it: with a ``T`` and a zone, and any fraction of a second.
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,]\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def is_moment(text: str) -> bool:
    """Tell whether a text is a date and a time of RFC 3339.

    >>> is_moment("0001-01-01T00:00:00.5Z"), is_moment("2026-02-30T00:00:00Z")
    (True, False)
    """
    match = _MOMENT.fullmatch(text)
    if match is None:
        return False
    try:
        datetime.fromisoformat(match[1] + match[2])
    except ValueError:
        return False
    return True
