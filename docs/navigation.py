"""The navigation of the documentation site: the sections of docs/index.md, with the pages each links to, in order."""

from __future__ import annotations

import re

__all__ = ["sections", "with_navigation"]

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_PAGE = re.compile(r"(?<!!)\[[^\]]*\]\(([\w./-]+)\.md\)")


def sections(index: str) -> dict[str, list[str]]:
    """Return the pages of each section of an index, named as Sphinx names them: without ``.md``."""
    _, *parts = _HEADING.split(index)
    return {
        heading: list(dict.fromkeys(_PAGE.findall(text)))
        for heading, text in zip(parts[::2], parts[1::2], strict=True)
    }


def with_navigation(index: str) -> str:
    """Return an index with a table of contents for each section, which the sidebar shows and the page does not."""
    tables = [
        "\n".join(("", "```{toctree}", ":hidden:", f":caption: {heading}", "", *pages, "```", ""))
        for heading, pages in sections(index).items()
    ]
    return index + "".join(tables)
