"""A backend that compiles something when it is asked for its build requirements, by the real compiler in the sandbox."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.building.build import requires_for_build_wheel
from crosswheel.act.building.sandbox import choose_sandbox
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.values.errors import BuildError
from e2e.crosswheel_command import shared_store
from e2e.sandbox_builds import backend_sdist, build_request
from e2e.zig import zig_wheel

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_ASKED = """
import os, subprocess
CACHE = "/build/cache/global/o"

def get_requires_for_build_wheel(config_settings=None):
    had = set(os.listdir(CACHE))
    with open("probe.c", "w") as file:
        file.write("int main(void) { return 0; }")
    subprocess.check_call([os.environ["CC"], "probe.c", "-o", "probe"])
    return [f"had-{len(had)}", f"made-{len(set(os.listdir(CACHE)) - had)}"]
"""


def test_it_finds_the_compiler_warm(tmp_path: Path) -> None:
    sdist = backend_sdist(tmp_path, "return 1", files={"tree/asked.py": _ASKED})
    store = Store(shared_store())
    request = replace(build_request(sdist, store, backend="asked"), toolchain=zig_wheel())
    had, made = requires_for_build_wheel(
        request, store=store, sandbox=choose_sandbox("bubblewrap"), reporter=SilentReporter()
    )
    assert had != "had-0"
    assert made == "made-0"


class _Outcomes(SilentReporter):
    def __init__(self) -> None:
        self.heard: dict[str, str] = {}

    def finished(self, task: str, outcome: str) -> None:
        self.heard[task.partition(" ")[0]] = outcome


def test_a_question_that_is_asked_again_with_one_is_told_so(tmp_path: Path) -> None:
    sdist = backend_sdist(tmp_path, "return 1", files={"tree/asked.py": _ASKED})
    store, told = Store(tmp_path / "store"), _Outcomes()
    request = build_request(sdist, store, backend="asked")
    with pytest.raises(BuildError):
        requires_for_build_wheel(
            replace(request, toolchain=None),
            store=store,
            sandbox=choose_sandbox("bubblewrap"),
            reporter=told,
        )
    assert told.heard == {"prepare": "ready", "ask": "no answer without a compiler, asked again with one"}
