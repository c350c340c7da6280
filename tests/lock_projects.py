"""A project with a lock of one package, for commands that are run in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lock_texts import HEAD, package

__all__ = ["LOCK", "PACKAGE", "SAID", "enter_lock_project"]

LOCK = HEAD + package("idna", "3.10", "idna-3.10-py3-none-any.whl", "idna-3.10.tar.gz")
#: The pyproject.toml of a project that is a package.
PACKAGE = (
    "[project]\nname = 'demo'\nversion = '1'\nscripts = { serve = 'demo:main' }\n"
    "[build-system]\nrequires = []\nbuild-backend = 'backend'\n"
)
#: What `init` need not find out.
SAID = ("--target", "linux_arm64", "--python", "3.11")


def enter_lock_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the project below `tmp_path`, make it the working directory, and give it a store of its own."""
    project = tmp_path / "demo"
    project.mkdir()
    monkeypatch.chdir(project)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    (project / "pylock.toml").write_text(LOCK)
    return project
