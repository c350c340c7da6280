"""The files of a target Python, wherever they come from: a folder, an archive, Debian packages.

Reads names and bytes only; nothing of a target Python is ever run. Says nothing about what the files mean.
"""

from __future__ import annotations

import io
import lzma
import os
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import InputError

__all__ = ["PythonFiles", "open_python_files"]

#: Folders that can lead to a Python's headers or build-time variables; nothing else is entered.
_FOLDERS = re.compile(
    r"usr|local|install|python|lib|lib32|lib64|include|cpython|internal|mimalloc|debug"
    r"|python3\.\d+t?d?|\w+-linux-\w+"
)
#: Files that are looked at.
_FILES = re.compile(r".*\.h|_sysconfigdata_.*\.py|build-details.*\.json")
_DEPTH = 9

_AR_MAGIC = b"!<arch>\n"
_AR_HEADER = 60


class PythonFiles(Protocol):
    """Files by their path relative to some root."""

    @property
    def origin(self) -> str:
        """What they were read from: the same words for the same files, wherever they lie on whichever machine."""

    def names(self) -> tuple[str, ...]:
        """Return the paths of all files that may matter, sorted."""

    def read(self, name: str) -> bytes:
        """Return the content of one of `names`."""


class _FolderFiles:
    """Files below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def origin(self) -> str:
        """A folder may have any name, so it is known by its files."""
        digests: dict[str, JsonValue] = {name: digest_of(self.read(name)).hex for name in self.names()}
        return f"a folder with {len(digests)} files of Python, sha256 {digest_of_json(digests)}"

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._walk(self.root, "", 0)))

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def _walk(self, folder: Path, prefix: str, depth: int) -> Iterator[str]:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if depth < _DEPTH and _FOLDERS.fullmatch(entry.name):
                        yield from self._walk(folder / entry.name, f"{prefix}{entry.name}/", depth + 1)
                elif _FILES.fullmatch(entry.name) and self._is_inside(folder / entry.name):
                    yield prefix + entry.name

    def _is_inside(self, path: Path) -> bool:
        """Whether `path` is a file of this folder; a link out of it is another Python's file."""
        return path.is_file() and (
            not path.is_symlink() or path.resolve().is_relative_to(self.root.resolve())
        )


class _ArchiveFiles:
    """Files read from archives into memory."""

    def __init__(self, origin: str, files: Mapping[str, bytes]) -> None:
        self.origin = origin
        self._files = files

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def read(self, name: str) -> bytes:
        return self._files[name]


def open_python_files(path: Path) -> PythonFiles:
    """Return the files of the target Python at `path`.

    Args:
        path: a folder (an unpacked Debian tree, a python-build-standalone or Nix prefix, any prefix), a folder that
            holds ``.deb`` files, one ``.deb`` file, or a tar archive.

    Raises:
        InputError: there is nothing there, or it is no archive that can be read.
    """
    if path.is_dir():
        packages = sorted(path.glob("*.deb"))
        return _from_packages(packages) if packages else _FolderFiles(path)
    if not path.is_file():
        raise InputError(
            "read target Python",
            str(path),
            why="there is no such file or folder",
            fix="give a folder, a tar archive or .deb files of a target Python",
        )
    with path.open("rb") as file:
        is_package = file.read(len(_AR_MAGIC)) == _AR_MAGIC
    if is_package or path.suffix == ".deb":
        return _from_packages([path])
    try:
        with tarfile.open(path) as archive:
            return _ArchiveFiles(path.name, _members(archive))
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise InputError(
            "read target Python",
            str(path),
            why=f"it is no tar archive that Python {_reason(error)}",
            fix="unpack it and give the folder",
        ) from None


def _reason(error: Exception) -> str:
    return f"can read ({' '.join(str(error).split())})"


def _from_packages(packages: list[Path]) -> PythonFiles:
    files: dict[str, bytes] = {}
    for package in packages:
        try:
            with tarfile.open(fileobj=io.BytesIO(_data_member(package))) as archive:
                files.update(_members(archive))
        except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error, lzma.LZMAError) as error:
            raise InputError(
                "read Debian package",
                str(package),
                why=f"it is no package that Python {_reason(error)}",
                fix="unpack it with `dpkg-deb -x` and give the folder",
            ) from None
    return _ArchiveFiles(" ".join(package.name.removesuffix(".deb") for package in packages), files)


def _data_member(package: Path) -> bytes:
    """Return the ``data.tar.*`` of a Debian package, an ``ar`` archive (deb(5))."""
    data = package.read_bytes()
    if not data.startswith(_AR_MAGIC):
        raise ValueError("no ar archive")
    position = len(_AR_MAGIC)
    while position + _AR_HEADER <= len(data):
        header = data[position : position + _AR_HEADER]
        size = int(header[48:58])
        position += _AR_HEADER
        if header[:16].strip().startswith(b"data.tar"):
            return data[position : position + size]
        position += size + size % 2
    raise ValueError("no data.tar in it")


def _members(archive: tarfile.TarFile) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for member in archive:
        name = member.name.removeprefix("./").strip("/")
        folders, file = name.split("/")[:-1], name.rpartition("/")[2]
        # The archive's top folder may have any name.
        if not _FILES.fullmatch(file) or not all(_FOLDERS.fullmatch(folder) for folder in folders[1:]):
            continue
        if member.isreg() and (stream := archive.extractfile(member)) is not None:
            files[name] = stream.read()
    return files
