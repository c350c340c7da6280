"""A project with a lock of one package, for commands that are run in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lock_texts import HEAD, package

__all__ = ["LOCK", "enter_lock_project"]

LOCK = HEAD + package("idna", "3.10", "idna-3.10-py3-none-any.whl", "idna-3.10.tar.gz")


def enter_lock_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the project below `tmp_path`, make it the working directory, and give it a store of its own."""
    project = tmp_path / "demo"
    project.mkdir()
    monkeypatch.chdir(project)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    (project / "pylock.toml").write_text(LOCK)
    return project
