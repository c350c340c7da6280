"""Programs of the build machine that builds may call do in the sandbox what they do outside of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crosswheel.act.building.sandbox import choose_sandbox
from e2e.sandbox_builds import backend_sdist, run_build

pytestmark = pytest.mark.e2e

_ATTEMPT = (
    "import gzip, subprocess; open('x', 'wb').write(gzip.compress(b'text'))\n"
    "return subprocess.run(['file', 'x', '--brief'], capture_output=True, text=True)"
)


@pytest.mark.skipif(shutil.which("file") is None, reason="this machine has no `file`")
def test_file_tells_files_apart(tmp_path: Path) -> None:
    built = run_build(backend_sdist(tmp_path, _ATTEMPT), tmp_path, choose_sandbox("bubblewrap"))
    (told,) = (line for line in built.log.read_text().splitlines() if line.startswith("RESULT "))
    assert "gzip compressed data" in told
    assert "stderr=''" in told
