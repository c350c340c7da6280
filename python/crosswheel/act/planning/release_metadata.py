"""What a release requires: as the METADATA of its wheel says, or the PKG-INFO of its sdist where that may be believed."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

from packaging.metadata import RawMetadata, parse_email

from crosswheel.decide.planning.build_requirements import ReleaseMetadata
from crosswheel.values.errors import CheckError, InputError

__all__ = ["metadata_of_sdist", "metadata_of_wheel"]

#: What may differ between an sdist and its wheel when PKG-INFO calls it dynamic, in lower case.
_READ = frozenset({"requires-dist", "provides-extra"})


def metadata_of_wheel(wheel: Path) -> ReleaseMetadata:
    """Return what a wheel requires.

    Raises:
        CheckError: it is no wheel.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            raw, _ = parse_email(archive.read(name))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise CheckError(
            "read metadata of", wheel.name, why=f"it is no wheel: {error}", fix="serve a sound file"
        ) from None
    return _read(raw)


def metadata_of_sdist(sdist: Path) -> ReleaseMetadata | None:
    """Return what an sdist says every wheel of it requires; ``None`` if it does not say so.

    Since metadata 2.2 (PEP 643) a field of PKG-INFO holds for every wheel unless it is listed as dynamic.

    Raises:
        InputError: it is no archive.
    """
    try:
        data = _pkg_info(sdist)
    except (OSError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise InputError(
            "read sdist", sdist.name, why=f"it is no archive: {error}", fix="serve a sound file"
        ) from None
    if data is None:
        return None
    raw, _ = parse_email(data)
    try:
        version = tuple(int(part) for part in raw.get("metadata_version", "").split("."))
    except ValueError:
        return None
    dynamic = {name.lower() for name in raw.get("dynamic", [])}
    return None if version < (2, 2) or dynamic & _READ else _read(raw)


def _read(raw: RawMetadata) -> ReleaseMetadata:
    return ReleaseMetadata(
        requires=tuple(raw.get("requires_dist", [])), extras=tuple(raw.get("provides_extra", []))
    )


def _pkg_info(sdist: Path) -> bytes | None:
    """Return the PKG-INFO at the top of the source tree."""
    if sdist.name.endswith(".zip"):
        with zipfile.ZipFile(sdist) as archive:
            name = next((name for name in archive.namelist() if _is_pkg_info(name)), None)
            return None if name is None else archive.read(name)
    with tarfile.open(sdist) as archive:
        member = next((one for one in archive if one.isfile() and _is_pkg_info(one.name)), None)
        file = None if member is None else archive.extractfile(member)
        return None if file is None else file.read()


def _is_pkg_info(name: str) -> bool:
    return name.removeprefix("./").count("/") == 1 and name.endswith("/PKG-INFO")
