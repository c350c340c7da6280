"""Libraries of the user's as one canonical file: the same ones give the same bytes wherever they lie."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from crosswheel.act.sysroot.apple_sdk import is_sdk, pack_sdk
from crosswheel.act.sysroot.own_places import OwnPlaces, packed_data
from crosswheel.act.sysroot.package_files import is_wanted
from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import MacOs

__all__ = ["pack_folder", "pack_libraries", "places_of"]


def pack_folder(folder: Path, target: Target, *, shown: str) -> bytes:
    """Return an uncompressed tar of the headers and libraries of a folder, with all paths below ``usr/``; of an SDK as it is.

    Args:
        folder: a root (with ``usr`` in it) or a prefix (with ``include`` and ``lib`` in it).
        target: the target, for messages.
        shown: the folder as the user calls it.

    Raises:
        InputError: there is nothing in it, or a link in it leads out.
    """
    if isinstance(target.platform.os, MacOs) and is_sdk(folder):
        return pack_sdk(folder, shown=shown)
    prefix = "" if (folder / "usr").is_dir() else "usr/"
    members: dict[str, Path] = {}
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in (*names, *(one for one in folders if (Path(root) / one).is_symlink())):
            path = Path(root, name)
            inside = prefix + path.relative_to(folder).as_posix()
            inside = f"usr/{inside}" if inside.startswith(("lib/", "bin/")) else inside
            if is_wanted(inside) or (path.is_symlink() and is_wanted(f"{inside}/x.h")):
                members.setdefault(inside, path)
    _refuse_empty(members, target, shown)
    places = {folder: "/usr"} | ({} if prefix else {folder / "usr": "/usr"})
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(members):
            if members[name].is_symlink():
                _add_link(archive, name, members[name], folder, prefix, shown)
            else:
                _add_data(archive, name, members[name], places)
    return buffer.getvalue()


def pack_libraries(
    files: Iterable[tuple[str, Path]],
    target: Target,
    *,
    shown: str,
    places: OwnPlaces = MappingProxyType({}),
) -> bytes:
    """Return files, wherever they lie, as `pack_folder` packs a folder with them.

    Args:
        files: path in the folder, and the file; links are followed, and a folder stands for all files below it. Of two
            files for one path the first one counts.
        target: the target, for messages.
        shown: what to call them.
        places: what texts may call the folders that these and other libraries lie in, as of `places_of`.

    Raises:
        InputError: there is neither a header nor a library, or a path leads out.
    """
    members: dict[str, Path] = {}
    for place, path in files:
        if place.startswith("/") or ".." in place.split("/"):
            raise InputError(
                "read sysroot",
                shown,
                why=f"'{place}' leads out of it",
                fix="name a path within, e.g. include/x.h",
            )
        below = (one for one in path.rglob("*") if one.is_file()) if path.is_dir() else (path,)
        for file in below:
            inside = f"{place}/{file.relative_to(path).as_posix()}" if file != path else place
            if is_wanted(inside := _below_usr(inside)):
                members.setdefault(inside, file)
    _refuse_empty(members, target, shown)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(members):
            _add_data(archive, name, members[name], places)
    return buffer.getvalue()


def places_of(files: Iterable[tuple[str, Path]]) -> OwnPlaces:
    """Return what texts of libraries may call the folders that `pack_libraries` is given, and where these will stand.

    >>> from tempfile import gettempdir
    >>> folder = Path(gettempdir())
    >>> places_of([("usr", folder), ("lib/libz.a", folder / "no-folder")]) == {folder: "/usr"}
    True
    """
    return {path: f"/{_below_usr(place)}" for place, path in files if path.is_dir()}


def _below_usr(place: str) -> str:
    return place if place == "usr" or place.startswith("usr/") else f"usr/{place}"


def _refuse_empty(members: Mapping[str, Path], target: Target, shown: str) -> None:
    if not any(name.startswith(("usr/include/", "usr/lib/")) for name in members):
        raise InputError(
            "read sysroot",
            shown,
            why="it has neither headers (include) nor libraries (lib)",
            fix=f"give a folder with libraries for {target.platform.id}",
        )


def _add_link(archive: tarfile.TarFile, name: str, path: Path, folder: Path, prefix: str, shown: str) -> None:
    member = tarfile.TarInfo(name)
    text = os.readlink(path)  # noqa: PTH115 # the text matters
    # An absolute link means a place below the folder, as it would once the folder is mounted.
    end = folder / text.lstrip("/") if text.startswith("/") else path.parent / text
    inside = os.path.relpath(os.path.normpath(end), folder)
    if inside.startswith(".."):
        raise InputError(
            "read sysroot",
            shown,
            why=f"'{path.relative_to(folder)}' is a link to '{text}', outside of it",
            fix="replace the link by the file",
        )
    member.type, member.linkname = tarfile.SYMTYPE, f"/{prefix}{inside}"
    archive.addfile(member)


def _add_data(archive: tarfile.TarFile, name: str, path: Path, places: OwnPlaces) -> None:
    """Add a file. What is run lies in ``bin``; of libraries, some linkers make programs, and some copies do not keep that."""
    member, data = tarfile.TarInfo(name), packed_data(name, path, places)
    member.size, member.mode = len(data), 0o755 if name.startswith("usr/bin/") else 0o644
    archive.addfile(member, io.BytesIO(data))
