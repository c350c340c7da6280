"""Output files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crosswheel.act.storage.made_folders import folders_of_output, refuse_unwritable
from crosswheel.act.storage.mount_points import is_mount_point
from crosswheel.values.errors import OutputError

__all__ = [
    "is_stream",
    "read_earlier_output",
    "refuse_no_file",
    "refuse_other_file",
    "replaced_file",
    "write_output_file",
]


def write_output_file(destination: Path, data: bytes) -> None:
    """Write `data` to `destination`: a reader sees the old file or the new one, never a part.

    A link is followed. What is no file (a pipe, a terminal, ``/dev/stdout``) is written into, not replaced.

    Raises:
        OutputError: the file cannot be written.
    """
    try:
        if is_stream(destination):
            with destination.open("wb") as stream:
                stream.write(data)
            return
    except OSError as error:
        raise _unwritable(destination, error) from None
    with replaced_file(destination) as fresh:
        fresh.write_bytes(data)


@contextmanager
def replaced_file(destination: Path, *, mode: int | None = None) -> Iterator[Path]:
    """Give an empty file that takes the place of `destination` when the block ends without an error.

    A link is followed. The block may write to nothing else: any error of the file system in it is told as this file's.

    Args:
        destination: the file.
        mode: its permission bits, whatever the umask; ``None`` for what the umask leaves of 0666.

    Raises:
        OutputError: the file cannot be written, or what stands there is no file: a device, a pipe, a socket.
    """
    if is_stream(destination):
        raise OutputError(
            "write file",
            str(destination),
            why="what stands there is a device, a pipe or a socket",
            fix="name a file",
        )
    try:
        place = Path(os.path.realpath(destination))
        with folders_of_output(place.parent), _file_beside(place) as temporary:
            yield temporary
            temporary.chmod(0o666 & ~_umask() if mode is None else mode)
            temporary.replace(place)
    except OSError as error:
        raise _unwritable(destination, error) from None


@contextmanager
def _file_beside(place: Path) -> Iterator[Path]:
    descriptor, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


def _unwritable(destination: Path, error: OSError) -> OutputError:
    if error.errno == errno.EBUSY and is_mount_point(Path(os.path.realpath(destination))):
        return _mounted(destination)
    return OutputError(
        "write file",
        str(destination),
        why=(error.strerror or str(error)).lower(),
        fix="name a file in a folder you can write to",
    )


def _mounted(destination: Path) -> OutputError:
    why = "it is a mount point, which no other file can take the place of"
    return OutputError("write file", str(destination), why=why, fix="mount its folder, or name another file")


def read_earlier_output(path: Path) -> bytes | None:
    """Return what an earlier run wrote to `path`; ``None`` if nothing is there, or no file that was written once.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return None if is_stream(path) else path.read_bytes()
    except FileNotFoundError:
        return None


def refuse_no_file(destination: Path) -> None:
    """Refuse a place where no file can be written, as far as it is known before; whoever works long for it asks then.

    Raises:
        OutputError: a folder or a mount point is there, or no folder can be made in its place that the file would be in.
    """
    if is_stream(destination):
        return
    try:
        place = Path(os.path.realpath(destination))
        if place.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        refuse_unwritable(place.parent)
    except OSError as error:
        raise _unwritable(destination, error) from None
    if is_mount_point(place):
        raise _mounted(destination)


def refuse_other_file(path: Path, *, thing: str, other_key: str) -> None:
    """Refuse to replace a file that is none of ours, such as the lock itself, and a place where none can be.

    Asked before the work whose result goes there. A file that is there may stay as it is, and so its folder is not looked at.

    Args:
        path: where a JSON document of ours is going to be written; an earlier one, a damaged one too, may stand there.
        thing: what it is.
        other_key: a key at the top that only another document of ours has.

    Raises:
        OutputError: something else stands there, or no file can be written.
    """
    if not path.is_file():
        refuse_no_file(path)
    try:
        there = read_earlier_output(path) or b""
    except OSError:
        return  # the writing says why
    is_other = not there.lstrip().startswith(b"{") or f'\n  "{other_key}": '.encode() in there
    if there.strip() and is_other:
        raise OutputError(
            f"write {thing}",
            str(path),
            why=f"a file that is no {thing} stands there",
            fix="name another file with -o, or remove that one",
        )


def is_stream(path: Path) -> bool:
    """Tell whether `path` leads to something that is written to in passing, such as another program's input."""
    # /dev/stdout may lead to a file; replacing that would write to nobody, for the shell holds the old one open.
    if path.absolute().parts[1:2] in {("dev",), ("proc",)} and path.absolute().parts[2:3] != ("shm",):
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
