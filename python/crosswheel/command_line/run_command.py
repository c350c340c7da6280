"""``crosswheel run``: the target Python with a cross environment's packages, emulated by qemu-user where needed."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crosswheel.command_line.console import Console

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "run",
        help="run a target Python with a cross environment's packages, under qemu-user where needed",
        description="Run a target Python with the packages of a cross environment (`crosswheel venv`): directly where this machine "
        "can, else emulated by qemu-user. What stands after `--` is given to it: `-- script.py`, `-- -m pytest`. "
        "The exit code is its own.",
    )
    parser.add_argument("environment", metavar="DIR", type=Path, help="the cross environment")
    parser.add_argument(
        "--target-python",
        metavar="PATH",
        type=Path,
        required=True,
        help="the target's interpreter, or a folder with it: an unpacked system, a prefix, a python-build-standalone",
    )
    parser.add_argument(
        "--root",
        metavar="DIR",
        type=Path,
        help="folder with the target's program loader and C library (default: looked for around the target Python, "
        "in QEMU_LD_PREFIX, and in the cross libraries of Debian)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Become the target Python; returns only if that fails."""
    from crosswheel.act.cross_environment.target_run import target_command

    command = target_command(
        arguments.environment, arguments.passed_on, target_python=arguments.target_python, root=arguments.root
    )
    if console.verbose:
        console.note(" ".join(command.arguments))
    os.execve(command.arguments[0], command.arguments, dict(command.environment))  # noqa: S606  # the user's own command
