"""A lock file of any supported format as one `Lock`: read from disk, or from what uv makes of it.

pylock.toml needs neither uv nor the network; what the other formats needed of them is kept in the store.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from crosswheel.act.fetching.file_urls import path_of_file_url
from crosswheel.act.planning.uv_program import UvProgram
from crosswheel.act.storage.store import Store
from crosswheel.decide.locks.lock_formats import LockFormat, lock_format
from crosswheel.decide.locks.locks import Lock, LockedFile, parse_pylock
from crosswheel.decide.locks.uv_lock_doors import unknown_doors
from crosswheel.decide.locks.workspace_roots import workspace_roots
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.python_abi import PythonAbi
from crosswheel.values.toml_text import TomlError, parse_toml

__all__ = ["LockRequest", "ReadLock", "read_lock", "read_lock_file", "rebased"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LockRequest:
    """A lock file and what of it is wanted.

    Attributes:
        path: the file.
        extras: extras to install.
        all_extras: every extra.
        groups: dependency groups to install.
        pythons: Pythons of the targets.
        projects: normalized names of the projects that are given.
    """

    path: Path
    extras: tuple[str, ...] = ()
    all_extras: bool = False
    groups: tuple[str, ...] = ()
    pythons: tuple[PythonAbi, ...] = ()
    projects: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadLock:
    """A lock, and which extras and groups are still to be selected from it.

    Attributes:
        lock: the lock; its paths are relative to the lock file's folder.
        digest: of the file's bytes.
        extras: extras that select.
        groups: groups that select; ``None`` for the lock's default groups.
        files: files to be written beside the plan, by path relative to its folder.
    """

    lock: Lock
    digest: Digest
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def read_lock_file(path: Path) -> bytes:
    """Return the bytes of a lock file.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            "read lock file",
            str(path),
            why=error.strerror or str(error),
            fix="give the path of a pylock.toml, uv.lock or requirements.txt",
        ) from None


def read_lock(request: LockRequest, *, uv: UvProgram, store: Store) -> ReadLock:
    """Read a lock file.

    Args:
        request: the file, and the extras and groups that are wanted.
        uv: asked to export a uv.lock, and to list the files of a requirements.txt.
        store: keeps what uv answered.

    Raises:
        CrosswheelError: the file is wrong, holds something that cannot be used, or uv failed.
    """
    data = read_lock_file(request.path)
    digest = digest_of(data)
    name = request.path.name
    kind = lock_format(name, data.decode("utf-8", "replace"))
    if not data.strip():
        raise InputError("read lock file", name, why="it is empty", fix="make the lock anew, or give another")
    match kind:
        case LockFormat.PYLOCK:
            lock = parse_pylock(data, name=name)
            extras = lock.extras if request.all_extras else request.extras
            return ReadLock(lock=lock, digest=digest, extras=extras, groups=request.groups or None)
        case LockFormat.UV_LOCK:
            return ReadLock(lock=_from_uv_lock(request, data, uv, store), digest=digest)
        case LockFormat.REQUIREMENTS:
            return ReadLock(lock=_from_requirements(request, data, uv, store), digest=digest)


def locked_releases(path: Path) -> frozenset[tuple[str, str]] | None:
    """Return normalized name and version of what a lock file holds, asking nobody; ``None`` if it is wrong."""
    from crosswheel.decide.locks.requirements_file import parse_requirements_file

    try:
        data = read_lock_file(path)
        kind = lock_format(path.name, data.decode("utf-8", "replace"))
        if kind is LockFormat.PYLOCK:
            lock = parse_pylock(data, name=path.name)
            return frozenset((package.name, package.version) for package in lock.packages)
        if kind is LockFormat.UV_LOCK:
            packages = parse_toml(data).get("package", ())
            return frozenset((one["name"], one["version"]) for one in packages if "version" in one)
        return frozenset(
            (name, str(version))
            for name, version in parse_requirements_file(data.decode(), name=path.name).hashes
        )
    except (CrosswheelError, TomlError, UnicodeDecodeError):  # told when the lock is read
        return None


