"""Folders made on the way to an output, which a failure takes back: whoever made nothing leaves nothing."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["folders_of_output", "make_folders", "refuse_unwritable", "remove_made"]


@contextmanager
def folders_of_output(folder: Path) -> Iterator[None]:
    """Make `folder` and those above it; when the block ends with an error or an interrupt, remove those made here.

    Raises:
        OSError: one cannot be made; none stays then.
    """
    made = make_folders(folder)
    try:
        yield
    except BaseException:
        remove_made(made)
        raise


def make_folders(folder: Path) -> tuple[Path, ...]:
    """Make `folder` and those above it as far as they are missing; return those that were made here, the outermost first.

    Raises:
        OSError: one cannot be made; none stays then.
    """
    missing = [folder]
    while not missing[-1].exists() and missing[-1] != missing[-1].parent:
        missing.append(missing[-1].parent)
    made: list[Path] = []
    try:
        for place in reversed(missing):
            try:
                place.mkdir()
            except FileExistsError:  # there already, or another process was faster: then it is that one's
                if not place.is_dir():
                    raise
            else:
                made.append(place)
    except BaseException:
        remove_made(made)
        raise
    return tuple(made)


def refuse_unwritable(folder: Path) -> None:
    """Tell what would keep anybody from making something in `folder`, as far as it is known before: nothing is made.

    Args:
        folder: may be missing, with folders above it.

    Raises:
        OSError: what is there in its place is no folder, or nothing can be made in it.
    """
    nearest = folder
    while not os.path.lexists(nearest) and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def remove_made(made: Sequence[Path]) -> None:
    """Remove folders that `make_folders` made, the innermost first; one that has got something in it stays."""
    for place in reversed(made):
        with suppress(OSError):
            place.rmdir()
