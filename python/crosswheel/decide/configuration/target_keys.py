"""Keys of tables of the configuration that are about targets: spellings, and globs over target ids."""

from __future__ import annotations

from fnmatch import fnmatchcase

from crosswheel.target.spellings import parse_target
from crosswheel.target.targets import Target

__all__ = ["is_glob", "matches_target"]

_GLOB_CHARACTERS = "*?["


def is_glob(key: str) -> bool:
    """Tell whether a key is a glob over target ids, and no spelling."""
    return any(character in key for character in _GLOB_CHARACTERS)


def matches_target(key: str, target: Target) -> bool:
    """Tell whether a key of a ``targets`` table is about a target.

    A key with ``*``, ``?`` or ``[`` is a glob over the target's id; any other is a spelling and means exactly
    what it means after ``--target``, with the target's own Python where it says none.

    Raises:
        InputError: the key is neither a glob nor a spelling.

    >>> from crosswheel.target.targets import parse_target_id
    >>> matches_target("*-linux_aarch64_*", parse_target_id("cp312-linux_aarch64_glibc_2_17"))
    True
    >>> matches_target("linux_arm64", parse_target_id("cp312-linux_aarch64_glibc_2_17"))
    False
    """
    if is_glob(key):
        return fnmatchcase(target.id, key)
    return parse_target(key, python=target.python).target == target
