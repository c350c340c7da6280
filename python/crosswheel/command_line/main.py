"""The ``crosswheel`` command: reads the arguments, runs one subcommand, turns errors into exit codes."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from crosswheel.command_line.console import Terminal, terminal
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.errors import CrosswheelError, FaultsError

__all__ = ["command_parser", "main"]

#: Exit code of a wrong command line, as argparse has it.
_USAGE = 2
#: Exit code after an interrupt, as shells have it: 128 + SIGINT.
_INTERRUPTED = 130

#: Modules with the subcommands, in the order the help lists them.
_COMMANDS = {
    "build": "build_command",
    "plan": "plan_command",
    "install": "install_command",
    "venv": "venv_command",
    "run": "run_command",
    "check": "check_command",
    "explain": "explain_command",
    "target": "target_command",
    "cache": "cache_command",
}

#: Commands that pass on what stands after ``--``, which argparse would mix with their own arguments.
_PASSING_ON = frozenset({"run"})

_SWITCHES = {
    ("-q", "--quiet"): "say nothing but errors",
    ("-v", "--verbose"): "say everything",
    ("--json",): "print the result as one JSON document",
}


class CommandParser(argparse.ArgumentParser):
    """An argument parser whose every subcommand takes the common options."""

    def __init__(self, *arguments: object, **options: object) -> None:
        options.setdefault("conflict_handler", "resolve")
        options.setdefault("allow_abbrev", False)
        super().__init__(*arguments, **options)  # type: ignore[arg-type]  # passed on as they came
        common = self.add_argument_group("output and cache")
        # Without a default of their own: that of the subcommand would overrule what stood before it.
        for names, text in _SWITCHES.items():
            common.add_argument(*names, action="store_true", default=argparse.SUPPRESS, help=text)
        common.add_argument(
            "--cache-dir",
            metavar="DIR",
            default=argparse.SUPPRESS,
            help="the store (default: the user's cache directory)",
        )

    def error(self, message: str) -> NoReturn:
        """Refuse the command line.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{self.prog}: {message}; see '{self.prog} --help'", usage=self.format_usage())


class UsageError(Exception):
    """The command line is wrong.

    Attributes:
        usage: how it is written, for a person.
    """

    def __init__(self, message: str, *, usage: str) -> None:
        super().__init__(message)
        self.usage = usage


def command_parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the whole command, or with `only` one subcommand (start-up matters)."""
    from crosswheel import __version__

    parser = CommandParser(
        prog="crosswheel",
        description="One lock file in, a verified wheel repository for each target platform out.",
    )
    parser.add_argument("--version", action="version", version=f"crosswheel {__version__}")
    parser.set_defaults(quiet=False, verbose=False, json=False, cache_dir=None)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, module in _COMMANDS.items():
        if only is None or name == only:
            importlib.import_module(f"crosswheel.command_line.{module}").add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand.

    Args:
        arguments: the command line without the program's name; ``None`` for this process's.

    Returns:
        The exit code: 0, 2 for a wrong command line, else the error's (docs/reference/exit-codes.md).
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    passed_on: list[str] = []
    if words and words[0] in _PASSING_ON and "--" in words:
        end = words.index("--")
        words, passed_on = words[:end], words[end + 1 :]
    try:
        parsed = command_parser(words[0] if words and words[0] in _COMMANDS else None).parse_args(words)
        parsed.passed_on = passed_on
    except SystemExit as exit_:  # of --help and --version
        return exit_.code if isinstance(exit_.code, int) else _USAGE
    except UsageError as error:
        return _refused(error, as_json="--json" in words)
    console = terminal(quiet=parsed.quiet, verbose=parsed.verbose)
    try:
        code = _run(parsed, console)
        sys.stdout.flush()
    except KeyboardInterrupt:
        console.error("interrupted")
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left; https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        console.close()
    return code


def _refused(error: UsageError, *, as_json: bool) -> int:
    console = terminal(quiet=False, verbose=False)
    console.error(f"{error.usage}{error}")
    if as_json:
        document: JsonValue = {
            "class": "UsageError",
            "exit_code": _USAGE,
            "message": str(error),
            "faults": [],
        }
        console.json({"error": document})
    console.close()
    return _USAGE


def _run(parsed: argparse.Namespace, console: Terminal) -> int:
    """Run the subcommand; with ``--json`` an error is a document on standard output as well."""
    try:
        code: int = parsed.run(parsed, console)
    except CrosswheelError as error:
        _say(error, console)
        if parsed.json:
            console.json({"error": _error_document(error)})
        return error.exit_code
    return code


def _error_document(error: CrosswheelError) -> JsonValue:
    faults = error.faults if isinstance(error, FaultsError) else (error,)
    return {
        "class": type(faults[0]).__name__,
        "exit_code": error.exit_code,
        "message": str(faults[0]),
        "faults": [{"message": str(fault), "details": list(fault.details)} for fault in faults],
    }


def _say(error: CrosswheelError, console: Terminal) -> None:
    for fault in error.faults if isinstance(error, FaultsError) else (error,):
        console.error(f"error: {fault}")
        for line in fault.details:
            console.error(f"    {line}")