def _from_uv_lock(request: LockRequest, data: bytes, uv: UvProgram, store: Store) -> Lock:
    from crosswheel.act.planning.uv_resolver import answer_key, export_uv_lock

    # Extras and groups are resolved away by the export: its pylock has neither.
    members = workspace_roots(data, request.projects)
    key = answer_key(
        {
            "uv.lock": digest_of(data).hex,
            **({"packages": list(members)} if members else {}),
            "extras": list(request.extras),
            "all": request.all_extras,
            "groups": list(request.groups),
        }
    )
    text = store.read_record("lock-export", key)
    if not isinstance(text, str):
        try:
            text = export_uv_lock(
                uv,
                request.path,
                extras=request.extras,
                all_extras=request.all_extras,
                groups=request.groups,
                members=members,
            )
        except InputError:  # uv names the first only, and neither what there is nor the nearest
            unknown = unknown_doors(data, extras=request.extras, groups=request.groups)
            raise_faults([fault.within(request.path.name) for fault in unknown])
            raise
        store.write_record("lock-export", key, text)
    return parse_pylock(text.encode(), name=request.path.name)


def _from_requirements(request: LockRequest, data: bytes, uv: UvProgram, store: Store) -> Lock:
    from crosswheel.act.planning.uv_resolver import answer_key, list_files
    from crosswheel.decide.locks.requirements_file import parse_requirements_file, with_hashes_of

    name = request.path.name
    if request.extras or request.all_extras or request.groups:
        raise InputError(
            "select extras or groups of",
            name,
            why="a requirements.txt has none",
            fix="leave --extra, --all-extras and --group out, or give a pylock.toml or uv.lock",
        )
    requirements = parse_requirements_file(data.decode("utf-8", "replace"), name=name)
    lowest = min(request.pythons, key=lambda python: (python.major, python.minor))
    key = answer_key(
        {
            "lines": list(requirements.lines),
            "hashes": [
                [project, str(version), sorted(hashes)]
                for (project, version), hashes in sorted(requirements.hashes.items())
            ],
            "python": lowest.version,
        }
    )
    # The hashes make the answer independent of the index that gave it.
    text = store.read_record("lock-files", key)
    if not isinstance(text, str):
        text = list_files(uv, store, requirements.lines, python=lowest, name=name)
        store.write_record("lock-files", key, text)
    return with_hashes_of(parse_pylock(text.encode(), name=name), requirements)


def rebased(lock: Lock, *, source: Path, destination: Path) -> Lock:
    """Return `lock` with every local file as a path relative to folder `destination`.

    Args:
        lock: paths in it are relative to `source`; ``file:`` URLs are local files too.
        source: the lock's folder.
        destination: the plan's folder.
    """
    prefix = os.path.relpath(source.resolve(), destination.resolve()).replace(os.sep, "/")

    def relative(path: str | Path) -> str:
        return os.path.relpath(path, destination.resolve()).replace(os.sep, "/")

    def moved(file: LockedFile) -> LockedFile:
        if file.path is not None and file.path.startswith("/"):
            return replace(file, path=relative(file.path))
        if file.path is not None:
            return replace(file, path=posixpath.normpath(posixpath.join(prefix, file.path)))
        if file.url is not None and (path := path_of_file_url(file.url)) is not None:
            return replace(file, url=None, path=relative(path.resolve()))
        return file

    def all_moved(files: Sequence[LockedFile]) -> tuple[LockedFile, ...]:
        # An index and a folder of links may offer the same file; the index serves every machine.
        by_digest: dict[Digest, LockedFile] = {}
        for file in map(moved, files):
            known = by_digest.get(file.sha256)
            if known is None or known.url is None:
                by_digest[file.sha256] = file
        return tuple(by_digest.values())

    return replace(
        lock,
        packages=tuple(
            replace(
                package,
                wheels=all_moved(package.wheels),
                sdist=None if package.sdist is None else moved(package.sdist),
            )
            for package in lock.packages
        ),
    )
