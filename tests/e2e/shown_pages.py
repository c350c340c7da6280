"""Does what a page of the documentation says, in order, in a folder: writes its files and runs its commands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from e2e.crosswheel_command import shared_store
from shown_commands import Command, blocks_of, commands_of, matches

__all__ = ["PINS", "do_page", "put_programs"]

#: What uv is held to when it locks, for what the tests build not to change from one day to the next.
PINS = Path(__file__).with_name("tutorial_pins.txt")


def put_programs(folder: Path, **programs: str) -> Path:
    """Write programs of the checkout, and others by a script each, into a folder for PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("crosswheel", "uv"):
        (folder / name).symlink_to(Path(sys.executable).with_name(name))
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


def do_page(page: Path, folder: Path, programs: Path, environment: Mapping[str, str] | None = None) -> Path:
    """Do what `page` says, beginning in `folder`, and return the folder that a reader ends in.

    Raises:
        AssertionError: a command failed, or did not print what the page shows.
    """
    variables = {
        "CROSSWHEEL_CACHE_DIR": str(shared_store()),
        "HOME": os.environ["HOME"],
        "PATH": f"{programs}:/usr/bin:/bin",
        "UV_CONSTRAINT": str(PINS),
        **{name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "UV_"))},
        **(environment or {}),
    }
    for block in blocks_of(page.read_text()):
        place = f"{page.name}, line {block.line}"
        if block.file is not None:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            with (folder / block.file).open("a" if block.added else "w") as file:
                file.write(block.text)
        elif block.shows_commands and block.reason is None:
            for command in commands_of(block):
                folder = _do(command, folder, variables, place)
    return folder


def _do(command: Command, folder: Path, variables: Mapping[str, str], place: str) -> Path:
    """Run a command in bash, and return the folder in which it ended."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as ended:
        try:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", f"{command.text}\npwd >&{writing}"],
                cwd=folder,
                env=dict(variables),
                pass_fds=[writing],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        finally:
            os.close(writing)
        assert done.returncode == 0, f"{place}: {command.text}\nexited {done.returncode}\n{done.stdout}"
        missing = [line for line in command.prints if not matches(line, done.stdout)]
        assert missing == [], f"{place}: {command.text}\ndid not print {missing}, but\n{done.stdout}"
        return Path(ended.read().rstrip("\n"))
