"""What a moment of Debian's archive of the past is: as snapshot.debian.org writes it."""

from __future__ import annotations

from datetime import datetime

__all__ = ["is_snapshot"]

_MOMENT = "%Y%m%dT%H%M%SZ"


def is_snapshot(text: str) -> bool:
    """Tell whether a text is a moment as snapshot.debian.org writes it.

    >>> is_snapshot("20261101T000000Z"), is_snapshot("20261301T000000Z"), is_snapshot("2026-11-01")
    (True, False, False)
    """
    try:
        moment = datetime.strptime(text, _MOMENT)  # noqa: DTZ007  # its shape only
    except ValueError:
        return False
    return moment.strftime(_MOMENT) == text
