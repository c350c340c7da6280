"""Limits of a target's system that build code asks `os.sysconf` for, as far as they are the same on every machine."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crosswheel.values.platforms import Arch, Glibc, Linux, MacOs, Platform, Windows

__all__ = ["allocation_granularity", "known_sysconf", "page_size", "thread_info"]

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


def allocation_granularity(platform: Platform) -> int:
    """Return what the start of a mapping of memory is a multiple of, in bytes: of a page, but for Windows.

    https://devblogs.microsoft.com/oldnewthing/20031008-00/?p=42223

    >>> allocation_granularity(Platform(os=Windows(), arch=Arch.X86_64))
    65536
    """
    return 64 * 1024 if isinstance(platform.os, Windows) else page_size(platform)


def known_sysconf(platform: Platform) -> Mapping[str, int] | None:
    """Return what is known of the answers of `os.sysconf`; ``None`` where they are those of any Linux."""
    match platform.os:
        case Linux():
            return None
        case MacOs():
            return _MACOS
        case _:
            return {}


def thread_info(platform: Platform) -> tuple[str | None, str | None, str | None]:
    """Return the fields of `sys.thread_info`: who makes threads, how locks are made, and the version of the first.

    https://docs.python.org/3/library/sys.html#sys.thread_info
    """
    match platform.os:
        case Linux(libc=Glibc(major=major, minor=minor)):
            return "pthread", "semaphore", f"NPTL {major}.{minor}"
        case Windows():
            return "nt", None, None
        case MacOs():
            return "pthread", "mutex+cond", None
        case _:
            return "pthread", "semaphore", None
