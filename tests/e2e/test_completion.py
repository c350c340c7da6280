"""zsh and fish complete by the scripts that ``crosswheel completion`` prints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

#: What zsh's completion system brings, told apart by what it is called with.
_ZSH = """
compdef() { print "compdef $@" }
_describe() { print -l -- ${(P)2} }
_files() { print files }
source <(crosswheel completion zsh)
try() { words=("$@"); CURRENT=$#; _crosswheel }
try crosswheel cache pr
try crosswheel build --target=windows_am
try crosswheel build ''
"""
_FISH = """
crosswheel completion fish | source
complete -C 'crosswheel cache pr'
complete -C 'crosswheel build --target linux_arm6'
complete -C 'crosswheel build wheels.pl'
"""


def said(folder: Path, program: str, script: str) -> list[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "HOME": str(folder)}
    options = ["-f"] if program == "zsh" else ["--no-config"]
    done = subprocess.run(
        [program, *options, "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_zsh_completes(tmp_path: Path) -> None:
    assert said(tmp_path, "zsh", _ZSH) == [
        "compdef _crosswheel crosswheel",
        "prune:remove what was not used lately",
        "--target=windows_amd64",
        "files",
    ]


def test_zsh_without_its_completion_system_gets_it(tmp_path: Path) -> None:
    assert said(tmp_path, "zsh", "source <(crosswheel completion zsh); print $_comps[crosswheel]") == [
        "_crosswheel"
    ]


def test_fish_completes(tmp_path: Path) -> None:
    (tmp_path / "wheels.plan.json").touch()
    assert said(tmp_path, "fish", _FISH) == [
        "prune\tremove what was not used lately",
        "linux_arm64",
        "linux_arm64_musl",
        "wheels.plan.json",
    ]
