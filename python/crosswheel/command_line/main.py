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
    "check": "check_command",
    "explain": "explain_command",
    "target": "target_command",
    "cache": "cache_command",
}


class CommandParser(argparse.ArgumentParser):
    """An argument parser whose every subcommand takes the common options."""

    def __init__(self, *arguments: object, **options: object) -> None:
        options.setdefault("conflict_handler", "resolve")
        options.setdefault("allow_abbrev", False)
        super().__init__(*arguments, **options)  # type: ignore[arg-type]  # passed on as they came
        common = self.add_argument_group("output and cache")
        common.add_argument("-q", "--quiet", action="store_true", help="say nothing but errors")
        common.add_argument("-v", "--verbose", action="store_true", help="say everything")
        common.add_argument("--json", action="store_true", help="print the result as one JSON document")
        common.add_argument(
            "--cache-dir", metavar="DIR", help="the store (default: the user's cache directory)"
        )

    def error(self, message: str) -> NoReturn:
        """Exit with the usage and `message`."""
        self.print_usage(sys.stderr)
        self.exit(_USAGE, f"{self.prog}: {message}; see '{self.prog} --help'\n")


def command_parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the whole command, or with `only` one subcommand (start-up matters)."""
    from crosswheel import __version__

    parser = CommandParser(
        prog="crosswheel",
        description="One lock file in, a verified wheel repository for each target platform out.",
    )
    parser.add_argument("--version", action="version", version=f"crosswheel {__version__}")
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
    try:
        parsed = command_parser(words[0] if words and words[0] in _COMMANDS else None).parse_args(words)
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else _USAGE
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
