"""Output folders that appear whole or not at all, and never in place of something that is not ours."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.storage.file_locks import owned_directory, remove_tree, sweep_abandoned
from crosswheel.act.storage.made_folders import folders_of_output, refuse_unwritable
from crosswheel.act.storage.mount_points import is_mount_point, mount_below
from crosswheel.values.errors import OutputError

__all__ = ["OutputKind", "folder_in_place", "refuse_lost_inputs", "refuse_no_folder", "set_plain_modes"]

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
#: How names of archives end, of which users may think that they get one.
_ARCHIVES = frozenset({".gz", ".tar", ".tgz", ".zip", ".zst"})


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputKind:
    """A kind of folder that we write, and how an earlier one is told from what is not ours to replace.

    Attributes:
        thing: what it is, for messages, e.g. ``"tree"``.
        marker: name of the file that says a folder is one of ours.
        is_ours: tells of the file `marker`, which may be missing, whether it is one of ours; for a name that others
            use, too.
    """

    thing: str
    marker: str
    is_ours: Callable[[Path], bool] = Path.is_file

    def refuse_other(self, destination: Path, *, inputs: Iterable[Path] = ()) -> None:
        """Refuse what `replaced` would; whoever works long for what goes there asks before.

        Args:
            destination: the output; may be missing, empty, or an earlier output of ours.
            inputs: as for `refuse_lost_inputs`.

        Raises:
            OutputError: something else is there, the name is one of an archive, no folder can be made there, or the folder that is
                there has to stay: a mount point, or one that the working directory or an input is in.
        """
        destination = Path(os.path.realpath(destination))
        _refuse_staying(destination, self.thing)
        self._refuse_content(destination)
        refuse_no_folder(destination, thing=self.thing)
        refuse_lost_inputs(destination, inputs, thing=self.thing)

    @contextmanager
    def replaced(self, destination: Path) -> Iterator[Path]:
        """Give an empty folder that takes the place of `destination` when the block ends without an error.

        Args:
            destination: as for `refuse_other`.

        Raises:
            OutputError: something else is there, or the folder cannot be written.
        """
        destination = Path(os.path.realpath(destination))
        self.refuse_other(destination)
        try:
            with folders_of_output(destination.parent), _owned_sibling(destination) as fresh:
                yield fresh
                fresh.chmod(0o755)
                self._refuse_content(destination)  # it may have come meanwhile
                _put_in_place(fresh, destination, self.marker)
        except OSError as error:
            raise _unwritable(destination, self.thing, error) from None

    def _refuse_content(self, destination: Path) -> None:
        if self.is_ours(destination / self.marker):
            return
        if not os.path.lexists(destination):
            if destination.suffix.lower() in _ARCHIVES:
                why = f"it is a folder, and {destination.suffix} is how an archive's name ends"
                fix = "name a folder, and make an archive of it afterwards, e.g. with `tar -C FOLDER -cf ARCHIVE .`"
                raise OutputError(f"write {self.thing}", str(destination), why=why, fix=fix)
            return
        if (destination / self.marker).is_file():
            why = f"its {self.marker} is not one that crosswheel wrote"
        elif destination.is_dir():
            if _is_empty(destination):
                return
            why = f"the folder holds something else (it has no {self.marker})"
        else:
            why = "a file is there"
        fix = "remove it or choose another folder"
        raise OutputError(f"write {self.thing}", str(destination), why=why, fix=fix)


def refuse_lost_inputs(destination: Path, inputs: Iterable[Path], *, thing: str) -> None:
    """Refuse a folder that holds what its successor is made from: whoever replaces an earlier output removes all that is in it.

    Args:
        destination: the output.
        inputs: files and folders of the user's that it is made from.
        thing: what it is, for messages.

    Raises:
        OutputError: an input, or the link that it is named by, is `destination` or lies in it.
    """
    folder = Path(os.path.realpath(destination))
    for one in inputs if os.path.lexists(folder) else ():
        link = Path(os.path.realpath(one.parent), one.name)
        if Path(os.path.realpath(one)).is_relative_to(folder) or (
            link.is_symlink() and link.is_relative_to(folder)
        ):
            why = f"{one}, which it is made from, lies in it and would be lost"
            raise OutputError(
                f"write {thing}", str(folder), why=why, fix="move that out of it, or name another folder"
            )


def refuse_no_folder(destination: Path, *, thing: str = "folder") -> None:
    """Refuse a place where no folder can be made, as far as it is known before; whoever works long for it asks then.

    Args:
        destination: the folder; whose what it holds is, is not looked at.
        thing: what it is, for messages.

    Raises:
        OutputError: what is above it is no folder, nothing can be made there, or what it holds cannot be set aside with it.
    """
    destination = Path(os.path.realpath(destination))
    try:
        if not _is_empty(destination):
            _refuse_staying(destination, thing)
        refuse_unwritable(destination.parent)
    except OSError as error:
        raise _unwritable(destination, thing, error) from None


def _refuse_staying(destination: Path, thing: str) -> None:
    """Refuse a folder that another cannot take the place of, or that somebody would go on working in where nobody looks."""
    if not destination.is_dir():
        return
    if is_mount_point(destination):
        why = "it is a mount point, which no other folder can take the place of"
        example = destination / thing.rpartition(" ")[2]
        raise OutputError(
            f"write {thing}", str(destination), why=why, fix=f"name a folder in it, e.g. {example}"
        )
    try:
        here = Path.cwd()
    except OSError:  # it was removed
        here = None
    if here is not None and here.is_relative_to(destination):
        is_it = "it is the working directory" if here == destination else "the working directory is in it"
        why = f"{is_it}, and another folder would take its place"
        fix = "work in another folder, or name another"
        raise OutputError(f"write {thing}", str(destination), why=why, fix=fix)
    inner = mount_below(destination)
    if inner is not None:
        why = f"{inner} in it is a mount point, and what is mounted there would be removed with it"
        fix = "unmount that, or name another folder"
        raise OutputError(f"write {thing}", str(destination), why=why, fix=fix)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


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
            empty = _is_empty(destination)
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


def _put_in_place(fresh: Path, destination: Path, marker: str) -> None:
    try:
        fresh.rename(destination)  # POSIX: also over an empty folder
    except OSError:
        if not destination.is_dir():
            raise
        if _exchange(fresh, destination):
            return
        with owned_directory(fresh.parent, f".{destination.name}.crosswheel-") as aside:
            try:
                destination.rename(aside)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                # In a container, a folder of its image cannot be renamed, only removed: what says that it is whole, first.
                # https://docs.kernel.org/filesystems/overlayfs.html#renaming-directories
                (destination / marker).unlink(missing_ok=True)
                remove_tree(destination)
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
