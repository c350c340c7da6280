"""Whose part of a uv workspace's lock is planned: that of its root, or of the members that are given as projects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from packaging.utils import canonicalize_name

from crosswheel.values.toml_text import TomlError, parse_toml

from .uv_lock_doors import reached_names

__all__ = ["workspace_roots"]


def workspace_roots(data: bytes, given: Collection[str]) -> tuple[str, ...]:
    """Return the members whose dependencies are planned; empty where uv's own choice is right: the root's, or all members' without one.

    A member that the root needs comes with it. One that it does not need, or that has no root above it, is a service of its own: who
    gives it wants what it needs, and not what the root does.

    Args:
        data: a uv.lock.
        given: normalized names of the projects that are given.
    """
    try:
        document = parse_toml(data)
    except TomlError:  # told when the lock is read
        return ()
    packages: list[Mapping[str, Any]] = document.get("package", [])
    members = {canonicalize_name(name) for name in document.get("manifest", {}).get("members", ())}
    asked = tuple(name for name in sorted(given) if name in members)
    root = next((package for package in packages if "." in package.get("source", {}).values()), None)
    if root is None:
        return asked
    doors = [*root.get("optional-dependencies", {}).values(), *root.get("dev-dependencies", {}).values()]
    needed = [*root.get("dependencies", []), *(one for door in doors for one in door)]
    return () if {*asked} <= {root["name"], *reached_names(needed, packages)} else asked
