"""What a uv.lock has of its project, and whether it still says what that asks for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from crosswheel.values.toml_text import TomlError, parse_toml

__all__ = ["has_groups", "unlocked_dependencies"]

#: What a uv.lock writes of a requirement that any index may serve; another key says where it is, which the project's
#: own table of sources decides.
_OF_AN_INDEX = frozenset({"name", "specifier", "marker", "extras"})


@lru_cache(maxsize=1)
def _document(lock: bytes) -> Mapping[str, Any]:
    """Parse a lock, which may be long: all questions to it are asked one after the other."""
    return parse_toml(lock)


def has_groups(lock: bytes) -> bool:
    """Tell whether a uv.lock has dependency groups; one that cannot be read may have some."""
    try:
        return any(one.get("dev-dependencies") for one in _document(lock).get("package", []))
    except (TomlError, AttributeError, TypeError):
        return True


def unlocked_dependencies(lock: bytes, project: bytes) -> tuple[str, ...]:
    """Return what a project needs otherwise than when it was locked: names, sorted.

    Only what is written down in both files is compared: its dependencies, without extras, groups and URLs. That tells of
    the change that is made by hand most often; uv itself compares everything, by resolving anew (``uv lock --check``).

    Args:
        lock: the uv.lock.
        project: the pyproject.toml beside it.
    """
    try:
        packages, table = _document(lock).get("package", []), parse_toml(project).get("project", {})
        root = next(
            one for one in packages if "." in {one["source"].get("virtual"), one["source"].get("editable")}
        )
        entries = [one for one in root["metadata"].get("requires-dist", ()) if not _is_of_extra(one)]
        locked = {(canonicalize_name(one["name"]), SpecifierSet(one.get("specifier", ""))) for one in entries}
        requirements = [Requirement(text) for text in table.get("dependencies", ())]
    except (
        TomlError,
        KeyError,
        TypeError,
        AttributeError,
        StopIteration,
        InvalidRequirement,
        InvalidSpecifier,
    ):
        return ()  # what is wrong with either is told by who reads it
    if "dependencies" in table.get("dynamic", ()):
        return ()
    asked = {(canonicalize_name(one.name), one.specifier) for one in requirements}
    elsewhere = {one["name"] for one in entries if not {*one} <= _OF_AN_INDEX}
    elsewhere |= {canonicalize_name(one.name) for one in requirements if one.url is not None}
    return tuple(sorted({name for name, _ in locked ^ asked} - elsewhere))


def _is_of_extra(entry: Mapping[str, Any]) -> bool:
    return "extra ==" in entry.get("marker", "")
