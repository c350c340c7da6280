"""Messages name a page of the documentation by its title: who installed the wheel has no folder of pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_PACKAGE = ROOT / "python" / "crosswheel"
_PATH = re.compile(r"\bdocs/\w+/[\w-]+\.md")
_PAGE = re.compile(r"the (guide|reference) '([^']+)'")
#: The texts of `--help` are made into pages, in which a path becomes a link.
_FILES = [
    path for path in sorted(_PACKAGE.rglob("*.py")) if path.relative_to(_PACKAGE).parts[0] != "command_line"
]


def texts(path: Path) -> Iterator[str]:
    """Yield the texts in a module that are no docstrings."""
    tree = ast.parse(path.read_text())
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value


def titles(kind: str) -> set[str]:
    """Return the first headings of the pages of a folder."""
    folder = ROOT / "docs" / {"guide": "guides", "reference": "reference"}[kind]
    found = (re.search(r"^# (.+)$", page.read_text(), re.MULTILINE) for page in folder.glob("*.md"))
    return {heading[1].replace("`", "") for heading in found if heading}


def test_no_message_names_a_page_by_its_path() -> None:
    faults = [
        f"{path.name}: {said[0]}" for path in _FILES for text in texts(path) if (said := _PATH.search(text))
    ]
    assert not faults


@pytest.mark.parametrize("kind", ["guide", "reference"])
def test_pages_that_messages_name_have_these_titles(kind: str) -> None:
    named = {
        title for path in _FILES for text in texts(path) for one, title in _PAGE.findall(text) if one == kind
    }
    assert named
    assert named <= titles(kind)
