"""Processes whose memory lies at the same addresses each time, so that what build code orders by ``id()`` has one order.

Cython writes some functions in the order of a set of objects: cassandra-driver 3.30 has two orders, by chance. Nix starts
its builders in the same way.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["fixed_addresses"]

#: https://man7.org/linux/man-pages/man2/personality.2.html
_NOT_RANDOM = 0x0040000
_ASK = 0xFFFFFFFF


@contextmanager
def fixed_addresses() -> Iterator[None]:
    """Have the processes that this thread starts meanwhile, and theirs, begin with addresses that are not random.

    Nothing changes where the system is not Linux, or forbids it, as the default filter of Docker does.
    """
    if sys.platform != "linux":
        yield
        return
    import ctypes  # only builds need it

    personality = ctypes.CDLL(None).personality
    personality.argtypes = [ctypes.c_ulong]
    before = personality(_ASK)
    personality(before | _NOT_RANDOM)
    try:
        yield
    finally:
        personality(before)
