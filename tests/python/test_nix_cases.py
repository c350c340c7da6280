"""Every file of Nix code has a file of cases; tests/e2e/test_nix_functions.py evaluates them, and looks at each function."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_CASES = _ROOT / "tests" / "nix" / "functions"


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.nix"))


def test_every_file_has_a_file_of_cases_and_no_other_is_there() -> None:
    assert _names(_CASES) == _names(_ROOT / "rules" / "nix")


@pytest.mark.parametrize("file", _names(_CASES))
def test_cases_are_named_by_what_they_are_about(file: str) -> None:
    """So that cases of two files cannot have one name, where the second would hide the first."""
    names = re.findall(r'^  "([^"\n]*)" = \{$', (_CASES / f"{file}.nix").read_text(), re.MULTILINE)
    assert names
    assert [name for name in names if not re.match(rf"{file}[.:]", name + ":")] == []
