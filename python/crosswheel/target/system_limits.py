"""Limits of a target's system that build code asks `os.sysconf` for, as far as they are the same on every machine."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crosswheel.values.platforms import Arch, Linux, MacOs, Platform

__all__ = ["known_sysconf", "page_size"]

#: Of macOS: sys/syslimits.h and `sysconf` of its C library
#: (https://github.com/apple-oss-distributions/Libc/blob/main/gen/FreeBSD/sysconf.c).
_MACOS = MappingProxyType(
    {
        "SC_ARG_MAX": 1024 * 1024,
        "SC_CLK_TCK": 100,
        "SC_IOV_MAX": 1024,
        "SC_LINE_MAX": 2048,
        "SC_NGROUPS_MAX": 16,
        "SC_SEM_VALUE_MAX": 32767,
    }
)


def page_size(platform: Platform) -> int:
    """Return the size of a page of memory in bytes; of Linux on AArch64, whose kernels differ, the usual one.

    >>> page_size(Platform(os=MacOs(major=11, minor=0), arch=Arch.AARCH64))
    16384
    """
    match platform.os, platform.arch:
        case MacOs(), Arch.AARCH64:
            return 16 * 1024
        case Linux(), Arch.PPC64LE:
            return 64 * 1024
        case _:
            return 4096


def known_sysconf(platform: Platform) -> Mapping[str, int] | None:
    """Return what is known of the answers of `os.sysconf`; ``None`` where they are those of any Linux."""
    match platform.os:
        case Linux():
            return None
        case MacOs():
            return _MACOS
        case _:
            return {}
