"""Name, version and programs of a project as its pyproject.toml says them without running anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["release_of", "table_of_release"]


def table_of_release(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the table that tells of a project: ``[project]`` (PEP 621), or without one what Poetry had before, ``[tool.poetry]``.

    Args:
        document: the pyproject.toml.
    """
    project = document.get("project")
    if isinstance(project, Mapping):
        return project
    tools = document.get("tool")
    poetry = tools.get("poetry") if isinstance(tools, Mapping) else None
    return poetry if isinstance(poetry, Mapping) else {}


def release_of(document: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return name and version, as written; ``None`` where one of them is not said, or a backend is to find it out.

    >>> release_of({"tool": {"poetry": {"name": "app", "version": "1"}}})
    ('app', '1')
    >>> release_of({"project": {"name": "app", "dynamic": ["version"]}, "tool": {"poetry": {"version": "1"}}}) is None
    True
    """
    table = table_of_release(document)
    name, version = table.get("name"), table.get("version")
    return (name, version) if isinstance(name, str) and isinstance(version, str) else None
