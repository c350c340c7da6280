"""The folders that a plan takes besides a lock's files: members of a workspace, and the project itself where it is a package."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crosswheel.values.toml_text import TomlError, parse_toml

from .lock_formats import LockFormat
from .own_release import release_of, table_of_release
from .uv_lock_doors import reached_names
from .workspace_roots import workspace_roots

__all__ = ["OwnPackage", "is_member", "locked_folders", "own_package", "own_services"]

#: Sources of a uv.lock that are installed from a folder; what is ``virtual`` is not installed.
_INSTALLED = ("editable", "directory")
#: Where tools say, by a false one, that a project is no package.
_NO_PACKAGE = (("poetry", "package-mode"), ("pdm", "distribution"))
#: Where a uv.lock has the project that it lies beside.
_ROOT = "."


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnPackage:
    """A project that installers would build.

    Attributes:
        name: its name.
        is_static: whether pyproject.toml says name and version, so that its folder can be planned as it is.
        programs: the programs that it installs.
    """

    name: str
    is_static: bool
    programs: tuple[str, ...] = ()


def own_package(pyproject: str) -> OwnPackage | None:
    """Return what a pyproject.toml makes of its project; ``None`` where that is no package, or the file is wrong.

    That is uv's rule: ``tool.uv.package``, and without it whether there is a build system; Poetry's ``package-mode``
    and PDM's ``distribution``.
    """
    document = _document(pyproject)
    project, tools = table_of_release(document), _table(document, "tool")
    built = "build-system" in document and all(
        _table(tools, tool).get(key) is not False for tool, key in _NO_PACKAGE
    )
    if not _table(tools, "uv").get("package", built):
        return None
    name = project.get("name")
    return OwnPackage(
        name=name if isinstance(name, str) else "",
        is_static=release_of(document) is not None,
        programs=tuple(sorted(_table(project, "scripts"))),
    )


def locked_folders(lock: str, kind: LockFormat) -> tuple[str, ...]:
    """Return the folders, relative to the lock's, that a lock needs packages from; that of the lock itself is none of them.

    Of a uv.lock these are what the project beside it leads to, whatever markers say; without such a project, all members.

    Args:
        lock: the lock's text; of one that is wrong, nothing is returned, as who reads it says what is wrong.
        kind: its format.
    """
    document = _document(lock)
    if kind is LockFormat.PYLOCK:
        paths = [_table(one, "directory").get("path") for one in _tables(document, "packages")]
    elif kind is LockFormat.UV_LOCK:
        packages = list(_tables(document, "package"))
        roots = [one for one in packages if _ROOT in _table(one, "source").values()]
        needed = reached_names([{"name": one.get("name")} for one in roots or packages], packages)
        paths = [_folder(one) for one in packages if one.get("name") in needed]
    else:
        paths = []
    found = [posixpath.normpath(path) for path in paths if isinstance(path, str) and path]
    return tuple(dict.fromkeys(path for path in found if path != _ROOT))


def is_member(lock: str, folder: str) -> bool:
    """Tell whether a uv.lock was made for the project in `folder`, relative to the lock's, among others."""
    packages = _tables(_document(lock), "package")
    return any(folder in _table(one, "source").values() for one in packages)


def own_services(lock: str, given: Collection[str] | None) -> tuple[str, ...]:
    """Return the folders of the workspace's members that are planned for themselves, and not because the workspace's root needs them.

    Args:
        lock: text of a uv.lock; of any other, nothing is returned.
        given: the folders that are planned, relative to the lock's; ``None`` for those of all members that no root goes before.
    """
    packages = list(_tables(_document(lock), "package"))
    folders = {
        one["name"]: path
        for one in packages
        if isinstance(path := _folder(one, (*_INSTALLED, "virtual")), str) and "name" in one
    }
    if given is None:
        found = () if _ROOT in folders.values() else tuple(folders)
    else:
        known = {name for name, path in folders.items() if posixpath.normpath(path) in given}
        found = workspace_roots(lock.encode(), known) if known else ()
    return tuple(posixpath.normpath(folders[name]) for name in found if folders[name] != _ROOT)


def _folder(package: Mapping[str, Any], kinds: Sequence[str] = _INSTALLED) -> object:
    source = _table(package, "source")
    return next((source[key] for key in kinds if key in source), None)


def _document(text: str) -> Mapping[str, Any]:
    try:
        return parse_toml(text.encode())
    except TomlError:
        return {}


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = table.get(key)
    return inner if isinstance(inner, Mapping) else {}


def _tables(table: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    inner = table.get(key)
    return [one for one in inner if isinstance(one, Mapping)] if isinstance(inner, list) else []
