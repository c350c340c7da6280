"""Projects of the user's own, planned as if the lock named their files: ``--project``.

A lock that a project makes names what it depends on and not the project itself, whose files come later.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from crosswheel.act.planning.project_folders import FolderSdist, pack_project
from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.decide.locks.locks import Lock, LockedFile, LockedPackage, folder_refusal
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

__all__ = ["packed_path", "packed_projects", "project_digests", "project_names", "with_projects"]


def packed_projects(
    projects: Sequence[Path], pending: Mapping[Path, bytes] | None = None
) -> dict[Path, FolderSdist]:
    """Return the sdist of each project that is given as a folder.

    Args:
        projects: sdists, wheels and folders.
        pending: what files are going to hold, by path.

    Raises:
        InputError: one says not what it is; all are collected.
    """
    packed: dict[Path, FolderSdist] = {}
    faults: list[CrosswheelError] = []
    for path in projects:
        if path.is_dir():
            try:
                packed[path] = pack_project(path, pending=_below(path, pending or {}))
            except InputError as fault:
                faults.append(fault)
    raise_faults(faults)
    return packed


def _below(folder: Path, files: Mapping[Path, bytes]) -> dict[str, bytes]:
    """Return those of the files that lie in a folder, by path in it."""
    root = folder.resolve()
    places = {path.parent.resolve() / path.name: data for path, data in files.items()}
    return {
        path.relative_to(root).as_posix(): data for path, data in places.items() if path.is_relative_to(root)
    }


def packed_path(sdist: FolderSdist) -> str:
    """Return where the sdist of a folder lies, relative to the plan's folder."""
    return f"projects/{sdist.filename.removesuffix('.tar.gz')}-{digest_of(sdist.data).hex[:12]}.tar.gz"


def with_projects(
    lock: Lock,
    projects: Sequence[Path],
    *,
    destination: Path,
    packed: Mapping[Path, FolderSdist],
) -> Lock:
    """Return a lock with projects of the user's own: in their entries where it has them without a file, else at its end.

    uv locks the members of a workspace as folders, whose content has no hash.

    Args:
        lock: the lock; its paths are relative to `destination`.
        projects: sdists, wheels and folders; those of one release are one package.
        destination: the plan's folder.
        packed: what `packed_projects` returned.

    Raises:
        InputError: a file is none of these or cannot be read, or the lock has the project already; all are collected.
    """
    packages: dict[str, LockedPackage] = {}
    faults: list[CrosswheelError] = []
    locked = {package.name for package in lock.packages if package.refusal is None}
    for path in projects:
        try:
            sdist = packed.get(path)
            name, version, file = _read(path, destination) if sdist is None else _of_folder(sdist)
        except InputError as fault:
            faults.append(fault)
            continue
        known = packages.get(name)
        if name in locked or (known is not None and known.version != version):
            why = "the lock has it already" if name in locked else "it is given with another version as well"
            faults.append(InputError("plan project", path.name, why=why, fix="leave one of them out"))
            continue
        package = known or LockedPackage(
            position=len(lock.packages) + len(packages), name=name, version=version
        )
        is_wheel = path.name.endswith(".whl")
        packages[name] = (
            replace(package, wheels=(*package.wheels, file)) if is_wheel else replace(package, sdist=file)
        )
    raise_faults(faults)
    names = {entry.name for entry in lock.packages}
    members = [name for name in packages if name in names]
    entries = tuple(_planned(entry, packages.get(entry.name), members) for entry in lock.packages)
    return replace(lock, packages=(*entries, *(own for own in packages.values() if own.name not in names)))


def _planned(entry: LockedPackage, own: LockedPackage | None, members: Sequence[str]) -> LockedPackage:
    """Return an entry with the files of the user's own; a sibling without them says how to lock its `members` alone."""
    if own is not None:
        return replace(entry, version=own.version, wheels=own.wheels, sdist=own.sdist, refusal=None)
    if entry.refusal is None or entry.refusal.folder is None:
        return entry
    return replace(entry, refusal=folder_refusal(entry.name, entry.refusal.folder, planned=members))


def project_names(projects: Sequence[Path], packed: Mapping[Path, FolderSdist]) -> frozenset[str]:
    """Return the normalized names of projects; one whose file is named like no project has none.

    Args:
        projects: sdists, wheels and folders.
        packed: what `packed_projects` returned.
    """
    names = (packed[path].name if path in packed else _named(path) for path in projects)
    return frozenset(names) - {""}


def _named(path: Path) -> str:
    try:
        return _name_and_version(path)[0]
    except (InvalidWheelFilename, InvalidSdistFilename):  # told when it is read
        return ""


def _name_and_version(path: Path) -> tuple[str, str]:
    parsed = (
        parse_wheel_filename(path.name)[:2] if path.name.endswith(".whl") else parse_sdist_filename(path.name)
    )
    return parsed[0], str(parsed[1])


def project_digests(projects: Sequence[Path], packed: Mapping[Path, FolderSdist]) -> list[str]:
    """Return what tells that a project has changed; a file that is not there tells by its name alone.

    Args:
        projects: sdists, wheels and folders.
        packed: what `packed_projects` returned.
    """
    return sorted(
        f"{packed[path].filename} {digest_of(packed[path].data)}"
        if path in packed
        else f"{path.name} {digest_of_file(path)}"
        if path.is_file()
        else path.name
        for path in projects
    )


def _of_folder(sdist: FolderSdist) -> tuple[str, str, LockedFile]:
    file = LockedFile(
        filename=sdist.filename,
        sha256=digest_of(sdist.data),
        path=packed_path(sdist),
        size=len(sdist.data),
    )
    return sdist.name, sdist.version, file


def _read(path: Path, destination: Path) -> tuple[str, str, LockedFile]:
    try:
        name, version = _name_and_version(path)
    except (InvalidWheelFilename, InvalidSdistFilename):
        raise InputError(
            "plan project",
            str(path),
            why="that is the name of no sdist and of no wheel",
            fix="give the project's folder, or what `uv build` made in its dist folder",
        ) from None
    if not path.is_file():
        raise InputError(
            "plan project", str(path), why="there is no such file", fix="make it with `uv build`"
        )
    relative = os.path.relpath(path.resolve(), destination.resolve()).replace(os.sep, "/")
    file = LockedFile(
        filename=path.name, sha256=digest_of_file(path), path=relative, size=path.stat().st_size
    )
    return name, version, file
