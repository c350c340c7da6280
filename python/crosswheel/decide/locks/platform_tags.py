"""What a platform tag asks of a platform: family, version and architecture, as the tag itself spells them.

Knows no architecture by name: tags are compared with the target's own supported tags, so a new one needs no change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from crosswheel.target.tags import LEGACY_MANYLINUX

__all__ = ["PlatformTag", "read_platform_tag"]

_LEGACY_VERSIONS = {name: (2, minor) for minor, name in LEGACY_MANYLINUX.items()}

_LEGACY = re.compile(r"(manylinux\d+)_(.+)")
_VERSIONED = re.compile(r"(manylinux|musllinux|macosx|ios|pyodide|pyemscripten)_(\d{1,9})_(\d{1,9})_(.+)")
_ANDROID = re.compile(r"(android)_(\d{1,9})_(.+)")
_EMSCRIPTEN = re.compile(r"(emscripten)_(\d{1,9})_(\d{1,9})(?:_\d+)?_(.+)")
_PLAIN = re.compile(r"(linux|win)_?(.+)")

_FAMILIES = {
    "manylinux": ("Linux", "glibc"),
    "musllinux": ("Linux", "musl"),
    "linux": ("Linux", None),
    "macosx": ("macOS", "macOS"),
    "ios": ("iOS", "iOS"),
    "android": ("Android", "Android API level"),
    "win": ("Windows", None),
    "pyodide": ("Emscripten", "Pyodide"),
    "pyemscripten": ("Emscripten", "PyEmscripten"),
    "emscripten": ("Emscripten", "Emscripten"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformTag:
    """A platform tag taken apart.

    Attributes:
        family: first word of the tag, e.g. ``manylinux``.
        system: name of the operating system for people, e.g. ``Linux``.
        library: what the version counts, e.g. ``glibc``; ``None`` if the family has no version.
        version: e.g. ``(2, 28)``; empty if the family has none.
        arch: architecture (and SDK) as the tag spells it, e.g. ``arm64``.
    """

    family: str
    system: str
    library: str | None
    version: tuple[int, ...]
    arch: str

    @property
    def version_text(self) -> str:
        """The version with dots."""
        return ".".join(map(str, self.version))

    @property
    def arch_text(self) -> str:
        """The architecture as people call it: the tag ``win32`` names none."""
        return "x86" if self.family == "win" and self.arch == "32" else self.arch


@cache
def read_platform_tag(tag: str) -> PlatformTag | None:
    """Take a platform tag apart; ``None`` for ``any``, which asks nothing.

    >>> read_platform_tag("manylinux2014_aarch64").version_text
    '2.17'
    >>> read_platform_tag("freebsd_14_amd64").system
    'freebsd'
    """
    if tag == "any":
        return None
    legacy = _LEGACY.fullmatch(tag)
    if legacy is not None and legacy[1] in _LEGACY_VERSIONS:
        return _platform_tag("manylinux", _LEGACY_VERSIONS[legacy[1]], legacy[2])
    for pattern in (_VERSIONED, _ANDROID, _EMSCRIPTEN, _PLAIN):
        match = pattern.fullmatch(tag)
        if match is not None:
            family, *version, arch = match.groups()
            return _platform_tag(family, tuple(map(int, version)), arch)
    family, _, arch = tag.partition("_")
    return _platform_tag(family, (), arch)


def _platform_tag(family: str, version: tuple[int, ...], arch: str) -> PlatformTag:
    system, library = _FAMILIES.get(family, (family, None))
    return PlatformTag(family=family, system=system, library=library, version=version, arch=arch)
