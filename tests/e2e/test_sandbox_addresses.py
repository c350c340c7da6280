"""Build code that asks where its objects lie, in the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.act.building.sandbox import choose_sandbox
from e2e.sandbox_builds import backend_sdist, run_build

pytestmark = pytest.mark.e2e


def test_objects_lie_at_the_same_addresses_wherever_the_build_is(tmp_path: Path) -> None:
    sandbox, places = choose_sandbox("bubblewrap"), set()
    for name in ("a", "b", "a folder with a longer name"):
        folder = tmp_path / name
        folder.mkdir()
        log = run_build(backend_sdist(folder, "return id(object())"), folder, sandbox).log.read_text()
        places |= {line for line in log.splitlines() if line.startswith("RESULT ")}
    assert len(places) == 1
