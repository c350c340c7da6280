"""The interpreter that the programs of wheels start with on the target."""

from __future__ import annotations

from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Windows

__all__ = ["default_interpreter", "program_interpreter"]


def default_interpreter(target: Target) -> str:
    """Return what programs start with unless the user says: ``pythonX.Y`` found on the target's PATH."""
    flag = "t" if target.python.free_threaded else ""
    return f"/usr/bin/env python{target.python.version}{flag}"


def program_interpreter(text: str | None, target: Target) -> str:
    """Return `text` if a program that starts with ``#!`` and it would run wherever it is called from.

    Args:
        text: a path on the target; ``None`` for `default_interpreter`.
        target: where the programs will run.

    Raises:
        InputError: it would not.
    """
    if text is None:
        return default_interpreter(target)
    posix = not isinstance(target.platform.os, Windows)
    if (posix and not text.startswith("/")) or not text.strip() or "\n" in text:
        raise InputError(
            "start programs with interpreter",
            text,
            why="it is not an absolute path",
            fix=f"give its path on the target, for example /usr/bin/python{target.python.version}",
        )
    return text
