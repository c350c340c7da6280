"""``crosswheel init`` on a package, whose folder is packed with what `init` itself writes into it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crosswheel.command_line.main import main
from lock_texts import HEAD, package

pytestmark = [pytest.mark.e2e, pytest.mark.network]

LOCK = HEAD + package("idna", "3.10", "idna-3.10-py3-none-any.whl", "idna-3.10.tar.gz")
PACKAGE = (
    "[project]\nname = 'demo'\nversion = '1'\n"
    "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
)


def test_a_dry_run_names_the_archive_that_the_run_makes_and_what_builds_leave_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    folder = tmp_path / "demo"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name, text in (("pylock.toml", LOCK), ("pyproject.toml", PACKAGE), ("backend.py", "")):
        (folder / name).write_text(text)
    words = ["init", "--target", "linux_arm64", "--python", "3.11", "--nix", "--json"]
    assert main([*words, "--dry-run"]) == 0
    tried = json.loads(capsys.readouterr().out)["would_write"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["written"] == tried
    assert any(name.startswith("projects/demo-1-") for name in tried)
    (folder / "flake.lock").write_text("{}")
    (folder / "result").symlink_to("/nowhere")
    assert main(["plan", "pylock.toml", "--check"]) == 0
    capsys.readouterr()
    (folder / "backend.py").write_text("# changed\n")
    assert main(["plan", "pylock.toml"]) == 0
    (old,) = [name for name in tried if name.startswith("projects/")]
    assert f"note: {old} was kept for the plan that was here before, and this one does not name it\n" in (
        capsys.readouterr().err
    )
