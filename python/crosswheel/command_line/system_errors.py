"""What the system refuses where nothing better was to be said: told like any other error."""

from __future__ import annotations

import errno
import os

from crosswheel.values.errors import CrosswheelError, InputError, OutputError

__all__ = ["error_of_numbers", "error_of_system"]

#: What only writing can meet.
_WRITING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})


def error_of_system(error: OSError) -> CrosswheelError:
    """Return the error to tell of one that the system raised and nobody caught."""
    if _is_lost():
        return InputError(
            "find the working directory", why="it was removed", fix="change to a folder that is there"
        )
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else None
    why = (error.strerror or str(error) or type(error).__name__).lower()
    if error.errno in _WRITING:
        return OutputError("write file", name, why=why, fix="make room, or name a folder you can write to")
    return InputError("use file", name, why=why, fix="name one that is there and that you may use")


def error_of_numbers(error: ValueError) -> CrosswheelError | None:
    """Return the error to tell of a number with more digits than Python reads; ``None`` of any other fault.

    It may stand wherever a file has a version or a number (https://docs.python.org/3/library/stdtypes.html#int-max-str-digits).
    """
    if "set_int_max_str_digits" not in str(error):
        return None
    return InputError(
        "read a number",
        why="a file that was given, or a name in it, has one of thousands of digits",
        fix="look for it; no version or size is so long",
    )


def _is_lost() -> bool:
    try:
        os.getcwd()  # noqa: PTH109
    except OSError:
        return True
    return False
