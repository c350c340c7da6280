"""Which extras and dependency groups of a uv.lock lead to a package: its "doors", for words about one left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crosswheel.values.toml_text import parse_toml

from .lock_formats import LockFormat, lock_format

__all__ = ["doors_to"]

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
        if name in _reached(needed, packages)
    ]
    if not doors:
        return "nothing that was asked for needs it"
    return f"only {' or '.join(dict.fromkeys(doors))} leads to it, which was not given"


def _reached(needed: Iterable[Mapping[str, Any]], packages: Iterable[Mapping[str, Any]]) -> set[str]:
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
