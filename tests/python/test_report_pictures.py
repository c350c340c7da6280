"""The pictures of the guides: small enough to commit, and they load nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from report_pictures import shown_of

_ROOT = Path(__file__).parents[2]
_PICTURES = sorted((_ROOT / "docs" / "guides" / "pictures").iterdir())
_LARGEST = 200_000


def test_the_guides_show_them_all() -> None:
    guides = "".join(path.read_text() for path in (_ROOT / "docs" / "guides").glob("*.md"))
    assert [path.name for path in _PICTURES if f"](pictures/{path.name})" not in guides] == []
    shown = {path.name for path in _PICTURES}
    assert set(re.findall(r"\]\(pictures/([^)]+)\)", guides)) == shown


def test_what_terminals_show_is_pictured() -> None:
    shown = {path.stem for path in _PICTURES if path.suffix == ".svg"}
    assert shown >= {
        "report-terminal",
        "terminal-build",
        "terminal-explain",
        "terminal-plan",
        "terminal-why-failed",
    }


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("[1] fetch a\r           \r[1] fetch b", "[1] fetch b"),
        ("build a 50%\r           \rbuild a: built\r\n", "build a: built\n"),
        ("abc\rx", "xbc"),
    ],
)
def test_a_terminal_shows_what_was_written_last(written: str, shown: str) -> None:
    assert shown_of(written) == shown


@pytest.mark.parametrize("path", _PICTURES, ids=lambda path: path.name)
def test_a_picture_is_small_and_loads_nothing(path: Path) -> None:
    assert path.stat().st_size <= _LARGEST
    if path.suffix == ".svg":
        assert "url(http" not in path.read_text()
        assert "@font-face" not in path.read_text()
