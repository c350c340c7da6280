"""How this process hands memory back to the system: at once, where large blocks were."""

from __future__ import annotations

import sys

__all__ = ["return_large_blocks"]

#: ``mallopt``'s number of the size from which on a block is a mapping of its own (malloc.h of glibc).
_M_MMAP_THRESHOLD = -3
_LARGE = 1 << 20


def return_large_blocks() -> None:
    """Have every large block go back to the system when it is freed.

    glibc raises the size from which on it does that whenever such a block is freed, up to 32 MiB. Wheels are checked and
    layers written in blocks of a few megabytes by several threads: what each of them once had would stay, as much again as the
    whole work needs. musl's and other systems' allocators do it so anyway.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
