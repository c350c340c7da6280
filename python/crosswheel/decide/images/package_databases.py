"""What packages an image holds, by the databases that its package managers leave in it: dpkg's and apk's.

Formats: deb-control(5) for ``/var/lib/dpkg/status``, https://wiki.alpinelinux.org/wiki/Apk_spec for apk's, os-release(5) for
the name of the distribution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["RELEASE_FILES", "InstalledPackage", "distribution_named", "installed_packages", "is_package_file"]

#: dpkg's database, and the folder with a file for each package that images without dpkg have in its place.
_DPKG, _DPKG_PARTS = "var/lib/dpkg/status", "var/lib/dpkg/status.d/"
_APK = frozenset({"lib/apk/db/installed", "usr/lib/apk/db/installed"})
#: What names an image's distribution; the first of them that is there counts.
RELEASE_FILES = ("etc/os-release", "usr/lib/os-release")
_FIELD = re.compile(r"^(?P<name>[A-Za-z0-9-]+): *(?P<value>.*)$", re.MULTILINE)
_APK_FIELD = re.compile(r"^(?P<name>[A-Za-z]):(?P<value>.*)$", re.MULTILINE)
_SETTING = re.compile(r"^(?P<name>[A-Z_]+)=(?P<value>.*)$", re.MULTILINE)
_WORD = re.compile(r"[!-~]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class InstalledPackage:
    """One package.

    Attributes:
        kind: ``deb`` or ``apk``.
        name: its name.
        version: its version.
        architecture: what it is for, in its distribution's words; empty where it does not say.
        distribution: whose it is, e.g. ``debian``.
        release: that one's version, e.g. ``12``; empty where it is not known.
    """

    kind: str
    name: str
    version: str
    architecture: str
    distribution: str
    release: str


def is_package_file(path: str) -> bool:
    """Tell whether a plain path is that of a file that `installed_packages` reads."""
    return path == _DPKG or path in _APK or path in RELEASE_FILES or _is_part(path)


def _is_part(path: str) -> bool:
    return path.startswith(_DPKG_PARTS) and not path.endswith(".md5sums")


def distribution_named(files: Mapping[str, bytes]) -> str:
    """Return an image's distribution as package URLs name it, ``debian-12``; empty where the image does not say.

    Args:
        files: contents of those of `RELEASE_FILES` that are there.
    """
    release = _release(files)
    return f"{release['ID']}-{release['VERSION_ID']}" if {"ID", "VERSION_ID"} <= release.keys() else ""


def _release(files: Mapping[str, bytes]) -> Mapping[str, str]:
    return next((_settings(files[path]) for path in RELEASE_FILES if path in files), {})


def installed_packages(files: Mapping[str, bytes]) -> tuple[InstalledPackage, ...]:
    """Return the packages of an image, sorted.

    Args:
        files: contents of those files that are there, by their plain paths.
    """
    release = _release(files)
    found: set[InstalledPackage] = set()
    for path, data in files.items():
        if path == _DPKG or _is_part(path):
            found.update(_packages("deb", _debian(data), release))
        elif path in _APK:
            found.update(_packages("apk", _alpine(data), release))
    return tuple(sorted(found, key=lambda one: (one.kind, one.name, one.version, one.architecture)))


def _packages(
    kind: str, found: Iterator[tuple[str, str, str]], release: Mapping[str, str]
) -> Iterator[InstalledPackage]:
    distribution = release.get("ID") or {"deb": "debian", "apk": "alpine"}[kind]
    for name, version, architecture in found:
        if _WORD.fullmatch(name) and _WORD.fullmatch(version):
            yield InstalledPackage(
                kind=kind,
                name=name,
                version=version,
                architecture=architecture,
                distribution=distribution,
                release=release.get("VERSION_ID", ""),
            )


def _debian(data: bytes) -> Iterator[tuple[str, str, str]]:
    for fields in _paragraphs(data, _FIELD):
        # A package that was removed, and left its configuration, is told of, too.
        if fields.get("Status", "installed").split(" ")[-1] == "installed":
            yield fields.get("Package", ""), fields.get("Version", ""), fields.get("Architecture", "")


def _alpine(data: bytes) -> Iterator[tuple[str, str, str]]:
    for fields in _paragraphs(data, _APK_FIELD):
        yield fields.get("P", ""), fields.get("V", ""), fields.get("A", "")


def _paragraphs(data: bytes, field: re.Pattern[str]) -> Iterator[dict[str, str]]:
    for paragraph in data.decode(errors="replace").split("\n\n"):
        # The first of a name counts: what follows in apk's is about single files.
        fields: dict[str, str] = {}
        for match in field.finditer(paragraph):
            fields.setdefault(match["name"], match["value"].strip())
        if fields:
            yield fields


def _settings(data: bytes) -> dict[str, str]:
    """Return what os-release says, as far as it is one printable word."""
    found = {
        match["name"]: match["value"].strip("\"' ")
        for match in _SETTING.finditer(data.decode(errors="replace"))
    }
    return {name: value for name, value in found.items() if _WORD.fullmatch(value)}
