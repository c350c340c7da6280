"""Output folders that appear whole or not at all, and never in place of something that is not ours."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from crosswheel.act.storage.file_locks import owned_directory, remove_tree, sweep_abandoned
from crosswheel.act.storage.made_folders import folders_of_output
from crosswheel.values.errors import OutputError

__all__ = ["folder_in_place", "refuse_other_output", "replaced_directory", "set_plain_modes"]

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
#: How names of archives end, of which users may think that they get one.
_ARCHIVES = frozenset({".gz", ".tar", ".tgz", ".zip", ".zst"})


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
    refuse_other_output(destination, marker=marker, thing=thing, is_ours=is_ours)
    try:
        with folders_of_output(destination.parent), _owned_sibling(destination) as fresh:
            yield fresh
            fresh.chmod(0o755)
            refuse_other_output(
                destination, marker=marker, thing=thing, is_ours=is_ours
            )  # it may have come meanwhile
            _put_in_place(fresh, destination)
    except OSError as error:
        raise _unwritable(destination, thing, error) from None


def _owned_sibling(destination: Path) -> AbstractContextManager[Path]:
    """Give a folder beside `destination`; what is at its path afterwards, what was replaced or not finished, is removed."""
    prefix = f".{destination.name}.crosswheel-"
    sweep_abandoned(destination.parent, prefix)
    return owned_directory(destination.parent, prefix)


@contextmanager
def folder_in_place(destination: Path) -> Iterator[None]:
    """Let the block fill the folder `destination`, for what cannot be moved once it is written.

    What is there meanwhile stands aside; when the block ends with an error or an interrupt, it is there again as it was.

    Raises:
        OutputError: the folder cannot be written.
    """
    destination = Path(os.path.realpath(destination))
    try:
        with folders_of_output(destination.parent), _owned_sibling(destination) as aside:
            before = aside / "before"
            # An empty folder stays the same one: it may be a mount, or where the user's shell is.
            empty = destination.is_dir() and not any(destination.iterdir())
            if not empty and os.path.lexists(destination):
                destination.rename(before)
            try:
                destination.mkdir(exist_ok=empty)
                yield
            except BaseException:
                for entry in [*destination.iterdir()] if empty else [destination]:
                    remove_tree(entry)
                if os.path.lexists(before):
                    before.rename(destination)
                raise
    except OSError as error:
        raise _unwritable(destination, "folder", error) from None


def set_plain_modes(folder: Path) -> None:
    """Make all below a folder that was just written readable by everybody, whatever the umask is.

    What is made to be handed on has the same modes for everybody: a server or another user's build is to read it.
    """
    for root, folders, files in os.walk(folder):
        for name in folders:
            Path(root, name).chmod(0o755)
        for name in files:
            Path(root, name).chmod(0o644)


def refuse_other_output(
    destination: Path, *, marker: str, thing: str, is_ours: Callable[[Path], bool] = Path.is_file
) -> None:
    """Refuse what `replaced_directory` would, for which this is called before the work whose result goes there.

    Args:
        destination: see `replaced_directory`.
        marker: likewise.
        thing: likewise.
        is_ours: likewise.

    Raises:
        OutputError: something else is there, or the name is one of an archive.
    """
    destination = Path(os.path.realpath(destination))
    if is_ours(destination / marker):
        return
    if not os.path.lexists(destination):
        if destination.suffix.lower() in _ARCHIVES:
            why = f"it is a folder, and {destination.suffix} is how an archive's name ends"
            fix = (
                "name a folder, and make an archive of it afterwards, e.g. with `tar -C FOLDER -cf ARCHIVE .`"
            )
            raise OutputError(f"write {thing}", str(destination), why=why, fix=fix)
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
            with owned_directory(fresh.parent, f".{destination.name}.crosswheel-") as aside:
                destination.rename(aside)
                fresh.rename(destination)


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
