"""Locks that were made for the machine they were made on: what other platforms need is missing, and nothing in them says so."""

from __future__ import annotations

from collections.abc import Iterable

from .platform_tags import read_platform_tag
from .wheel_names import wheel_name

__all__ = ["LOCK_FOR_ALL", "only_platform"]

#: What to do about it.
LOCK_FOR_ALL = "lock for all platforms (`uv pip compile --universal`)"


def only_platform(filenames: Iterable[str]) -> str:
    """Return the one platform of all wheels that are not for any, in words; empty for several platforms, and for none.

    >>> only_platform(["a-1-py3-none-any.whl", "b-1-cp311-cp311-manylinux_2_17_x86_64.whl"])
    'Linux on x86_64'
    """
    found = {tag for filename in filenames for tag in wheel_name(filename).tags.platforms}
    read = [one for one in map(read_platform_tag, found) if one is not None]
    platforms = {f"{one.system} on {one.arch_text}" for one in read}
    return platforms.pop() if len(platforms) == 1 else ""
