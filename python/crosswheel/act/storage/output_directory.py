"""Output folders that appear whole or not at all, and never in place of something that is not ours."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crosswheel.act.storage.file_locks import new_owned_directory, remove_tree, sweep_abandoned
from crosswheel.values.errors import OutputError

__all__ = ["replaced_directory", "set_plain_modes"]

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def replaced_directory(
    destination: Path, *, marker: str, thing: str, is_ours: Callable[[Path], bool] = Path.is_file
) -> Iterator[Path]:
    """Give an empty folder that takes the place of `destination` when the block ends without an error.

    Args:
        destination: the output; may be missing, empty, or an earlier output of ours.
        marker: name of the file that says an output is ours.
        thing: what it is, for messages, e.g. ``"tree"``.
        is_ours: tells of the file `marker`, which may be missing, whether it is one of ours; for a name that others
            use, too.

    Raises:
        OutputError: something else is there, or the folder cannot be written.
    """
    destination = Path(os.path.realpath(destination))
    _refuse_foreign(destination, marker, thing, is_ours)
    prefix = f".{destination.name}.crosswheel-"
    try:
        sweep_abandoned(destination.parent, prefix)
        fresh, descriptor = new_owned_directory(destination.parent, prefix)
    except OSError as error:
        raise _unwritable(destination, thing, error) from None
    try:
        try:
            yield fresh
            fresh.chmod(0o755)
            _refuse_foreign(destination, marker, thing, is_ours)  # it may have come meanwhile
            _put_in_place(fresh, destination)
        except OSError as error:
            raise _unwritable(destination, thing, error) from None
        finally:
            remove_tree(fresh)  # what was replaced, or what could not be finished
    finally:
        os.close(descriptor)


def set_plain_modes(folder: Path) -> None:
    """Make all below a folder that was just written readable by everybody, whatever the umask is.

    What is made to be handed on has the same modes for everybody: a server or another user's build is to read it.
    """
    for root, folders, files in os.walk(folder):
        for name in folders:
            Path(root, name).chmod(0o755)
        for name in files:
            Path(root, name).chmod(0o644)


def _refuse_foreign(destination: Path, marker: str, thing: str, is_ours: Callable[[Path], bool]) -> None:
    if not os.path.lexists(destination) or is_ours(destination / marker):
        return
    if (destination / marker).is_file():
        why = f"its {marker} is not one that crosswheel wrote"
    elif destination.is_dir():
        if not any(destination.iterdir()):
            return
        why = f"the folder holds something else (it has no {marker})"
    else:
        why = "a file is there"
    raise OutputError(f"write {thing}", str(destination), why=why, fix="remove it or choose another folder")


def _put_in_place(fresh: Path, destination: Path) -> None:
    try:
        fresh.rename(destination)  # POSIX: also over an empty folder
    except OSError:
        if not destination.is_dir():
            raise
        if not _exchange(fresh, destination):
            aside, descriptor = new_owned_directory(fresh.parent, f".{destination.name}.crosswheel-")
            try:
                destination.rename(aside)
                fresh.rename(destination)
            finally:
                remove_tree(aside)
                os.close(descriptor)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step where the system can (renameat2(2)); return whether it was done."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    return bool(rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)


def _unwritable(destination: Path, thing: str, error: OSError) -> OutputError:
    return OutputError(
        f"write {thing}",
        str(destination),
        why=(error.strerror or str(error)).lower(),
        fix="choose a folder that can be written",
    )
