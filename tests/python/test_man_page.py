"""The man page: what man makes of it, what it names, and that the wheel brings it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from crosswheel import __version__
from crosswheel.command_line.commands import COMMANDS

_ROOT = Path(__file__).parents[2]
_PAGE = _ROOT / "docs" / "man" / "crosswheel.1"


def test_man_has_nothing_to_say_against_it_and_shows_every_command() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tascii", "-P-c", "-P-b", "-P-u", "-ww", str(_PAGE)],
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    shown = re.findall(r"^   crosswheel (.+)$", done.stdout, re.MULTILINE)
    assert [name for name in shown if name in COMMANDS] == list(COMMANDS)
    assert f"crosswheel {__version__}" in done.stdout
    for said in ("--no-binary, --no-binary-package NAME", "CROSSWHEEL_CACHE_DIR", "EXIT STATUS"):
        assert said in done.stdout


def test_the_wheel_brings_it(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=_ROOT, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    name = f"crosswheel-{__version__}.data/data/share/man/man1/crosswheel.1"
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read(name) == _PAGE.read_bytes()


def test_the_module_is_the_command() -> None:
    words = [sys.executable, "-m", "crosswheel"]
    done = subprocess.run([*words, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"crosswheel {__version__}\n"
    refused = subprocess.run([*words, "biuld"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "crosswheel: argument COMMAND: there is no 'biuld'; did you mean 'build'?" in refused.stderr
