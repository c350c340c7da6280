"""How one file of the store is looked at and finished: its digest, its size, its names, its permissions.

Knows nothing of the store's layout but what one artifact's folder holds.
"""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path

from crosswheel.values.digests import Digest
from crosswheel.values.errors import StoreError

__all__ = [
    "UnexpectedContentError",
    "digest_of_file",
    "flush",
    "has_size",
    "is_sound",
    "link_as",
    "take_write_permission",
    "touch",
]

_DAY = 86_400


class UnexpectedContentError(StoreError):
    """A file that is to be stored has another content than was promised."""


def digest_of_file(path: Path) -> Digest:
    """Return the digest of the bytes of `path`."""
    with path.open("rb") as stream:
        return Digest(hashlib.file_digest(stream, "sha256").hexdigest())


def is_sound(folder: Path) -> bool:
    """Whether an artifact's folder holds what its name says and nothing else; reads every byte."""
    sizes = list(folder.iterdir())
    if len(sizes) != 1 or not sizes[0].name.isdecimal():
        return False
    files = list(sizes[0].iterdir())
    return bool(files) and all(
        has_size(file, int(sizes[0].name)) and digest_of_file(file).hex == folder.name for file in files
    )


def has_size(path: Path, size: int) -> bool:
    """Whether there is a file of this size."""
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def touch(path: Path) -> None:
    """Note the use of an entry, at most once a day: `prune` goes by it."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > _DAY:
            os.utime(path)


def link_as(path: Path, wanted: Path) -> Path:
    """Give a file another name."""
    with suppress(FileExistsError):
        os.link(path, wanted)
    return wanted


def flush(path: Path) -> None:
    """Bring the bytes to the disk before the name that promises them."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def take_write_permission(root: Path) -> None:
    """Make files 0444 or 0555 and inner folders 0555; the outermost must stay movable."""
    for folder, names, files in os.walk(root, topdown=False):
        for name in (*files, *names):
            path = os.path.join(folder, name)  # noqa: PTH118 # many thousand files
            mode = os.lstat(path).st_mode
            if (mode & 0o170000) != 0o120000:
                os.chmod(path, mode & 0o555)  # noqa: PTH101
