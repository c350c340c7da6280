"""What a command line comes to: it is read and run, and an error becomes words and an exit code."""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Callable, Sequence

from crosswheel.command_line.chosen_console import terminal
from crosswheel.command_line.command_parser import UsageError
from crosswheel.command_line.console import Terminal
from crosswheel.command_line.ending_signals import EndedError, ending_signals
from crosswheel.command_line.standard_streams import discard_standard_output, hold_standard_descriptors
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.errors import CrosswheelError, FaultsError, OutputError
from crosswheel.values.printable import one_line

__all__ = ["exit_code_of"]

#: Exit code after an interrupt, as shells have it: 128 + SIGINT.
_INTERRUPTED = 130
#: What shells add to the number of the signal that ended a program.
_ENDED_BY = 128


def exit_code_of(
    words: Sequence[str], parser: Callable[[], argparse.ArgumentParser], passed_on: Sequence[str] = ()
) -> int:
    """Run what a command line says.

    Args:
        words: the command line.
        parser: makes what reads it.
        passed_on: what stood after ``--``, for a command that passes it on.

    Returns:
        The exit code: 0, 2 for a wrong command line, else the error's (docs/reference/exit-codes.md).
    """
    hold_standard_descriptors()
    try:
        with ending_signals():
            return _run(words, parser, passed_on)
    except KeyboardInterrupt as interrupt:  # before the command line was read, or a second one
        return _interrupted(interrupt, terminal(quiet=False, verbose=False))
    except BrokenPipeError:  # the reader of our output left
        discard_standard_output()
        return 1


def _run(
    words: Sequence[str], parser: Callable[[], argparse.ArgumentParser], passed_on: Sequence[str]
) -> int:
    console = terminal(quiet=False, verbose=False)
    code = 0
    try:
        parsed = _parsed(words, parser)
        if parsed is not None:
            parsed.passed_on = passed_on
            console = terminal(
                quiet=parsed.quiet,
                verbose=parsed.verbose,
                only_warnings=parsed.only_warnings,
                progress=parsed.progress,
                spelled=dict(parsed.spelled),
            )
            console.keep_ticking()
            code = parsed.run(parsed, console)
        console.flush()
    except (CrosswheelError, UsageError) as error:
        return _refused(error, console, as_json="--json" in words)
    except KeyboardInterrupt as interrupt:
        console.close()
        return _interrupted(interrupt, console)
    except BrokenPipeError:
        raise
    except OSError as error:
        from crosswheel.command_line.system_errors import error_of_system

        if console.verbose:
            for line in traceback.format_exc().splitlines():
                console.note(line)
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


def _interrupted(interrupt: KeyboardInterrupt, console: Terminal) -> int:
    """Tell what ended the command, in the way that its command line asked for, and return the exit code."""
    if isinstance(interrupt, EndedError):
        console.error("ended by a signal")
        return _ENDED_BY + interrupt.number
    console.error("interrupted")
    return _INTERRUPTED


def _parsed(words: Sequence[str], parser: Callable[[], argparse.ArgumentParser]) -> argparse.Namespace | None:
    """Return what the command line says; nothing if that was to show help or the version."""
    try:
        return parser().parse_args(words)
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
        console.error(f"{error.usage}{one_line(str(error))}")
        return
    console.faults(error.faults if isinstance(error, FaultsError) else (error,))
