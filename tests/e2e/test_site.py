"""The documentation as a web site: every link and anchor leads somewhere, and a reader's browser fetches nothing else."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from e2e.crosswheel_command import run
from e2e.target_pythons import cache_root, make_once

pytestmark = pytest.mark.e2e

_ROOT = Path(__file__).parents[2]
_DOCS = _ROOT / "docs"


@pytest.fixture(scope="module")
def sphinx_build() -> Path:
    """Return Sphinx's program, in an environment of requirements/site.txt that is made once."""
    pins = _ROOT / "requirements" / "site.txt"
    key = hashlib.sha256(pins.read_bytes()).hexdigest()[:16]
    uv = str(Path(sys.executable).with_name("uv"))

    def fill(scratch: Path) -> None:
        place = str(scratch / "venv")
        run([uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, place], cwd=scratch)
        words = ["pip", "install", "--quiet", "--require-hashes", "--python", place, "-r", str(pins)]
        run([uv, *words], cwd=scratch)

    return make_once(cache_root() / "environments" / f"site-{key}", fill) / "venv/bin/sphinx-build"


def _options() -> list[str]:
    """Return the options that `make site` gives to Sphinx."""
    (line,) = re.findall(r"sphinx-build (.*) --doctree-dir", (_ROOT / "Makefile").read_text())
    return str(line).split()


def _make(program: Path, docs: Path, site: Path) -> subprocess.CompletedProcess[str]:
    words = [str(program), *_options(), "--doctree-dir", str(site) + ".doctrees", str(docs), str(site)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(sphinx_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    done = _make(sphinx_build, _DOCS, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_in_the_site_and_its_sidebar(site: Path) -> None:
    index = (site / "index.html").read_text()
    pages = [path.relative_to(_DOCS) for path in _DOCS.rglob("*.md") if ".demo" not in path.parts]
    assert [str(page) for page in pages if not (site / page.with_suffix(".html")).is_file()] == []
    listed = [page for page in pages if f'href="{page.with_suffix(".html")}"' in index]
    assert len(listed) == len(pages) - 1, set(pages) - set(listed)


class _Loads(HTMLParser):
    """Collects what a browser loads for a page without being asked."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}.get(tag)
        self.loads += [value for key, value in attrs if key == name and value]


def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    loads = set()
    for page in site.rglob("*.html"):
        reader = _Loads()
        reader.feed(page.read_text())
        loads |= set(reader.loads)
    for sheet in site.rglob("*.css"):
        loads |= set(re.findall(r"(?:url\(|@import)\s*[\"']?([^\"')\s]+)", sheet.read_text()))
    assert any(load.endswith(".js") or ".js?" in load for load in loads)
    assert [load for load in loads if re.match(r"(https?:)?//", load)] == []


def test_what_is_broken_fails(sphinx_build: Path, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in ("conf.py", "navigation.py"):
        shutil.copy(_DOCS / name, docs)
    shutil.copy(_ROOT / "pyproject.toml", tmp_path)
    (docs / "index.md").write_text("# Index\n\n## Reference\n\n- [A page](page.md)\n")
    (docs / "page.md").write_text("# A page\n\n[gone](gone.md), [no heading](#nothing), [good](#a-page)\n")
    (docs / "unlisted.md").write_text("# Another page\n")
    done = _make(sphinx_build, docs, tmp_path / "site")
    assert done.returncode != 0
    warnings = [line for line in done.stderr.splitlines() if "WARNING" in line]
    assert len(warnings) == 3, done.stderr
    for broken in ("gone.md", "nothing", "unlisted.md"):
        assert any(broken in line for line in warnings), done.stderr
