"""Which times a file can be given that is to be packed."""

from __future__ import annotations

import re

__all__ = ["LATEST_TIME", "parse_file_time"]

#: 2107-12-31T23:59:58Z: the latest time a zip archive can hold; tar headers go further.
LATEST_TIME = 4_354_819_198


def parse_file_time(text: str) -> int | None:
    """Return seconds since 1970; ``None`` unless `text` is a whole number of them that archives can hold.

    >>> parse_file_time("315532800"), parse_file_time("abc"), parse_file_time("9" * 5000)
    (315532800, None, None)
    """
    seconds = int(text) if re.fullmatch(r"[0-9]{1,10}", text) else LATEST_TIME + 1
    return seconds if seconds <= LATEST_TIME else None
