"""What the machine refuses, whatever is being read or written: told as such, and blamed on no archive."""

from __future__ import annotations

import errno

__all__ = ["is_of_machine"]

_NUMBERS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO})


def is_of_machine(error: BaseException) -> bool:
    """Tell whether an error is the machine's own.

    >>> is_of_machine(OSError(errno.ENOSPC, "No space left on device")), is_of_machine(OSError("not a gzip file"))
    (True, False)
    """
    return isinstance(error, OSError) and error.errno in _NUMBERS
