"""The subcommands: finds the one that is meant, and runs it."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from crosswheel.command_line.command_parser import whole_parser
from crosswheel.command_line.exit_codes import exit_code_of
from crosswheel.command_line.leading_options import behind_options

__all__ = ["COMMANDS", "command_parser", "joined_command", "run_command"]

#: Modules with the subcommands, in the order the help lists them. Some names are two words: the first alone is
#: a command of its own, with arguments, which argparse cannot mix with subcommands.
COMMANDS = {
    "init": "init_command",
    "build": "build_command",
    "plan": "plan_command",
    "install": "install_command",
    "layer": "layer_command",
    "lambda": "lambda_command",
    "venv": "venv_command",
    "run": "run_command",
    "image": "image_command",
    "image lock": "image_lock_command",
    "image verify": "image_verify_command",
    "check": "check_command",
    "explain": "explain_command",
    "why-failed": "why_failed_command",
    "report": "report_command",
    "diff": "diff_command",
    "target": "target_command",
    "doctor": "doctor_command",
    "cache": "cache_command",
    "completion": "completion_command",
    "step": "step_command",
}

#: Commands that pass on what stands after ``--``, which argparse would mix with their own arguments.
_PASSING_ON = frozenset({"completion", "run"})


def command_parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the whole command, or with `only` one subcommand (start-up matters)."""
    parser, subparsers = whole_parser()
    for name, module in COMMANDS.items():
        if only is None or name == only:
            importlib.import_module(f"crosswheel.command_line.{module}").add_parser(subparsers)
    return parser


def joined_command(words: Sequence[str]) -> list[str]:
    """Return a command line in which the whole name of the command is one word, whatever options stand before it.

    >>> joined_command(["image", "verify", "image/"])
    ['image verify', 'image/']
    >>> joined_command(["--cache-dir", "image", "image", "lock"])
    ['--cache-dir', 'image', 'image lock']
    """
    at = _command_place(words)
    name = " ".join(words[at : at + 2])
    return [*words[:at], name, *words[at + 2 :]] if " " in name and name in COMMANDS else list(words)


def _command_place(words: Sequence[str]) -> int:
    """Return where the command stands, behind the options and their values."""
    if not words or not words[0].startswith("-"):
        return 0  # nearly always, and without a parser for that
    return behind_options(whole_parser()[0], words)[0]


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand.

    Args:
        arguments: the command line without the program's name; ``None`` for this process's.

    Returns:
        The exit code, as of `exit_code_of`.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    passed_on: list[str] = []
    at = _command_place(words)
    if words[at : at + 1] and words[at] in _PASSING_ON and "--" in words:
        end = words.index("--")
        words, passed_on = words[:end], words[end + 1 :]
    words = joined_command(words)
    only = words[at] if words[at:] and words[at] in COMMANDS else None
    return exit_code_of(words, lambda: command_parser(only), passed_on)
