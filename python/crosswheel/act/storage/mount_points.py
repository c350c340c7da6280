"""Mount points: files and folders that nothing can be renamed over, however writable they are."""

from __future__ import annotations

import os
import re
from pathlib import Path

__all__ = ["is_mount_point", "mount_below"]

_MOUNTS = Path("/proc/self/mountinfo")
#: How that file writes blanks and backslashes.
_OCTAL = re.compile(rb"\\([0-7]{3})")


def is_mount_point(place: Path) -> bool:
    """Tell whether something is mounted right at a path.

    Args:
        place: absolute and without links; may be missing.
    """
    mounts = _mounts()
    if mounts is None:
        return os.path.ismount(place)
    # `os.path.ismount` compares devices: it misses a folder that is mounted from the same one, as containers do, and takes a
    # subvolume for a mount, which can be renamed.
    return os.fsencode(place) in mounts


def mount_below(folder: Path) -> Path | None:
    """Return a mount point in a folder, however deep; ``None`` where there is none.

    Where the system does not say (no ``/proc``), those of other devices are found.

    Args:
        folder: absolute and without links; may be missing.
    """
    mounts = _mounts()
    if mounts is None:
        paths = (Path(root, name) for root, names, files in os.walk(folder) for name in (*names, *files))
        return next(filter(os.path.ismount, paths), None)
    below = os.fsencode(folder).rstrip(b"/") + b"/"
    return next((Path(os.fsdecode(one)) for one in sorted(mounts) if one.startswith(below)), None)


def _mounts() -> set[bytes] | None:
    try:
        lines = _MOUNTS.read_bytes().splitlines()
    except OSError:  # not Linux
        return None
    return {_unescaped(line.split(b" ")[4]) for line in lines if line.count(b" ") > 4}


def _unescaped(written: bytes) -> bytes:
    return _OCTAL.sub(lambda found: bytes([int(found[1], 8)]), written)
