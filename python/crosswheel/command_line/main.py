"""The ``crosswheel`` command: an interrupt ends it quietly from its first moment on, before what it needs is loaded."""

from __future__ import annotations

#: As of `typing`, which alone takes longer to load than this module: type checkers take any name like this for true.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType
    from typing import NoReturn

__all__ = ["main"]

#: Exit code after an interrupt, and what is said then, as of `exit_codes`.
_INTERRUPTED = 130
_SAID = b"interrupted\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand.

    Args:
        arguments: the command line without the program's name; ``None`` for this process's.

    Returns:
        The exit code, as of `crosswheel.command_line.exit_codes.exit_code_of`.
    """
    try:
        return _loaded()(arguments)
    except KeyboardInterrupt:  # between loading and running, or a second one while the first is told
        _say()
        return _INTERRUPTED


def _loaded() -> Callable[[Sequence[str] | None], int]:
    """Load the command.

    An interrupt meanwhile ends the process where it stands: nothing has begun, and an exception would be lost or told as a
    traceback wherever the import machinery happens to be.
    """
    import signal

    taken = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    try:
        if taken:
            signal.signal(signal.SIGINT, _leave)
    except ValueError:
        taken = False  # another thread than the main one, which gets no signals
    try:
        from crosswheel.command_line.commands import run_command
    finally:
        if taken:
            signal.signal(signal.SIGINT, signal.default_int_handler)
    return run_command


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    import os

    _say()
    os._exit(_INTERRUPTED)


def _say() -> None:
    import os

    try:
        os.write(2, _SAID)
    except OSError:  # there is nobody to be told; no more than this module is loaded for certain
        return
