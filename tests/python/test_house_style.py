"""Sizes and names stay within the house style of docs/contributing.md."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_FILES = sorted((_ROOT / "python").rglob("*.py")) + sorted((_ROOT / "tests").rglob("*.py"))
_CORE = [path for path in _FILES if path.is_relative_to(_ROOT / "python")]
_LONGEST_FILE = 450
_LONGEST_FUNCTION = 60
_VAGUE = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager"})


def _name(path: Path) -> str:
    return path.relative_to(_ROOT).as_posix()


@pytest.mark.parametrize("path", _FILES, ids=_name)
def test_no_file_is_far_over_four_hundred_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= _LONGEST_FILE


@pytest.mark.parametrize("path", _FILES, ids=_name)
def test_no_function_is_longer_than_sixty_lines(path: Path) -> None:
    long = [
        f"{node.name} ({(node.end_lineno or node.lineno) - node.lineno + 1} lines)"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > _LONGEST_FUNCTION
    ]
    assert not long, f"{_name(path)}: {', '.join(long)}"


@pytest.mark.parametrize("path", _FILES, ids=_name)
def test_files_are_named_for_what_they_hold(path: Path) -> None:
    assert not _VAGUE & set(path.stem.split("_"))


@pytest.mark.parametrize("path", _CORE, ids=_name)
def test_every_module_says_what_question_it_answers(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", _CORE, ids=_name)
def test_every_module_names_its_public_surface(path: Path) -> None:
    """`__all__` names what exists; a module without public functions or classes needs none."""
    tree = ast.parse(path.read_text())
    defined = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_"
    }
    if not defined or path.parent.name in {"injected", "command_line"}:
        return
    listed = {
        element.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(getattr(target, "id", "") == "__all__" for target in node.targets)
        for element in getattr(node.value, "elts", [])
    }
    assert listed, f"{_name(path)} defines {', '.join(sorted(defined))} but has no __all__"
