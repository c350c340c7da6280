"""Locks that were made for the machine they were made on: what other platforms need is missing, and nothing in them says so."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

from .platform_tags import read_platform_tag
from .wheel_names import wheel_name

__all__ = ["LOCK_FOR_ALL", "is_for_all", "only_platform"]

#: What to do about it.
LOCK_FOR_ALL = "lock for all platforms (`uv pip compile --universal`)"


def is_for_all(text: str) -> bool:
    r"""Return whether a lock's first lines say that uv made it for all platforms.

    What such a lock has wheels for one platform alone of has no others.

    >>> is_for_all("# by the following command:\n#    uv pip compile -q --universal a.in\n\nlock-version = '1.0'\n")
    True
    >>> is_for_all("#    uv export --format pylock.toml\n"), is_for_all("#    uv pip compile a.in\n# --universal\n")
    (True, False)
    """
    head = takewhile(lambda line: line.startswith("#"), text.splitlines())
    commands = [line.lstrip("# ").split() for line in head]
    return any(
        words[:2] == ["uv", "export"] or (words[:3] == ["uv", "pip", "compile"] and "--universal" in words)
        for words in commands
    )


def only_platform(filenames: Iterable[str]) -> str:
    """Return the one platform of all wheels that are not for any, in words; empty for several platforms, and for none.

    >>> only_platform(["a-1-py3-none-any.whl", "b-1-cp311-cp311-manylinux_2_17_x86_64.whl"])
    'Linux on x86_64'
    """
    found = {tag for filename in filenames for tag in wheel_name(filename).tags.platforms}
    read = [one for one in map(read_platform_tag, found) if one is not None]
    platforms = {f"{one.system} on {one.arch_text}" for one in read}
    return platforms.pop() if len(platforms) == 1 else ""
