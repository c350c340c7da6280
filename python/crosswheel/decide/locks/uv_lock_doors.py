"""The extras and dependency groups of a uv.lock, its "doors": for words about a package left out, and of unknown ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from packaging.utils import canonicalize_name

from crosswheel.decide.documents.nearest_name import did_you_mean
from crosswheel.values.errors import CrosswheelError, InputError
from crosswheel.values.toml_text import TomlError, parse_toml

from .lock_formats import LockFormat, lock_format

__all__ = ["doors_to", "reached_names", "unknown_choices", "unknown_doors"]

#: Sources of the projects that a uv.lock was made for.
_OWN_SOURCES = frozenset({"virtual", "editable", "directory"})


def doors_to(name: str, data: bytes, *, file_name: str) -> str | None:
    """Return the clause that says why a locked package is not among those asked for.

    Args:
        name: normalized name of the package.
        data: the lock file.
        file_name: its name.

    Returns:
        The clause; ``None`` if the file is no uv.lock, or locks no such package.
    """
    text = data.decode("utf-8", "replace")
    if lock_format(file_name, text) is not LockFormat.UV_LOCK:
        return None
    packages: list[dict[str, Any]] = parse_toml(data).get("package", [])
    if all(package.get("name") != name for package in packages):
        return None
    roots = [package for package in packages if _OWN_SOURCES & set(package.get("source", {}))]
    doors = [
        f"--{option} {door}"
        for root in roots
        for option, key in (("extra", "optional-dependencies"), ("group", "dev-dependencies"))
        for door, needed in sorted(root.get(key, {}).items())
        if name in reached_names(needed, packages)
    ]
    if not doors:
        return "nothing that was asked for needs it"
    return f"only {' or '.join(dict.fromkeys(doors))} leads to it, which was not given"


def unknown_choices(kind: str, asked: Iterable[str], known: Collection[str]) -> list[CrosswheelError]:
    """Return a fault for each name that a lock does not have, with those it has and the nearest.

    Args:
        kind: what is named: an extra or a dependency group.
        asked: what was asked for, in any spelling (PEP 685, PEP 735).
        known: what the lock has.
    """
    spelled = {canonicalize_name(name) for name in known}
    return [
        InputError(
            f"select {kind}",
            name,
            why=f"the lock has {', '.join(dict.fromkeys(known)) if known else f'no {kind}s'}",
            fix=did_you_mean(name, known) or f"lock again with that {kind}",
        )
        for name in asked
        if canonicalize_name(name) not in spelled
    ]


def unknown_doors(data: bytes, *, extras: Iterable[str], groups: Iterable[str]) -> list[CrosswheelError]:
    """Return a fault for each extra and group that no project of a uv.lock has; none if that cannot be read.

    Args:
        data: the lock file.
        extras: extras that were asked for.
        groups: groups that were asked for.
    """
    try:
        document = parse_toml(data)
    except TomlError:
        return []
    roots = [
        package for package in document.get("package", []) if _OWN_SOURCES & set(package.get("source", {}))
    ]
    of_roots = [(root, root.get("metadata", {})) for root in roots]
    known_extras = {
        name
        for root, metadata in of_roots
        for name in (*root.get("optional-dependencies", {}), *metadata.get("provides-extras", ()))
    }
    known_groups = {
        name
        for root, metadata in of_roots
        for name in (*root.get("dev-dependencies", {}), *metadata.get("requires-dev", {}))
    } | set(document.get("manifest", {}).get("dependency-groups", {}))
    return [
        *unknown_choices("extra", map(canonicalize_name, extras), sorted(known_extras)),
        *unknown_choices("dependency group", map(canonicalize_name, groups), sorted(known_groups)),
    ]


def reached_names(needed: Iterable[Mapping[str, Any]], packages: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the names of `needed` and of all they need, whatever markers say."""
    known = list(packages)
    waiting = [(str(one.get("name")), frozenset(one.get("extra", ()))) for one in needed]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        step = waiting.pop()
        if step in seen:
            continue
        seen.add(step)
        for package in (package for package in known if package.get("name") == step[0]):
            further = list(package.get("dependencies", []))
            for extra in step[1]:
                further += package.get("optional-dependencies", {}).get(extra, [])
            waiting += [(str(one.get("name")), frozenset(one.get("extra", ()))) for one in further]
    return {name for name, _ in seen}
