"""The pages do what they say: their commands run in order and print what is shown.

Every page but the tutorials begins in the folder that the tutorial of the command line leaves: with a lock, a plan, a wheel repository, a base lock,
an application and an image.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import jsonschema
import pytest

from e2e.image_service import serving, unpack_image
from e2e.shown_pages import do_page, put_programs
from shown_commands import Block, blocks_of, pages

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(_DOCS / "examples" / "web-service"))

from demo import fetch, free_port, wait_until_up  # noqa: E402

_TUTORIAL = _DOCS / "tutorials" / "cli.md"


def _is_run(block: Block) -> bool:
    return block.shows_commands and block.reason is None


_PAGES = [
    page
    for page in pages()
    if page.parent.name != "tutorials" and any(map(_is_run, blocks_of(page.read_text())))
]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return put_programs(tmp_path_factory.mktemp("programs"))


@pytest.fixture(scope="module")
def hello(tmp_path_factory: pytest.TempPathFactory, programs: Path) -> Path:
    """The folder in which the tutorial ends."""
    return do_page(_TUTORIAL, tmp_path_factory.mktemp("tutorial"), programs)


def test_the_service_of_the_tutorial_answers_from_its_image(hello: Path, tmp_path: Path) -> None:
    bundle = unpack_image(hello / "image", tmp_path / "bundle")
    port = free_port()
    with serving(bundle, "--port", str(port), arch="arm64") as server:
        wait_until_up(port, server, path="/?n=1")
        answer = json.loads(fetch(port, "/?n=1&n=2"))
    assert answer == {"machine": "aarch64", "mean": 1.5}
    assert json.dumps(answer, separators=(",", ":")) in _TUTORIAL.read_text()


def test_the_plan_of_the_tutorial_is_valid_by_its_schema(hello: Path) -> None:
    schema = json.loads((_DOCS / "reference" / "plan.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads((hello / "wheels.plan.json").read_text()))


#: Pages that empty the store; elsewhere one is shared by all tests.
_EMPTYING = {"cache.md"}


@pytest.mark.parametrize("page", _PAGES, ids=lambda path: path.stem)
def test_the_commands_of_a_page_run(page: Path, hello: Path, tmp_path: Path, programs: Path) -> None:
    folder = tmp_path / "hello"
    shutil.copytree(hello, folder, symlinks=True)
    own = {"CROSSWHEEL_CACHE_DIR": str(tmp_path / "store")} if page.name in _EMPTYING else {}
    do_page(page, folder, programs, own)
