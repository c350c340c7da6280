"""Which prebuilt wheel of the same release comes closest to what a build for a target should yield.

The verifier compares the built wheel with it: same extension modules, same files, same metadata.
"""

from __future__ import annotations

from collections.abc import Iterable

from crosswheel.decide.locks.locks import LockedFile
from crosswheel.decide.locks.wheel_names import wheel_name

from .nearest_miss import PlatformGap, PythonGap, miss_of
from .target_facts import TargetFacts

__all__ = ["oracle_of"]

# A wheel for another C library or architecture of the same system has the same contents; for another
# system only the names of the extension modules can be compared.
_CLOSENESS = {
    PlatformGap.FITS: 0,
    PlatformGap.VERSION: 1,
    PlatformGap.ARCH: 2,
    PlatformGap.LIBRARY: 3,
    PlatformGap.SYSTEM: 4,
}


def oracle_of(wheels: Iterable[LockedFile], facts: TargetFacts) -> LockedFile | None:
    """Return the wheel to compare a build with, ``None`` if none is for the target's Python and ABI.

    A wheel that fits the target comes first, by its rank; then the target's own libc, at a newer version or
    on another architecture; then the same system; then another system. Ties go to the better tags, then to
    the file name.
    """
    candidates = [(key, wheel) for wheel in wheels if (key := _closeness(wheel, facts)) is not None]
    return (
        min(candidates, key=lambda candidate: (candidate[0], candidate[1].filename))[1]
        if candidates
        else None
    )


def _closeness(wheel: LockedFile, facts: TargetFacts) -> tuple[int, int] | None:
    tags = wheel_name(wheel.filename).tags
    rank = facts.rank(tags)
    if rank is not None:
        return (_CLOSENESS[PlatformGap.FITS], rank)
    places = [facts.pairs[pair] for pair in tags.pairs if pair in facts.pairs]
    if not places:
        return None
    miss = miss_of(wheel, facts)
    if miss.python_gap is not PythonGap.FITS or miss.platform_gap is PlatformGap.FITS:
        return None
    return (_CLOSENESS[_gap_by_library(miss.platform_tag, miss.platform_gap, facts)], min(places))


def _gap_by_library(platform: str, gap: PlatformGap, facts: TargetFacts) -> PlatformGap:
    """Of two foreign architectures, the one with the target's own C library is the closer."""
    if gap is not PlatformGap.ARCH:
        return gap
    return (
        PlatformGap.ARCH
        if platform.partition("_")[0].rstrip("0123456789") in facts.asked
        else PlatformGap.LIBRARY
    )
