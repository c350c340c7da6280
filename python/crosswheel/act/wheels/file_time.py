"""The one time that all installed files have."""

from __future__ import annotations

__all__ = ["file_time"]

#: 1980-01-01, the earliest time a zip file can hold.
_EARLIEST = 315_532_800


def file_time(source_date_epoch: int | None) -> int:
    """Return the time of all files, seconds since 1970: what the user set, else 1980-01-01.

    Args:
        source_date_epoch: https://reproducible-builds.org/specs/source-date-epoch/.
    """
    return _EARLIEST if source_date_epoch is None else source_date_epoch
