"""The tutorial of Bazel does what it says, and the service answers from the image."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.image_service import serving, unpack_image
from e2e.shown_bazel import workspace_of
from e2e.shown_pages import do_page, put_programs

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(_ROOT / "docs" / "examples" / "web-service"))

from demo import fetch, free_port, wait_until_up  # noqa: E402


@pytest.fixture(scope="module")
def hello(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder in which the tutorial ends."""
    folder = tmp_path_factory.mktemp("tutorial")
    state = folder / "state"
    module = (
        f'PYTHONPATH="{_ROOT}/python:{_ROOT}/tests" exec "{sys.executable}" -m e2e.shown_bazel "{state}" "$@"'
    )
    programs = put_programs(folder / "programs", bazel=module)
    try:
        yield do_page(_ROOT / "docs" / "tutorials" / "bazel.md", folder, programs)
    finally:
        workspace_of(folder / "hello", state).close()


def test_the_service_answers_from_the_image(hello: Path, tmp_path: Path) -> None:
    layout = Path(os.path.realpath(hello / "bazel-bin/src/image"))
    bundle = unpack_image(layout, tmp_path / "bundle")
    port = free_port()
    with serving(bundle, "--port", str(port), arch="arm64") as server:
        wait_until_up(port, server, path="/?n=1")
        assert json.loads(fetch(port, "/?n=1&n=2")) == {"machine": "aarch64", "mean": 1.5}
