"""The site's navigation is the index, and what makes it is pinned."""

from __future__ import annotations

import re
from pathlib import Path

from navigation import sections, with_navigation

_ROOT = Path(__file__).parents[2]
_INDEX = """\
# A project

Not in a section: [nothing](nothing.md).

## Learn

- [First](learn/first.md): what comes first, and [again](learn/first.md).
- [Elsewhere](https://example.org/page.md), [a picture](one.png), [a heading](learn/first.md#end)

## Look up

- Both: [one](one.md), [two](two.md).
"""


def test_a_section_holds_the_pages_it_links_to_once_and_in_order() -> None:
    assert sections(_INDEX) == {"Learn": ["learn/first"], "Look up": ["one", "two"]}


def test_the_index_keeps_its_text_and_gets_a_table_for_each_section() -> None:
    text = with_navigation(_INDEX)
    assert text.startswith(_INDEX)
    assert "```{toctree}\n:hidden:\n:caption: Look up\n\none\ntwo\n```\n" in text


def test_there_are_four_quadrants() -> None:
    index = (_ROOT / "docs" / "index.md").read_text()
    assert list(sections(index))[:4] == ["Tutorials", "Guides", "Concepts", "Reference"]


def test_everything_that_makes_the_site_is_pinned_by_hash() -> None:
    pins = (_ROOT / "requirements" / "site.txt").read_text()
    entries = re.split(r"^(?=[a-z])", pins, flags=re.MULTILINE)[1:]
    assert all(
        re.match(r"[\w.-]+(\[\w+\])?==[\w.]+", entry) and "--hash=sha256:" in entry for entry in entries
    )
    assert {"furo", "myst-parser", "sphinx"} <= {entry.partition("==")[0] for entry in entries}


def test_make_site_fails_on_warnings() -> None:
    (line,) = re.findall(r"^\t.*sphinx-build.*$", (_ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"--fail-on-warning", "--nitpicky", "--fresh-env"} <= set(line.split())
