"""How Sphinx makes the documentation site: `make site`. Nothing of it is fetched by a reader's browser."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from navigation import with_navigation

_PROJECT = tomllib.loads(
    Path(__file__).resolve().parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8")
)["project"]

project = _PROJECT["name"]
release = _PROJECT["version"]
extensions = ["myst_parser"]
exclude_patterns = ["**/.demo"]
# Links to headings are written as forges make their anchors; a missing one is a warning, which fails `make site`.
myst_heading_anchors = 6
html_theme = "furo"
html_title = project
html_copy_source = False
html_use_index = False
html_show_copyright = False


# Sphinx's own type is in an environment that mypy does not see.
def setup(app: Any) -> None:
    """Give the index its navigation when Sphinx reads it."""
    app.connect("source-read", _add_navigation)


def _add_navigation(_app: object, page: str, text: list[str]) -> None:
    if page == "index":
        text[0] = with_navigation(text[0])
