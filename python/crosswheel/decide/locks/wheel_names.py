"""What a file name of a lock says: build number and tags of a wheel, suffix of an sdist (PEP 427, 425, 625, 825).

Knows nothing of targets; names were validated by `packaging` when the lock was read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

__all__ = ["LEGACY_SDIST_SUFFIXES", "TagSet", "WheelName", "is_sdist_name", "variant_label", "wheel_name"]

SDIST_SUFFIXES = (".tar.gz", ".zip")
"""Suffixes of PEP 625 and of the sdists before it that `packaging` knows."""

LEGACY_SDIST_SUFFIXES = (".tar.bz2", ".tar.xz", ".tgz", ".tbz", ".txz")
"""Suffixes that indexes still serve; they unpack as well, only the name is old."""

_BUILD_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True, slots=True)
class TagSet:
    """A compressed tag set, taken apart but not multiplied out.

    Attributes:
        interpreters: e.g. ``("py2", "py3")``.
        abis: e.g. ``("abi3",)``.
        platforms: e.g. ``("manylinux_2_17_aarch64", "manylinux2014_aarch64")``.
    """

    interpreters: tuple[str, ...]
    abis: tuple[str, ...]
    platforms: tuple[str, ...]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every interpreter with every ABI."""
        return tuple((interpreter, abi) for interpreter in self.interpreters for abi in self.abis)


@dataclass(frozen=True, kw_only=True, slots=True)
class WheelName:
    """The parts of a wheel's file name that a choice depends on.

    Attributes:
        build: build number and its suffix; ``(-1, "")`` when there is none, which sorts first.
        tags: the compressed tag set.
    """

    build: tuple[int, str]
    tags: TagSet


@cache
def _tag_set(text: str) -> TagSet:
    interpreters, abis, platforms = text.lower().split("-")
    return TagSet(
        interpreters=tuple(interpreters.split(".")),
        abis=tuple(abis.split(".")),
        platforms=tuple(platforms.split(".")),
    )


@cache
def wheel_name(filename: str) -> WheelName:
    """Take a validated wheel file name apart, without making one object per tag.

    >>> wheel_name("a-1-2b-py2.py3-none-any.whl").build
    (2, 'b')
    >>> wheel_name("a-1-py2.py3-none-any.whl").tags.interpreters
    ('py2', 'py3')
    """
    parts = filename.removesuffix(".whl").split("-")
    build = (-1, "")
    if len(parts) == 6:
        number = _BUILD_NUMBER.match(parts[2])
        if number is not None:
            build = (int(number[0]), parts[2][number.end() :])
    return WheelName(build=build, tags=_tag_set("-".join(parts[-3:])))


def variant_label(filename: str) -> str | None:
    """Return the variant label of a wheel file name, the field that PEP 825 adds at its end.

    >>> variant_label("torch-2.9-cp312-cp312-linux_x86_64-cu126.whl")
    'cu126'
    >>> variant_label("torch-2.9-1-cp312-cp312-linux_x86_64.whl") is None
    True
    """
    parts = filename.removesuffix(".whl").split("-")
    # The third field is a build number exactly when it starts with a digit (PEP 427); no Python tag does.
    fields = len(parts) - 1 if len(parts) > 2 and parts[2][:1].isdigit() else len(parts)
    return parts[-1] if fields == 6 else None


def is_sdist_name(filename: str) -> bool:
    """Tell whether a file name ends as an sdist's does, legacy suffixes included."""
    return filename.endswith(SDIST_SUFFIXES + LEGACY_SDIST_SUFFIXES)
