"""The application's own files as entries of a layer, taken from a source tree; what does not belong there left out.

The rules are told in docs/guides/images.md.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from crosswheel.act.images.own_binaries import binary_faults
from crosswheel.act.images.placed_files import folders_above
from crosswheel.act.layers.layer_entries import FileContent, Folder, LayerEntry, Symlink, entry_fault
from crosswheel.act.storage.file_names import utf8_name
from crosswheel.act.storage.made_trees import is_made_tree
from crosswheel.act.wheels.wheel_archive import is_safe_path
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

__all__ = ["Application", "application_entries"]

#: Folders of version control, and caches of Python itself.
_LEFT_OUT_FOLDERS = frozenset({".git", ".hg", ".svn", "__pycache__"})
_LEFT_OUT_FILES = ("*.pyc", "*.pyo", ".DS_Store")


@dataclass(frozen=True, kw_only=True, slots=True)
class Application:
    """A source tree and where it goes.

    Attributes:
        source: the folder.
        place: absolute path in the image.
        exclude: globs of what is left out: of a name anywhere, or with a slash in it of a path below the folder.
    """

    source: Path
    place: str = "/app"
    exclude: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    application: Application
    target: Target
    entries: list[LayerEntry] = field(default_factory=list)
    faults: list[CrosswheelError] = field(default_factory=list)
    unused: set[str] = field(default_factory=set)


def application_entries(application: Application, target: Target) -> list[LayerEntry]:
    """Return the entries of an application, in the order of their paths.

    Every file of machine code is read: one that cannot be loaded on `target` is refused.

    Args:
        application: the source tree.
        target: what the image is for.

    Raises:
        CheckError: files are for another machine, or need a newer C library; all are collected.
        InputError: the folder cannot be read, holds a link that leads out of it or a special file, or an exclusion
            excludes nothing.
    """
    reading = _Reading(application, target, unused=set(application.exclude))
    prefix = application.place.strip("/")
    if not application.place.startswith("/") or not is_safe_path(prefix):
        raise InputError(
            "put the application at",
            application.place,
            why="it is not the absolute path of a folder below the root",
            fix="give for example /app or /srv/web",
        )
    reading.entries += folders_above(f"{prefix}/")
    if not application.source.is_dir():
        raise _no_folder(application.source)
    _read_folder(reading, application.source, "", prefix)
    reading.faults += [
        InputError(
            "exclude",
            glob,
            why="the application has no such file",
            fix="remove or correct it: a name, or a path that begins below the application's folder, without ./",
        )
        for glob in sorted(reading.unused)
    ]
    told = ((entry.path, entry_fault(entry)) for entry in reading.entries)
    reading.faults += [_refusal(path, why, "rename it, or exclude it") for path, why in told if why]
    raise_faults(reading.faults)
    return reading.entries


def _no_folder(source: Path) -> InputError:
    folder, colon, place = str(source).rpartition(":")
    why, fix = "there is no such folder", "give the folder whose content shall be in the image"
    if source.is_file():
        why, fix = "it is a file", "give a folder that holds it and no more than the image shall have"
    elif colon and Path(folder).is_dir():
        fix = f"what follows a colon is the absolute path of a folder in the image, {folder}:/{place}"
    return InputError("read application", str(source), why=why, fix=fix)


def _read_folder(reading: _Reading, folder: Path, below: str, prefix: str) -> None:
    try:
        found = sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        reading.faults.append(_refusal(str(folder), error.strerror or str(error), "make it readable"))
        return
    for entry in found:
        inner = f"{below}{entry.name}"
        if _is_left_out(reading, entry, inner):
            continue
        path = f"{prefix}/{utf8_name(inner)}"
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            _read_link(reading, entry, inner, path)
        elif stat.S_ISDIR(mode):
            reading.entries.append(_entry(path, Folder(), 0o755))
            _read_folder(reading, Path(entry.path), f"{inner}/", prefix)
        elif stat.S_ISREG(mode):
            executable = 0o755 if mode & 0o111 else 0o644
            reading.entries.append(_entry(path, FileContent(Path(entry.path)), executable))
            reading.faults += binary_faults(path, Path(entry.path), reading.target)
        else:
            why = "it is a device, a pipe or another special file"
            reading.faults.append(_refusal(entry.path, why, "exclude it"))


def _entry(path: str, content: FileContent | Folder | Symlink, mode: int) -> LayerEntry:
    return LayerEntry(path=path, content=content, mode=mode, owner="the application")


def _is_left_out(reading: _Reading, entry: os.DirEntry[str], inner: str) -> bool:
    covered = [
        glob
        for glob in reading.application.exclude
        if fnmatchcase(inner if "/" in glob else entry.name, glob.rstrip("/"))
    ]
    reading.unused.difference_update(covered)
    if covered:
        return True
    if entry.is_dir(follow_symlinks=False):
        return entry.name in _LEFT_OUT_FOLDERS or is_made_tree(entry.path)
    return any(fnmatchcase(entry.name, glob) for glob in _LEFT_OUT_FILES)


def _read_link(reading: _Reading, entry: os.DirEntry[str], inner: str, path: str) -> None:
    """Keep a link that stays within the application; what another one led to would not be there."""
    target = utf8_name(os.readlink(entry.path))  # noqa: PTH115 # the text matters
    depth = inner.count("/")
    for part in target.split("/"):
        depth += -1 if part == ".." else 0 if part in {"", "."} else 1
        if depth < 0:
            break
    if target.startswith("/") or depth < 0:
        why = f"it is a link to {target}, which leads out of the application"
        reading.faults.append(_refusal(entry.path, why, "make it a relative link within, or exclude it"))
        return
    reading.entries.append(_entry(path, Symlink(target), 0o777))


def _refusal(path: str, why: str, fix: str) -> InputError:
    return InputError("put into an image", path, why=why, fix=fix)
