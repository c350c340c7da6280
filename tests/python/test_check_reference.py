"""docs/reference/findings.md and the table of finding codes say the same."""

from __future__ import annotations

import re
from pathlib import Path

from crosswheel.act.check.findings import FINDING_CODES

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs" / "reference" / "findings.md").read_text()
_SECTION = re.compile(
    r"^### (\S+)\n\nPrebuilt: (\w+)\. Built: (\w+)\.( Never accepted\.)?\n\n(.+?)(?=^##|\Z)",
    re.MULTILINE | re.DOTALL,
)


def test_every_code_is_explained_with_its_severities_in_the_tables_order() -> None:
    explained = [
        (code, prebuilt, built, not never) for code, prebuilt, built, never, _ in _SECTION.findall(_PAGE)
    ]
    assert explained == [
        (row.code, row.prebuilt.value, row.built.value, row.acceptable) for row in FINDING_CODES.values()
    ]


def test_every_code_says_what_why_and_what_to_do() -> None:
    for code, _, _, _, text in _SECTION.findall(_PAGE):
        labels = re.findall(r"^- (\w+):", text, re.MULTILINE)
        assert [label for label in labels if label != "Seen"] == ["What", "Why", "Do"], code


def test_every_code_of_the_concept_page_exists() -> None:
    page = (_ROOT / "docs" / "concepts" / "verification.md").read_text()
    kinds = page[page.index("| kind |") :]
    codes = {
        code
        for row in kinds.splitlines()
        if row.startswith("| ")
        for code in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", row)
    }
    assert codes - {"py3-none-any"} <= set(FINDING_CODES)


def test_every_code_is_used_by_a_check() -> None:
    folder = _ROOT / "python" / "crosswheel" / "act" / "check"
    sources = [path.read_text() for path in folder.glob("*.py") if path.name != "findings.py"]
    text = "\n".join([*sources, (folder.parent / "wheels" / "finish_wheel.py").read_text()])
    assert [code for code in FINDING_CODES if f'"{code}"' not in text] == []
