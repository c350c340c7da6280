"""A project's folder as an sdist: one canonical archive of its source, the same wherever and whenever it is made.

No backend is run, for it would decide by whatever lies around. What a backend needs to build a wheel from is the tree itself
(PEP 517, "Source trees"); name and version have to stand in pyproject.toml, as they are known before anything is built.
"""

from __future__ import annotations

import io
import json
import os
import re
import stat
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from crosswheel.act.planning.plan_files import KEPT_FILE
from crosswheel.act.storage.file_names import utf8_name
from crosswheel.act.storage.made_trees import is_made_tree
from crosswheel.decide.locks.own_release import release_of
from crosswheel.decide.projects.project_declarations import project_declarations
from crosswheel.render.report_mark import REPORT_MARK
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.toml_text import parse_toml

__all__ = ["FolderSdist", "pack_files", "pack_project"]

#: Folders that are no source, wherever they are.
_NO_SOURCE = frozenset({".git", ".hg", ".svn", "__pycache__"})
#: What builds leave at the top.
_OUTPUTS = frozenset({"build", "dist"})
_NO_SOURCE_FILES = re.compile(r".*\.(?:pyc|pyo|egg-info)|\.DS_Store")
#: What is at the top: files that Bazel and Nix write when they build, and their links to what they built.
_LOCKS_OF_BUILD_SYSTEMS = frozenset({"MODULE.bazel.lock", "flake.lock"})
_BUILT_LINKS = re.compile(r"bazel-.+|result(?:-.+)?")
#: A plan, and what it keeps beside itself: it names the digest of the archive, which could not hold it. A base lock is made when
#: there is a plan, which would be stale then.
_PLANS = re.compile(rf"[^/]*plan\.json|[^/]*base\.lock\.json|{KEPT_FILE}|headers\.\w+\.tar")

#: What a report begins with, and the keys of a plan, whatever they are called.
_REPORT, _BEGINNING = REPORT_MARK.encode(), 1024
_PLAN_KEYS = frozenset({"schema", "inputs", "source_date_epoch", "artifacts", "builds", "targets"})


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderSdist:
    """An archive of a project.

    Attributes:
        name: normalized name of the project.
        version: its version.
        filename: the name an sdist of it has (PEP 625).
        data: the archive.
        declared: what the project declares, as of `project_declarations`; empty where nobody asked.
    """

    name: str
    version: str
    filename: str
    data: bytes
    declared: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)


def pack_project(folder: Path, *, pending: Mapping[str, bytes] | None = None) -> FolderSdist:
    """Return the source of a project as an sdist.

    Left out are version control, caches, virtual environments, `build` and `dist` at the top, and what crosswheel writes.

    Args:
        folder: the folder with its pyproject.toml.
        pending: what files of it are going to hold, by path in it.

    Raises:
        InputError: pyproject.toml is missing or wrong, it does not say name and version, or there are links that lead out.
    """
    name, version, document = _release(folder)

    def add_all(archive: tarfile.TarFile, root: str) -> None:
        coming = {path: data for path, data in (pending or {}).items() if not _is_no_source(path)}
        for path in sorted({*_files(folder), *coming}, key=os.fsencode):
            if path in coming:
                _add_data(archive, f"{root}/{path}", coming[path], 0o644)
            else:
                _add(archive, root, folder, path)

    return replace(_packed(name, version, add_all), declared=project_declarations(document))


def pack_files(
    name: str, version: str, files: Mapping[str, Path], *, programs: Mapping[str, Path]
) -> FolderSdist:
    """Return files, wherever they lie, as the sdist that `pack_project` makes of a folder with them.

    Args:
        name: the project.
        version: its version.
        files: path in the project's folder to the file; links are followed.
        programs: the same for those that can be executed.

    Raises:
        InputError: a path leads out of the folder, or a file cannot be read; all are collected.
    """
    modes = {path: (file, 0o644) for path, file in files.items()}
    modes |= {path: (file, 0o755) for path, file in programs.items()}
    faults: list[CrosswheelError] = []

    def add_all(archive: tarfile.TarFile, root: str) -> None:
        for path in sorted(modes, key=os.fsencode):
            file, mode = modes[path]
            try:
                _add_data(archive, f"{root}/{path}", _source_file(path, file), mode)
            except InputError as fault:
                faults.append(fault)

    packed = _packed(name, Version(version), add_all)
    raise_faults(faults)
    return packed


def _source_file(path: str, file: Path) -> bytes:
    try:
        if not path or path.startswith("/") or ".." in path.split("/"):
            raise InputError(
                "take source file",
                path,
                why="it leads out of the project",
                fix="name it as in the project's folder",
            )
        return file.read_bytes()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError("take source file", str(file), why=why, fix="name a file that can be read") from None


