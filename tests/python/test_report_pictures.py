"""The pictures of the guide to reports: small enough to commit, and they load nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PICTURES = sorted((_ROOT / "docs" / "guides" / "pictures").iterdir())
_LARGEST = 200_000


def test_the_guide_shows_them_all() -> None:
    guide = (_ROOT / "docs" / "guides" / "report.md").read_text()
    assert [path.name for path in _PICTURES if f"](pictures/{path.name})" not in guide] == []
    assert _PICTURES


@pytest.mark.parametrize("path", _PICTURES, ids=lambda path: path.name)
def test_a_picture_is_small_and_loads_nothing(path: Path) -> None:
    assert path.stat().st_size <= _LARGEST
    if path.suffix == ".svg":
        assert "url(http" not in path.read_text()
        assert "@font-face" not in path.read_text()
