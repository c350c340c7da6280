"""The .bzl files keep to what real Bazel takes, say what they are, and do not go without tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from starlark_files import PURE, ROOT, refused_by_bazel

_FILES = sorted((ROOT / "rules").rglob("*.bzl"))
_OF_BAZEL = re.compile(
    r"\b(rule|provider|Label|transition|module_extension)\(|\b(native|attr|r?ctx|mctx)\.|\.relative\("
)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", _FILES, ids=_name)
def test_a_file_holds_nothing_that_bazel_refuses(path: Path) -> None:
    assert refused_by_bazel(path.read_text()) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("while True:\n    pass\n", "a statement of Python"),
        ('x = f"{y}"\n', "a string with a prefix"),
        ("x = y is None\n", "`is`"),
        ("def a():\n    return b()\n\ndef b():\n    return a()\n", "recursion of a"),
    ],
)
def test_what_bazel_refuses_is_seen(text: str, why: str) -> None:
    assert why in refused_by_bazel(text)


@pytest.mark.parametrize("path", _FILES, ids=_name)
def test_a_file_and_each_of_its_public_functions_say_what_they_are(path: Path) -> None:
    text = path.read_text()
    assert text.startswith('"""')
    silent = re.findall(r'^def ([a-z]\w*)\((?:[^()]|\n)*\):(?:  #.*)?\n(?!    """)', text, re.MULTILINE)
    assert silent == []


def test_every_file_with_functions_that_names_nothing_of_bazel_is_run_here() -> None:
    code = {_name(path): re.sub(r'""".*?"""', "", path.read_text(), flags=re.DOTALL) for path in _FILES}
    pure = {name for name, text in code.items() if "def " in text and not _OF_BAZEL.search(text)}
    assert pure == set(PURE)


@pytest.mark.parametrize("path", _FILES, ids=_name)
def test_no_file_is_far_over_four_hundred_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400
