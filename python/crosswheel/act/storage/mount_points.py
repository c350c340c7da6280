"""Mount points: files and folders that nothing can be renamed over, however writable they are."""

from __future__ import annotations

import os
import re
from pathlib import Path

__all__ = ["is_mount_point"]

_MOUNTS = Path("/proc/self/mountinfo")
#: How that file writes blanks and backslashes.
_OCTAL = re.compile(rb"\\([0-7]{3})")


def is_mount_point(place: Path) -> bool:
    """Tell whether something is mounted right at a path.

    Args:
        place: absolute and without links; may be missing.
    """
    try:
        mounts = _MOUNTS.read_bytes().splitlines()
    except OSError:  # not Linux
        return os.path.ismount(place)
    # `os.path.ismount` compares devices: it misses a folder that is mounted from the same one, as containers do, and takes a
    # subvolume for a mount, which can be renamed.
    return os.fsencode(place) in {_unescaped(line.split(b" ")[4]) for line in mounts if line.count(b" ") > 4}


def _unescaped(written: bytes) -> bytes:
    return _OCTAL.sub(lambda found: bytes([int(found[1], 8)]), written)
