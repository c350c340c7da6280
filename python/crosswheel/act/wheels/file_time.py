"""The one time that all files have, and that images are made at unless the user says when."""

from __future__ import annotations

__all__ = ["FILE_TIME", "file_time"]

#: 1980-01-01, the earliest time a zip file can hold; of all files of layers, whatever the user sets: a layer stays
#: the same in all releases whose wheels are.
FILE_TIME = 315_532_800


def file_time(source_date_epoch: int | None) -> int:
    """Return the time of an installed tree or of an image, seconds since 1970: what the user set, else 1980-01-01.

    Args:
        source_date_epoch: https://reproducible-builds.org/specs/source-date-epoch/.
    """
    return FILE_TIME if source_date_epoch is None else source_date_epoch
