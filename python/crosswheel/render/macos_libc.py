"""The libSystem that code for macOS is linked against: what a release of macOS has of it.

Mach-O's symbols have no versions, so a link against the list that zig brings, of the newest macOS, finds what the target's lacks.
Without the newer names a link, and every configure script that tries one, sees the target's macOS.
"""

from __future__ import annotations

import re

from crosswheel.target.macos_symbols import macos_symbol_release

__all__ = ["system_stub"]

#: What zig's own C++ library refers to, weakly, whatever the target: without it no C++ program links for macOS before 10.15.
_OF_CXX_LIBRARY = frozenset({"aligned_alloc"})

_SYMBOLS = re.compile(r"(?P<before>\bsymbols: +\[)(?P<names>[^\]]*)\]")


def system_stub(text: str, version: tuple[int, int]) -> str:
    r"""Return zig's list of libSystem's symbols without those that are newer than macOS `version`.

    Args:
        text: zig's ``lib/libc/darwin/libSystem.tbd``.
        version: the deployment target, e.g. ``(11, 0)``.

    >>> system_stub("    symbols:   [ _pipe, _pipe2, '_openat$NOCANCEL' ]\n", (11, 0))
    "    symbols:   [ _pipe, '_openat$NOCANCEL' ]\n"
    """

    def narrowed(match: re.Match[str]) -> str:
        names = match["names"].split(",")
        kept = [name for name in names if not _is_newer(name.strip(" \n'"), version)]
        return match[0] if len(kept) == len(names) else f"{match['before']}{','.join(kept).rstrip()} ]"

    return _SYMBOLS.sub(narrowed, text)


def _is_newer(name: str, version: tuple[int, int]) -> bool:
    symbol = name.removeprefix("_")
    return name != symbol and symbol not in _OF_CXX_LIBRARY and macos_symbol_release(symbol) > version
