"""What the tool that a project is managed with says of it: the Pythons it is for, and the commands that make a lock."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from crosswheel.values.python_abi import parse_python_version
from crosswheel.values.toml_text import TomlError, parse_toml

__all__ = ["LOCK_INPUT", "TOOL_FILES", "RequiredPython", "how_to_lock", "required_python"]

#: What locks are made of.
LOCK_INPUT = re.compile(r"requirements[\w.-]*\.in")
#: Files that say which tool a project is managed with, beside pyproject.toml.
TOOL_FILES = frozenset({"Pipfile", "setup.cfg", "setup.py"})
#: No X.Y of CPython has had as many releases.
_MOST_PATCHES = 40
#: What PDM's table has in projects that are only built by its backend.
_PDM_BACKEND = frozenset({"build", "version"})
_POETRY_RANGE = re.compile(r"(\^|~(?!=))\s*(\d+(?:\.\d+)*)")
_BLANK_BEFORE_OPERATOR = re.compile(r"(?<=[\w*])\s+(?=[<>=!~^])")
_UV_COMPILE = "uv pip compile --universal --format pylock.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class RequiredPython:
    """The Pythons that a project is for.

    Attributes:
        place: the file that says so.
        key: the key there.
        text: its value.
        ranges: a Python that is in one of them is allowed.
    """

    place: str
    key: str
    text: str
    ranges: tuple[SpecifierSet, ...]

    def __str__(self) -> str:
        """Return the key and what it says."""
        return f"{self.key} of {self.place} is '{self.text}'"

    def allows(self, python: str) -> bool:
        """Tell whether some release of X.Y is allowed: ``~=3.11.2`` has no 3.11.0."""
        version = parse_python_version(python).version
        return any(f"{version}.{patch}" in one for one in self.ranges for patch in range(_MOST_PATCHES))

    def allows_all_of(self, python: str) -> bool:
        """Tell whether X.Y.0 is allowed, which a target's Python counts as."""
        return any(f"{parse_python_version(python).version}.0" in one for one in self.ranges)


def required_python(files: Mapping[str, str], *, lock: str = "") -> RequiredPython | None:
    """Return the Pythons that a project's files say it is for: pyproject.toml, a Pipfile, and then the lock.

    Args:
        files: text of the files, by name.
        lock: name of the lock, which says so, too, where it is a pylock.toml or a uv.lock.
    """
    pyproject, pipfile = _document(files, "pyproject.toml"), _document(files, "Pipfile")
    poetry = _table(pyproject, "tool", "poetry", "dependencies").get("python")
    locked = _document(files, lock) if lock.endswith((".toml", ".lock")) else {}
    for place, key, value in (
        ("pyproject.toml", "requires-python", _table(pyproject, "project").get("requires-python")),
        ("pyproject.toml", "python", poetry.get("version") if isinstance(poetry, Mapping) else poetry),
        ("Pipfile", "python_version", _table(pipfile, "requires").get("python_version")),
        ("Pipfile", "python_full_version", _table(pipfile, "requires").get("python_full_version")),
        (lock, "requires-python", locked.get("requires-python")),
    ):
        if not isinstance(value, str):
            continue
        text = f"=={'.'.join(value.split('.')[:2])}.*" if place == "Pipfile" else value
        try:
            ranges = tuple(_ranges(text, of_poetry=key == "python"))
        except InvalidSpecifier:
            return None  # planning says what is wrong with it, where it matters
        return RequiredPython(place=place, key=key, text=value, ranges=ranges)
    return None


def _ranges(text: str, *, of_poetry: bool) -> Iterator[SpecifierSet]:
    """Yield the ranges of a constraint, of Poetry's if it is one: https://python-poetry.org/docs/dependency-specification/."""
    if not of_poetry:
        yield SpecifierSet(text)
        return
    for words in re.split(r"\|\|?", text):
        parts = _BLANK_BEFORE_OPERATOR.sub(",", words.strip()).split(",")
        yield SpecifierSet(",".join(_of_poetry(part.strip()) for part in parts if part.strip() != "*"))


def _of_poetry(part: str) -> str:
    if (found := _POETRY_RANGE.fullmatch(part)) is not None:
        numbers = found[2].split(".")
        fixed = 2 if found[1] == "~" and len(numbers) > 1 else 1
        ends = [*numbers[: fixed - 1], str(int(numbers[fixed - 1]) + 1)]
        return f">={found[2]},<{'.'.join(ends)}"
    return part if not part[:1].isdigit() else f"=={part}"


def how_to_lock(files: Mapping[str, str]) -> str:
    """Return the commands that make a lock of what a project has, by the tool that it is managed with."""
    pyproject = _document(files, "pyproject.toml")
    tools = _table(pyproject, "tool")
    if "poetry" in tools:
        return "make one: `poetry lock`, then `poetry export -o requirements.txt` (since Poetry 2 by its poetry-plugin-export)"
    if set(_table(tools, "pdm")) - _PDM_BACKEND:
        return "make one: `pdm lock`, then `pdm export -f pylock -o pylock.toml`"
    if "Pipfile" in files:
        return "make one: `pipenv lock`, then `pipenv requirements --hash > requirements.txt`"
    if "project" in pyproject:
        return "make one: `uv lock`"
    wanted = _compiled(files)
    begin = "" if wanted else "write what it needs, a line each, into requirements.in, and "
    return f"{begin}make one: `{_UV_COMPILE} {shlex.quote(wanted or 'requirements.in')} -o pylock.toml`"


def _compiled(files: Collection[str]) -> str:
    """Return the file that uv compiles to a lock; empty if there is none."""
    inputs = sorted(filter(LOCK_INPUT.fullmatch, files), key=lambda name: (name != "requirements.in", name))
    return next((name for name in (*inputs, "setup.py", "setup.cfg") if name in files), "")


def _document(files: Mapping[str, str], name: str) -> Mapping[str, Any]:
    try:
        return parse_toml(files.get(name, "").encode())
    except TomlError:
        return {}


def _table(table: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        inner = table.get(key)
        table = inner if isinstance(inner, Mapping) else {}
    return table
