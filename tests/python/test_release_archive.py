"""The archive that Bazel's users fetch, as tools/make_release_archive.py writes it."""

from __future__ import annotations

import json
import runpy
import tarfile
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[2]
_archive = runpy.run_path(str(ROOT / "tools" / "make_release_archive.py"))["release_archive"]


def _names(data: bytes) -> list[str]:
    with tarfile.open(fileobj=BytesIO(data)) as archive:
        return archive.getnames()


def test_the_archive_holds_what_a_build_reads_and_nothing_else() -> None:
    names = _names(_archive())
    assert {name.split("/")[1] for name in names} == {
        "BUILD.bazel",
        "LICENSE",
        "MODULE.bazel",
        "README.md",
        "pyproject.toml",
        "python",
        "rules",
        "toolchains",
    }
    for held in ("rules/defs.bzl", "python/crosswheel/__main__.py", "toolchains/zig.json"):
        assert f"crosswheel-0.1.0/{held}" in names
    assert not [name for name in names if name.endswith(".pyc")]


def test_the_archive_is_the_same_each_time() -> None:
    assert _archive() == _archive()


def test_the_registry_is_told_the_folder_in_the_archive() -> None:
    source = json.loads((ROOT / ".bcr" / "source.template.json").read_text())
    assert source["strip_prefix"] == "crosswheel-{VERSION}"
    (folder,) = {name.split("/")[0] for name in _names(_archive())}
    assert folder == "crosswheel-0.1.0"
