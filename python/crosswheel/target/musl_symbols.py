"""Which musl release introduced a symbol: musl has no symbol versions, so this table stands in for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["musl_symbol_version", "newer_symbols"]

# Public symbols by the musl release that introduced them, from the headers of each tagged release.
_MUSL_SYMBOLS: Mapping[str, tuple[int, int, int]] = MappingProxyType(
    {
        symbol: version
        for version, symbols in {
            (1, 1, 15): "pthread_timedjoin_np pthread_tryjoin_np sched_getcpu",
            (1, 1, 16): "pthread_getattr_default_np pthread_setattr_default_np pthread_setname_np wcsftime_l",
            (1, 1, 19): "fopencookie",
            (1, 1, 20): "explicit_bzero getentropy getrandom memfd_create mlock2",
            (1, 1, 21): "name_to_handle_at open_by_handle_at",
            (1, 1, 22): "membarrier",
            (
                1,
                1,
                24,
            ): "copy_file_range posix_spawn_file_actions_addchdir_np posix_spawn_file_actions_addfchdir_np "
            "secure_getenv",
            (1, 2, 2): "_Fork gettid reallocarray tcgetwinsize tcsetwinsize",
            (1, 2, 3): "pthread_getname_np qsort_r",
            (1, 2, 5): "preadv2 pwritev2 renameat2 statx",
        }.items()
        for symbol in symbols.split()
    }
)
# 1.2.0 gave 32-bit architectures 64-bit time under new names.
_MUSL_TIME64 = re.compile(r"__\w*time64(?:_r)?")


def musl_symbol_version(symbol: str) -> tuple[int, int, int]:
    """Return the musl release that introduced `symbol`; ``(0, 0, 0)`` for one older than the table."""
    known = _MUSL_SYMBOLS.get(symbol)
    if known is not None:
        return known
    return (1, 2, 0) if _MUSL_TIME64.fullmatch(symbol) else (0, 0, 0)


def newer_symbols(version: tuple[int, int]) -> list[str]:
    """Return the table's symbols that the first release of musl `version` lacks, sorted.

    >>> newer_symbols((1, 2))[:2]
    ['_Fork', 'gettid']
    """
    return sorted(symbol for symbol, since in _MUSL_SYMBOLS.items() if since > (*version, 0))
