"""What paths a layer may hold, and which paths of lower layers it removes.

Follows https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from enum import Enum

__all__ = [
    "MERGED_FOLDERS",
    "Whiteout",
    "WhiteoutKind",
    "mount_fault",
    "path_fault",
    "plain_path",
    "whiteout_of",
]

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
#: What every runtime of Linux mounts over the files of an image (runtime-spec, config-linux.md, "Default Filesystems").
_MOUNTED = frozenset({"dev", "proc", "sys"})

#: Folders of the root that are links into ``/usr`` in most systems (file-hierarchy(7), "Compatibility Symlinks").
MERGED_FOLDERS = ("bin", "lib", "lib32", "lib64", "libo32", "libx32", "sbin")


class WhiteoutKind(Enum):
    """What a whiteout removes."""

    PATH = "path"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Whiteout:
    """The path below the root that a whiteout removes, or whose content it removes."""

    kind: WhiteoutKind
    path: str


def plain_path(path: str) -> str:
    """Return a tar path as it is below the root; empty for the root itself.

    >>> plain_path("./usr/lib/"), plain_path("./")
    ('usr/lib', '')
    """
    return posixpath.normpath(f"/{path}").lstrip("/")


def mount_fault(path: str) -> str | None:
    """Return why a container does not see a plain path of its image, a clause; ``None`` where it does.

    >>> mount_fault("proc/self"), mount_fault("process")
    ("containers have another file system at /proc, and see nothing of the image's there", None)
    """
    first = path.partition("/")[0]
    if first not in _MOUNTED:
        return None
    return f"containers have another file system at /{first}, and see nothing of the image's there"


def path_fault(path: str) -> str | None:
    """Return why a path must not be in a layer, a clause; ``None`` when it may.

    >>> path_fault("usr/../../etc/passwd")
    "it goes up by '..'"
    """
    if path.startswith("/"):
        return "it is absolute"
    if ".." in path.split("/"):
        return "it goes up by '..'"
    if not path:
        return "it is empty"
    return None


def whiteout_of(path: str) -> Whiteout | str | None:
    """Return what a plain path removes, ``None`` if it is no whiteout, or a clause that says why it is a wrong one.

    >>> whiteout_of("etc/.wh.motd").path
    'etc/motd'
    """
    folder, _, name = path.rpartition("/")
    if _WHITEOUT in folder and any(part.startswith(_WHITEOUT) for part in folder.split("/")):
        return "it lies below a whiteout, which is no folder"
    if not name.startswith(_WHITEOUT):
        return None
    if name == _OPAQUE:
        return Whiteout(WhiteoutKind.CONTENT, folder)
    removed = name.removeprefix(_WHITEOUT)
    if removed in {"", ".", ".."} or removed.startswith(_WHITEOUT):
        return f"there is no whiteout {name}"
    return Whiteout(WhiteoutKind.PATH, posixpath.join(folder, removed))
