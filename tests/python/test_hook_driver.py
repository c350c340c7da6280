"""The program that calls PEP 517 hooks, run as a build runs it but without a sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

DRIVE = str(files("crosswheel") / "act" / "building" / "injected" / "drive.py")
BACKEND = """
import os, sys
def build_wheel(directory, config_settings=None, metadata_directory=None):
    return repr([directory, config_settings, metadata_directory, sys.argv[1:]])
def get_requires_for_build_wheel(config_settings=None):
    raise SystemExit("no")
class deep:
    @staticmethod
    def build_wheel(directory, config_settings=None): return "deep"
"""


def drive(
    tmp_path: Path, hook: str = "build_wheel", backend: str = "mine", path: list[str] | None = None
) -> tuple[int, Any, str]:
    source = tmp_path / "source"
    (source / "folder").mkdir(parents=True, exist_ok=True)
    (source / "folder" / "mine.py").write_text(BACKEND)
    request = {
        "backend": backend,
        "backend_path": ["folder"] if path is None else path,
        "hook": hook,
        "arguments": ["/out"] if hook == "build_wheel" else [],
        "config_settings": {"a": "1", "b": ["2", "3"]},
    }
    (tmp_path / "request.json").write_text(json.dumps(request))
    done = subprocess.run(
        [sys.executable, "-I", DRIVE, str(tmp_path / "request.json"), str(tmp_path / "result.json")],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    result = tmp_path / "result.json"
    return done.returncode, json.loads(result.read_text()) if result.exists() else None, done.stderr


def test_a_hook_gets_its_arguments_and_settings(tmp_path: Path) -> None:
    code, result, _ = drive(tmp_path)
    assert code == 0
    assert result == {"value": "['/out', {'a': '1', 'b': ['2', '3']}, None, []]"}


def test_an_object_path_may_lead_into_the_module(tmp_path: Path) -> None:
    assert drive(tmp_path, backend="mine:deep")[1] == {"value": "deep"}


def test_a_hook_that_is_not_there_is_reported_missing(tmp_path: Path) -> None:
    assert drive(tmp_path, backend="mine:deep", hook="get_requires_for_build_wheel")[1] == {"missing": True}


def test_a_hook_that_fails_leaves_no_result(tmp_path: Path) -> None:
    code, result, _ = drive(tmp_path, hook="get_requires_for_build_wheel")
    assert (code, result) == (1, None)


def test_a_backend_path_outside_the_source_is_refused(tmp_path: Path) -> None:
    assert drive(tmp_path, path=["../elsewhere"])[1] == {
        "error": "backend-path '../elsewhere' is not inside the source tree"
    }


def test_a_backend_path_that_is_a_link_to_the_outside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "link").symlink_to(tmp_path)
    assert drive(tmp_path, path=["link"])[1] == {"error": "backend-path 'link' is not inside the source tree"}


def test_an_in_tree_backend_must_come_from_backend_path(tmp_path: Path) -> None:
    assert drive(tmp_path, backend="json")[1] == {
        "error": "the build backend 'json' was not loaded from backend-path"
    }


def test_a_backend_that_cannot_be_imported_is_named(tmp_path: Path) -> None:
    assert drive(tmp_path, backend="nowhere")[1] == {
        "error": "the build backend 'nowhere' cannot be imported: No module named 'nowhere'"
    }


def test_a_backend_object_that_does_not_exist_is_named(tmp_path: Path) -> None:
    _, result, _ = drive(tmp_path, backend="mine:nothing")
    assert result["error"].startswith("the build backend 'mine:nothing' does not exist")


def test_the_source_tree_is_not_importable_unless_the_backend_says_so(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "stray.py").write_text(BACKEND)
    assert "error" in drive(tmp_path, backend="stray", path=[])[1]
