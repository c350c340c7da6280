"""A build finds the compiler's runtime libraries made, wherever the compiler lies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crosswheel.act.building.sandbox import choose_sandbox
from e2e.test_toolchain_zig import LINK, said
from e2e.zig import zig_wheel

pytestmark = [pytest.mark.e2e, pytest.mark.network]

#: Tells what is in the cache, and what of that is other than before: zig gives what it makes again the same name.
_CHANGED = """
def made(): return {
    path: os.stat(path).st_mtime_ns
    for folder, _, names in os.walk('/build/cache/global/o') for name in names for path in [folder + '/' + name]
}
had = made()
"""


def test_a_warm_compiler_makes_no_runtime_library(tmp_path: Path) -> None:
    sandbox = choose_sandbox("bubblewrap")
    attempt = (
        _CHANGED + LINK + "put('p.c', 'int main(void) { return 0; }')\nsh(CC, 'p.c', '-o', 'p')\n"
        + "return len(had) > 0, {path for path, _ in had.items() ^ made().items()}"
    )  # fmt: skip
    assert said(tmp_path / "first", attempt, sandbox, zig_wheel()) == "(True, set())"
    # Nor one that lies elsewhere, on another machine or because the store lost it.
    shutil.copytree(tmp_path / "first", tmp_path / "moved", symlinks=True)
    assert said(tmp_path / "moved", attempt, sandbox, zig_wheel()) == "(True, set())"
