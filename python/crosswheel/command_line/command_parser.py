"""How a command line is read: common options, options given once, and a wrong one as an error."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from crosswheel.command_line.chosen_console import terminal

__all__ = ["CommandParser", "UsageError", "whole_parser"]

#: Exit code of a wrong command line, as argparse has it.
_USAGE = 2

_SWITCHES = {
    ("-q", "--quiet"): "say nothing but errors; what is asked for is printed all the same",
    ("--only-warnings",): "say nothing but warnings and errors",
    ("-v", "--verbose"): "say more: each task, and where each file came from",
    ("--json",): "print the result as one JSON document (docs/reference/json.md)",
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


class _Version(argparse.Action):
    """Prints the version and ends, with ``--json`` wherever it stands as a document."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002  # argparse's
        values: str | Sequence[Any] | None,  # noqa: ARG002
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        """Print the version."""
        from crosswheel import __version__

        console = terminal(quiet=True, verbose=False)
        if isinstance(parser, CommandParser) and "--json" in parser.words:
            console.json({"version": __version__})
        else:
            console.text(f"{parser.prog} {__version__}\n")
        parser.exit()


class CommandParser(argparse.ArgumentParser):
    """An argument parser whose every subcommand takes the common options.

    Attributes:
        words: the command line that is read.
    """

    words: tuple[str, ...] = ()

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
            "--progress",
            choices=["auto", "lines", "json"],
            default=argparse.SUPPRESS,
            help="how progress is told on standard error: a status line on a terminal and lines elsewhere (auto, the default), lines, "
            "or events, each a JSON object on a line (docs/reference/events.md)",
        )
        common.add_argument(
            "--cache-dir",
            metavar="DIR",
            default=argparse.SUPPRESS,
            help="where downloads and builds are kept (default: in the user's cache directory)",
        )

    def _print_message(self, message: str, file: object = None) -> None:  # noqa: ARG002  # argparse's
        """Print help or version; argparse's own swallows every failure."""
        terminal(quiet=True, verbose=False).text(message)

    def _get_value(self, action: argparse.Action, arg_string: str) -> object:
        """Read one argument; an empty path would be the working folder, an empty option none, which nobody means."""
        if not arg_string and (action.type is Path or action.option_strings):
            raise argparse.ArgumentError(action, f"the {'path' if action.type is Path else 'value'} is empty")
        return super()._get_value(action, arg_string)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Refuse what is none of the choices, with the nearest of them."""
        if action.choices is not None and value not in action.choices:
            from crosswheel.decide.documents.nearest_name import near_names

            choices = [str(choice) for choice in action.choices]
            near = near_names(str(value), choices) or f"choose from {', '.join(choices)}"
            raise argparse.ArgumentError(action, f"there is no '{value}'; {near}")

    def parse_known_args(  # type: ignore[override]  # argparse's has overloads
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse what is known; what looks like a mistaken option is refused with the nearest."""
        self.words = tuple(args or ())
        read, rest = super().parse_known_args(args, namespace)
        for word in rest:
            option = word.partition("=")[0]
            if option.startswith("--"):
                from crosswheel.decide.documents.nearest_name import near_names

                if near := near_names(option, self._option_string_actions):
                    self.error(f"there is no option '{option}'; {near}")
        if rest and self._subparsers is None:  # the whole command would tell it as its own, with its usage
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        return read, rest

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


def whole_parser() -> tuple[argparse.ArgumentParser, argparse._SubParsersAction[argparse.ArgumentParser]]:
    """Return the parser of the whole command, without a subcommand, and where subcommands are added."""
    parser: argparse.ArgumentParser = CommandParser(
        prog="crosswheel",
        description="One lock file in, a verified wheel repository for each target platform out.",
        epilog="Begin with `crosswheel doctor` for the machine, `crosswheel init` for a project, or `crosswheel build pylock.toml --target linux_arm64`; "
        "`crosswheel COMMAND --help` tells more of each command.",
    )
    parser.add_argument(
        "--version", action=_Version, nargs=0, default=argparse.SUPPRESS, help="print the version"
    )
    parser.set_defaults(
        quiet=False,
        only_warnings=False,
        verbose=False,
        json=False,
        progress="auto",
        cache_dir=None,
        spelled=(),
    )
    return parser, parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