def _packed(name: str, version: Version, add_all: Callable[[tarfile.TarFile, str], None]) -> FolderSdist:
    root = f"{canonicalize_name(name).replace('-', '_')}-{version}"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        add_all(archive, root)
    import deflate

    return FolderSdist(
        name=canonicalize_name(name),
        version=str(version),
        filename=f"{root}.tar.gz",
        data=bytes(deflate.gzip_compress(buffer.getvalue())),
    )


def _release(folder: Path) -> tuple[str, Version, Mapping[str, object]]:
    """Return name and version, and the pyproject.toml that says them."""
    try:
        data = (folder / "pyproject.toml").read_bytes()
    except OSError as error:
        raise _refusal(folder, f"pyproject.toml: {(error.strerror or str(error)).lower()}") from None
    try:
        document = parse_toml(data)
    except ValueError as error:
        raise _refusal(folder, f"pyproject.toml: {error}") from None
    release = release_of(document)
    if release is None:
        raise _refusal(folder, "its pyproject.toml does not say name and version under [project]")
    name, version = release
    try:
        return name, Version(version), document
    except InvalidVersion:
        raise _refusal(folder, f"{version} is no version") from None


def _refusal(folder: Path, why: str) -> InputError:
    return InputError(
        "plan project",
        str(folder),
        why=why,
        fix="make an sdist with `uv build --sdist` and give that",
    )


def _files(folder: Path) -> Iterator[str]:
    """Yield the paths of all files and links, relative to the folder."""
    for root, folders, names in os.walk(folder):
        inner = Path(root).relative_to(folder)
        kept = []
        for name in folders:
            path = Path(root, name)
            if path.is_symlink():
                names.append(name)
            elif not _is_left_out(path, top=inner == Path()):
                kept.append(name)
        folders[:] = kept
        for name in names:
            inside = (inner / name).as_posix()
            path = Path(root, name)
            if _is_no_source(inside) or _is_built_link(path, inside) or _is_written(path):
                continue
            yield inside


def _is_no_source(path: str) -> bool:
    """Tell by its path in the folder that a file is no source."""
    name = path.rpartition("/")[2]
    return (
        _NO_SOURCE_FILES.fullmatch(name) is not None
        or _PLANS.fullmatch(path) is not None
        or path in _LOCKS_OF_BUILD_SYSTEMS
    )


def _is_built_link(path: Path, inside: str) -> bool:
    return _BUILT_LINKS.fullmatch(inside) is not None and "/" not in inside and path.is_symlink()


def _is_written(path: Path) -> bool:
    """Tell a plan or a report from a source file."""
    if path.suffix not in {".html", ".json"} or not path.is_file():
        return False
    if path.suffix == ".html":
        with path.open("rb") as stream:
            return _REPORT in stream.read(_BEGINNING)
    data = path.read_bytes()
    if b'"source_date_epoch"' not in data:  # spares reading large data as JSON
        return False
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.keys() >= _PLAN_KEYS


def _is_left_out(path: Path, *, top: bool) -> bool:
    return (
        path.name in _NO_SOURCE
        or path.name.endswith(".egg-info")
        or (top and path.name in _OUTPUTS)
        or is_made_tree(path)
    )


def _add(archive: tarfile.TarFile, root: str, folder: Path, path: str) -> None:
    file, place = folder / path, f"{root}/{utf8_name(path)}"
    mode = file.lstat().st_mode
    if stat.S_ISLNK(mode):
        target = os.readlink(file)  # noqa: PTH115 # the text matters
        inside = os.path.normpath(f"{Path(path).parent.as_posix()}/{target}")
        if target.startswith("/") or inside.startswith(".."):
            raise _odd(folder, path, f"it is a link to {target}, which leads out of the project")
        member = tarfile.TarInfo(place)
        member.type, member.linkname = tarfile.SYMTYPE, utf8_name(target)
        archive.addfile(member)
        return
    if not stat.S_ISREG(mode):
        raise _odd(folder, path, "it is a device, a pipe or another special file")
    try:
        data = file.read_bytes()
        place.encode()
    except OSError as error:
        raise _odd(folder, path, (error.strerror or str(error)).lower()) from None
    except UnicodeEncodeError:
        raise _odd(folder, path, "its name is not UTF-8") from None
    _add_data(archive, place, data, 0o755 if mode & 0o111 else 0o644)


def _add_data(archive: tarfile.TarFile, path: str, data: bytes, mode: int) -> None:
    member = tarfile.TarInfo(path)
    member.size, member.mode = len(data), mode
    archive.addfile(member, io.BytesIO(data))


def _odd(folder: Path, path: str, why: str) -> InputError:
    return InputError("plan project", str(folder / path), why=why, fix="move it out of the project's folder")
