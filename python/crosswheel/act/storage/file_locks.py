"""How one process at a time does a thing: flock(2) locks, which the kernel frees when their owner dies.

See https://man7.org/linux/man-pages/man2/flock.2.html. A lock belongs to an open file, so it keeps threads
of one process apart as well.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["exclusive", "new_owned_directory", "owned_directory", "remove_tree", "sweep_abandoned"]


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting for it; the file itself stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def new_owned_directory(parent: Path, prefix: str) -> tuple[Path, int]:
    """Make an empty directory that lives while the descriptor returned with it is open.

    The lock is on the directory itself, so nothing but the directory is left when the owner is killed.

    Raises:
        OSError: nothing can be made in `parent`.
    """
    while True:
        parent.mkdir(parents=True, exist_ok=True)
        path = parent / f"{prefix}{secrets.token_hex(8)}"
        try:
            path.mkdir()
        except FileExistsError:
            continue
        except FileNotFoundError:
            if parent.is_dir():  # such as /proc, where nothing can be made
                raise
            continue  # it was made by another run, which failed and took it back
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # swept meanwhile
            continue
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(descriptor).st_ino:
                return path, descriptor
        os.close(descriptor)  # a sweeper took it before it was locked


@contextmanager
def owned_directory(parent: Path, prefix: str) -> Iterator[Path]:
    """Give an empty directory under `parent` that is removed afterwards, whatever happens."""
    path, descriptor = new_owned_directory(parent, prefix)
    try:
        yield path
    finally:
        try:
            remove_tree(path)
        finally:
            os.close(descriptor)


def sweep_abandoned(parent: Path, prefix: str) -> int:
    """Remove the directories of `new_owned_directory` whose owner is dead; return how many."""
    swept = 0
    with suppress(FileNotFoundError), os.scandir(parent) as entries:
        for entry in entries:
            if entry.name.startswith(prefix) and entry.is_dir(follow_symlinks=False):
                swept += _remove_if_abandoned(Path(entry.path))
    return swept


def _remove_if_abandoned(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove_tree(path)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def remove_tree(path: Path) -> None:
    """Remove a directory or file, read-only folders in it too; nothing there is fine."""
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        if path.exists():  # another remover was at work inside
            remove_tree(path)
    except NotADirectoryError:
        path.unlink(missing_ok=True)
    except PermissionError:
        _make_removable(path)
        shutil.rmtree(path)


def _make_removable(path: Path) -> None:
    path.chmod(0o700)
    for folder, names, _ in os.walk(path):
        for name in names:
            inner = Path(folder, name)
            if not inner.is_symlink():
                inner.chmod(0o700)
