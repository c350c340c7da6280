"""The C libraries of GNU in layers, told by what they print of themselves."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from crosswheel.act.images.tar_stream import EntryKind, TarEntry, TarStream
from crosswheel.decide.images.layer_paths import plain_path
from crosswheel.values.platforms import Glibc

__all__ = ["GlibcFiles", "has_glibc_name"]

_GLIBC = re.compile(r"libc(?:-2\.\d+)?\.so(?:\.6)?")
#: What glibc's shared object prints when it is run.
_BANNER = re.compile(rb"GNU C Library [^\n]*? version (?P<major>\d+)\.(?P<minor>\d+)")
_LONGEST_BANNER = 200
_PIECE = 1 << 20


@dataclass(slots=True)
class GlibcFiles:
    """The versions of the glibcs that layer after layer brings.

    Attributes:
        found: version by path without a slash at the beginning; what a later layer removes is still among them.
    """

    found: dict[str, Glibc] = field(default_factory=dict)

    def show(self, entry: TarEntry, tar: TarStream) -> None:
        """Take note of an entry's content, whose first bytes may have been read."""
        path = plain_path(entry.path)
        self.found.pop(path, None)
        version: Glibc | None = None
        if entry.kind is EntryKind.HARD_LINK:
            version = self.found.get(plain_path(entry.link))
        elif entry.kind is EntryKind.FILE and has_glibc_name(path):
            version = _glibc_version(tar)
        if version is not None:
            self.found[path] = version


def has_glibc_name(path: str) -> bool:
    """Tell whether a file is called as a glibc is."""
    return _GLIBC.fullmatch(posixpath.basename(path)) is not None


def _glibc_version(tar: TarStream) -> Glibc | None:
    window = b""
    while data := tar.read(_PIECE):
        window = window[-_LONGEST_BANNER:] + data
        match = _BANNER.search(window)
        if match is not None:
            return Glibc(major=int(match["major"]), minor=int(match["minor"]))
    return None
