"""The entry of a release in a Bazel registry, as tools/make_registry_entry.py writes it."""

from __future__ import annotations

import base64
import hashlib
import json
import runpy
import subprocess
import sys
from pathlib import Path

_TOOLS = Path(__file__).parents[2] / "tools"
_tool = runpy.run_path(str(_TOOLS / "make_registry_entry.py"))
_archive = runpy.run_path(str(_TOOLS / "make_release_archive.py"))["release_archive"]
_URL = "https://files.example/crosswheel-0.1.0.tar.gz"


def test_an_entry_pins_the_archive_and_holds_its_module(tmp_path: Path) -> None:
    archive = tmp_path / "crosswheel-0.1.0.tar.gz"
    archive.write_bytes(_archive())
    _tool["main"](str(archive), _URL, str(tmp_path / "registry"))
    folder = tmp_path / "registry/modules/crosswheel"
    digest = base64.b64encode(hashlib.sha256(archive.read_bytes()).digest()).decode()
    assert json.loads((folder / "0.1.0/source.json").read_text()) == {
        "integrity": f"sha256-{digest}",
        "strip_prefix": "crosswheel-0.1.0",
        "url": _URL,
    }
    assert (folder / "0.1.0/MODULE.bazel").read_text() == (_TOOLS.parent / "MODULE.bazel").read_text()
    assert "build_targets" in (folder / "0.1.0/presubmit.yml").read_text()
    assert json.loads((folder / "metadata.json").read_text())["versions"] == ["0.1.0"]


def test_a_registry_keeps_the_versions_it_has_and_names_none_twice() -> None:
    known = '{"versions": ["0.0.9", "0.1.0"], "maintainers": [1]}'
    again = json.loads(_tool["with_version"](known, "0.1.0"))
    assert again == {"versions": ["0.0.9", "0.1.0"], "maintainers": [1]}
    assert json.loads(_tool["with_version"](known, "0.2.0"))["versions"] == ["0.0.9", "0.1.0", "0.2.0"]


def test_what_is_given_wrongly_is_told_in_a_line(tmp_path: Path) -> None:
    for words, said in (([], "usage: "), ([str(tmp_path / "no"), _URL, "x"], "error: cannot read archive ")):
        run = subprocess.run(
            [sys.executable, _TOOLS / "make_registry_entry.py", *words],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (run.returncode, run.stderr.startswith(said), run.stderr.count("\n")) == (1, True, 1)
