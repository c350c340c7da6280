"""Entries and flags about nothing are told with whatever else is wrong, for each kind of lock."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.act.planning.lock_reading import locked_releases
from crosswheel.command_line.main import main
from lock_texts import HEAD, package

LOCKS = {
    "pylock.toml": HEAD + package("a", "1", "a-1.tar.gz"),
    "uv.lock": '[[package]]\nname = "a"\nversion = "1"\n[[package]]\nname = "own"\nsource = { virtual = "." }\n',
    "requirements.txt": f"a==1 --hash=sha256:{'0' * 64}\n",
}


@pytest.mark.parametrize("name", LOCKS)
def test_they_are_told_with_a_wrong_key(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(LOCKS[name])
    (tmp_path / "crosswheel.toml").write_text("tragets = []\n[packages.nothing]\n[packages.a]\n")
    command = ["plan", str(tmp_path / name), "--target", "linux_arm64", "--no-binary", "none,a", "-o", "x"]
    assert main(command) == 3
    told = [line.partition("cannot ")[2].partition(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert told == ["read key 'tragets'", "apply entry for 'nothing'", "apply '--no-binary none'"]


def test_a_lock_that_is_wrong_says_nothing_of_them(tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    path.write_text("packages = 1")
    assert locked_releases(path) is None
