"""The ``crosswheel`` command: reads the arguments, runs one subcommand, turns errors into exit codes."""

from __future__ import annotations

import argparse
import importlib
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from crosswheel.command_line.console import Terminal, terminal
from crosswheel.command_line.ending_signals import EndedError, ending_signals
from crosswheel.command_line.standard_streams import discard_standard_output, hold_standard_descriptors
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.errors import CrosswheelError, FaultsError, OutputError

__all__ = ["command_parser", "joined_command", "main"]

#: Exit code of a wrong command line, as argparse has it.
_USAGE = 2
#: Exit code after an interrupt, as shells have it: 128 + SIGINT.
_INTERRUPTED = 130
#: What shells add to the number of the signal that ended a program.
_ENDED_BY = 128

#: Modules with the subcommands, in the order the help lists them. Some names are two words: the first alone is
#: a command of its own, with arguments, which argparse cannot mix with subcommands.
_COMMANDS = {
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
    "step": "step_command",
}

#: Commands that pass on what stands after ``--``, which argparse would mix with their own arguments.
_PASSING_ON = frozenset({"run"})

_SWITCHES = {
    ("-q", "--quiet"): "say nothing but errors",
    ("-v", "--verbose"): "say everything",
    ("--json",): "print the result as one JSON document",
}


class _StoreOnce(argparse._StoreAction):  # noqa: SLF001  # the only way to it
    """Stores one value; argparse's own lets a second one replace it without a word."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Store the value of an option that has none yet, or of a positional argument."""
        given = vars(namespace).setdefault("_given", set())
        if option_string is not None and self.dest in given:
            raise argparse.ArgumentError(self, "it is given twice")
        given.add(self.dest)
        super().__call__(parser, namespace, values, option_string)


class CommandParser(argparse.ArgumentParser):
    """An argument parser whose every subcommand takes the common options."""

    def __init__(self, *arguments: object, **options: object) -> None:
        options.setdefault("conflict_handler", "resolve")
        options.setdefault("allow_abbrev", False)
        super().__init__(*arguments, **options)  # type: ignore[arg-type]  # passed on as they came
        self.register("action", None, _StoreOnce)
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

    def _print_message(self, message: str, file: object = None) -> None:  # noqa: ARG002  # argparse's
        """Print help or version; argparse's own swallows every failure."""
        terminal(quiet=True, verbose=False).print(message)

    def _get_value(self, action: argparse.Action, arg_string: str) -> object:
        """Read one argument; an empty path would be the working folder, an empty option none, which nobody means."""
        if not arg_string and (action.type is Path or action.option_strings):
            raise argparse.ArgumentError(action, f"the {'path' if action.type is Path else 'value'} is empty")
        return super()._get_value(action, arg_string)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Refuse what is none of the choices, with the nearest of them."""
        if action.choices is not None and value not in action.choices:
            from crosswheel.decide.nearest_name import near_names

            choices = [str(choice) for choice in action.choices]
            near = near_names(str(value), choices) or f"choose from {', '.join(choices)}"
            raise argparse.ArgumentError(action, f"there is no '{value}'; {near}")

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

    exit_code = _USAGE
    details: tuple[str, ...] = ()

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


def joined_command(words: Sequence[str]) -> list[str]:
    """Return a command line whose first word is the whole name of the command.

    >>> joined_command(["image", "verify", "image/"])
    ['image verify', 'image/']
    """
    name = " ".join(words[:2])
    return [name, *words[2:]] if " " in name and name in _COMMANDS else list(words)


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
    hold_standard_descriptors()
    words = joined_command(words)
    try:
        with ending_signals():
            return _run(words, passed_on)
    except EndedError as ended:
        terminal(quiet=False, verbose=False).error("ended by a signal")
        return _ENDED_BY + ended.number
    except KeyboardInterrupt:
        terminal(quiet=False, verbose=False).error("interrupted")
        return _INTERRUPTED
    except BrokenPipeError:  # the reader of our output left
        discard_standard_output()
        return 1


def _run(words: Sequence[str], passed_on: Sequence[str]) -> int:
    console = terminal(quiet=False, verbose=False)
    code = 0
    try:
        parsed = _parsed(words)
        if parsed is not None:
            parsed.passed_on = passed_on
            console = terminal(quiet=parsed.quiet, verbose=parsed.verbose)
            code = parsed.run(parsed, console)
        console.flush()
    except (CrosswheelError, UsageError) as error:
        return _refused(error, console, as_json="--json" in words)
    except BrokenPipeError:
        raise
    except OSError as error:
        from crosswheel.command_line.system_errors import error_of_system

        if console.verbose:
            console.note(traceback.format_exc())
        return _refused(error_of_system(error), console, as_json="--json" in words)
    except ValueError as error:
        from crosswheel.command_line.system_errors import error_of_numbers

        refusal = error_of_numbers(error)
        if refusal is None:
            raise
        return _refused(refusal, console, as_json="--json" in words)
    finally:
        console.close()
    return code


def _parsed(words: Sequence[str]) -> argparse.Namespace | None:
    """Return what the command line says; nothing if that was to show help or the version."""
    try:
        return command_parser(words[0] if words and words[0] in _COMMANDS else None).parse_args(words)
    except SystemExit:
        return None


def _refused(error: CrosswheelError | UsageError, console: Terminal, *, as_json: bool) -> int:
    """Tell an error and return its exit code; with `as_json` it is a document on standard output as well."""
    _say(error, console)
    try:
        if as_json:
            console.json({"error": _error_document(error)})
        console.flush()
    except OutputError as lost:
        discard_standard_output()
        if not isinstance(error, OutputError):
            _say(lost, console)
    return error.exit_code


def _error_document(error: CrosswheelError | UsageError) -> JsonValue:
    faults = error.faults if isinstance(error, FaultsError) else (error,)
    return {
        "class": type(faults[0]).__name__,
        "exit_code": error.exit_code,
        "message": str(faults[0]),
        "faults": [{"message": str(fault), "details": list(fault.details)} for fault in faults],
    }


def _say(error: CrosswheelError | UsageError, console: Terminal) -> None:
    if isinstance(error, UsageError):
        console.error(f"{error.usage}{error}")
        return
    for fault in error.faults if isinstance(error, FaultsError) else (error,):
        console.error(f"error: {fault}")
        for line in fault.details:
            console.error(f"    {line}")
