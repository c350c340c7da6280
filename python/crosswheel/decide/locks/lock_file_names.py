"""Which name each file of a raw pylock document has, and which names `packaging` cannot judge.

Touches a document before it is validated, so it takes nothing about its shape for granted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from crosswheel.values.urls import split_url

from .wheel_names import LEGACY_SDIST_SUFFIXES, variant_label

__all__ = ["FileNames", "settle_file_names"]


@dataclass(kw_only=True, slots=True)
class FileNames:
    """Names by position; filled while the document is walked.

    Attributes:
        wheels: per package, per wheel; ``None`` for a wheel that is read past.
        sdists: per package.
        archives: per package.
        notes: why wheels are read past.
    """

    wheels: list[list[str | None]] = field(default_factory=list)
    sdists: list[str | None] = field(default_factory=list)
    archives: list[str | None] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def settle_file_names(document: dict[str, Any]) -> FileNames:
    """Find every file's name, and write names that `packaging` can validate into `document`.

    A variant wheel (PEP 825) is validated without its label and then read past; an sdist with a suffix from
    before PEP 625 is validated as if it were a ``.tar.gz``.
    """
    names = FileNames()
    packages = document.get("packages")
    for package in packages if isinstance(packages, list) else ():
        table = package if isinstance(package, dict) else {}
        names.wheels.append(_wheel_names(table, names.notes))
        sdist = table.get("sdist")
        names.sdists.append(_sdist_name(sdist) if isinstance(sdist, dict) else None)
        archive = table.get("archive")
        names.archives.append(_file_name(archive) if isinstance(archive, dict) else None)
    return names


def _wheel_names(package: dict[str, Any], notes: list[str]) -> list[str | None]:
    wheels = package.get("wheels")
    found: list[str | None] = []
    for wheel in wheels if isinstance(wheels, list) else ():
        filename = _file_name(wheel) if isinstance(wheel, dict) else None
        if filename is not None:
            label = variant_label(filename)
            if label is not None:
                wheel["name"] = filename.removesuffix(f"-{label}.whl") + ".whl"
                notes.append(
                    f"'{filename}' is read past: variant wheels (PEP 825, '{label}') are not supported"
                )
                filename = None
            else:
                wheel["name"] = filename
        found.append(filename)
    return found


def _sdist_name(sdist: dict[str, Any]) -> str | None:
    filename = _file_name(sdist)
    for suffix in LEGACY_SDIST_SUFFIXES:
        if filename is not None and filename.endswith(suffix):
            sdist["name"] = filename.removesuffix(suffix) + ".tar.gz"
    return filename


def _file_name(entry: dict[str, Any]) -> str | None:
    """Return the name of a file by PEP 751's rule: ``name``, else the end of ``path``, else of ``url``."""
    name, path, url = entry.get("name"), entry.get("path"), entry.get("url")
    if isinstance(name, str) and name:
        return name
    if isinstance(path, str) and path:
        return path.rsplit("/" if "/" in path else "\\", 1)[-1]
    if isinstance(url, str) and url:
        if "?" in url or "#" in url:
            url = split_url(url).path
        last = url.rsplit("/", 1)[-1]
        return unquote(last) if "%" in last else last
    return None
