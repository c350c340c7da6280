"""What is completed on a command line, and how bash is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crosswheel.command_line.commands import COMMANDS
from crosswheel.command_line.main import main


def answered(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[str, dict[str, str]]:
    """Return the kind of an answer, and its words with what they mean."""
    assert main(["completion", "words", "--", *words]) == 0
    kind, *lines = capsys.readouterr().out.splitlines()
    return kind, {word: meaning for word, _, meaning in (line.partition("\t") for line in lines)}


def test_every_command_is_completed_with_what_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    kind, words = answered(capsys, "")
    assert (kind, list(words)) == ("words", [name for name in COMMANDS if " " not in name])
    assert all(words.values())
    assert list(answered(capsys, "-v", "bu")[1]) == ["build"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_a_document_where_that_is_asked_for(
    capsys: pytest.CaptureFixture[str], shell: str
) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert main(["completion", shell, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"shell": shell, "script": script.rstrip("\n")}


@pytest.mark.parametrize(
    ("words", "kind", "found"),
    [
        (("image", "v"), "files", ["verify"]),
        (("image", "verify", "--c"), "words", ["--cache-dir"]),
        (("cache", "pr"), "words", ["prune"]),
        (("cache", "prune", "--al"), "words", ["--all"]),
        (("build", "lock", "--target", "linux_arm6"), "words", ["linux_arm64", "linux_arm64_musl"]),
        (("build", "--target=windows_a"), "words", ["--target=windows_amd64", "--target=windows_arm64"]),
        (("build", "--target", "=", "windows_am"), "words", ["windows_amd64"]),
        (("build", "--target", "=", ""), "words", None),
        (("target", "show", "macos_ar"), "words", ["macos_arm64"]),
        (("build", "--python", "3.12"), "words", ["3.12"]),
        (("build", "--sandbox", "n"), "words", ["none"]),
        (("build", ""), "files", []),
        (("build", "--mirror", ""), "words", []),
        (("build", "--build-python", ""), "files", []),
        (("diff", "one", ""), "files", []),
        (("diff", "one", "two", ""), "words", []),
        (("why-failed", "one.log", "two.log", ""), "files", []),
        (("completion", "z"), "words", ["zsh"]),
        (("no-such-command", ""), "words", []),
        (("build", "--no-such-option", "--targ"), "words", ["--target"]),
        (("--progress", ""), "words", ["auto", "lines", "json"]),
        (("--progress=l",), "words", ["--progress=lines"]),
        (("--progress", "=", "l"), "words", ["lines"]),
        (("--cache-dir", "p1"), "files", []),
        (("--cache-dir", "p1", "bui"), "words", ["build"]),
        (("-v", "--progress", "json", "image", "verify", "--c"), "words", ["--cache-dir"]),
        (("-v", "no-such-command", ""), "words", []),
        (("plan", "--no-b"), "words", ["--no-binary", "--no-binary-package", "--no-build-package"]),
        (("plan", "--only-b"), "words", ["--only-binary"]),
    ],
)
def test_what_may_come_next_is_what_the_parser_takes(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], kind: str, found: list[str] | None
) -> None:
    told, completed = answered(capsys, *words)
    assert told == kind
    assert list(completed) == found if found is not None else len(completed) > 20


def test_an_option_that_is_given_is_not_offered_again_unless_it_repeats(
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = ("build", "-o", "dist", "--target", "linux_arm64", "-")
    offered = answered(capsys, *given)[1]
    assert "--output" not in offered
    assert {"--target", "--jobs"} <= set(offered)


def test_bash_completes_by_the_script(tmp_path: Path) -> None:
    (tmp_path / "wheels.plan.json").touch()
    script = """
source <(crosswheel completion bash)
try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _crosswheel 2>/dev/null; echo "${COMPREPLY[*]}"; }
try crosswheel buil
try crosswheel build --target linux_arm6
try crosswheel build --target = windows_am
try crosswheel image ver
try crosswheel build
try crosswheel build ""
complete -p crosswheel
"""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "build",
        "linux_arm64 linux_arm64_musl",
        "windows_amd64",
        "verify",
        "build",
        "",
        "complete -F _crosswheel crosswheel",
    ]
    assert done.stderr == ""
