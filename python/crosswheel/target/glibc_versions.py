"""What a glibc has only from some version on, where a newer one's headers would say otherwise."""

from __future__ import annotations

from crosswheel.values.platforms import Arch, Glibc, Linux, Platform

__all__ = ["WIDE_TIME", "has_narrow_time", "has_old_long_double"]

#: The glibc that brought the functions with a 64-bit `time_t` to 32-bit architectures.
#: https://sourceware.org/glibc/wiki/Release/2.34
WIDE_TIME = Glibc(major=2, minor=34)


def has_old_long_double(platform: Platform) -> bool:
    """Return whether the platform's glibc has IBM's `long double` only, where zig would take the IEEE one.

    https://sourceware.org/glibc/wiki/Release/2.32
    """
    return platform.arch is Arch.PPC64LE and _is_older(platform, Glibc(major=2, minor=32))


def has_narrow_time(platform: Platform) -> bool:
    """Return whether the platform's glibc has a `time_t` of 32 bits only, whatever ``_TIME_BITS`` is.

    >>> has_narrow_time(Platform(os=Linux(libc=Glibc(major=2, minor=28)), arch=Arch.ARMV7L))
    True
    """
    return platform.arch.pointer_width == 32 and _is_older(platform, WIDE_TIME)


def _is_older(platform: Platform, version: Glibc) -> bool:
    libc = platform.os.libc if isinstance(platform.os, Linux) else None
    return isinstance(libc, Glibc) and libc < version
