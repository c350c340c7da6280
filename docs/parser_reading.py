"""Reads a parser of argparse: what commands, arguments and options it has, for the reference and the man page."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

__all__ = ["common_options", "own_arguments", "placeholder", "subcommands", "usage"]

#: Options that every command takes.
_COMMON = frozenset({"help", "quiet", "only_warnings", "verbose", "json", "progress", "cache_dir"})


def subcommands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield the commands of a parser, with their names."""
    for action in parser._actions:  # noqa: SLF001  # argparse has no public way to list them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            yield from action.choices.items()


def common_options(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return the options that every command takes, but for help and version."""
    return [
        action
        for action in parser._actions  # noqa: SLF001
        if action.option_strings and action.dest not in {"help", "version"}
    ]


def own_arguments(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return the arguments of a command, then the options that not every command takes."""
    positional = [
        action
        for action in parser._actions  # noqa: SLF001
        if not action.option_strings and not isinstance(action, argparse._SubParsersAction)  # noqa: SLF001
    ]
    options = [action for action in parser._actions if action.option_strings and action.dest not in _COMMON]  # noqa: SLF001
    return [*positional, *options]


def usage(name: str, parser: argparse.ArgumentParser) -> str:
    """Return how a command is written, its options left out but for those it needs."""
    words = [f"crosswheel {name}"]
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            words.append("{" + ",".join(action.choices) + "} ...")
        elif not action.option_strings:
            words.append(placeholder(action))
        elif action.required:
            words.append(f"{action.option_strings[-1]} {placeholder(action)}")
    return " ".join([*words, "[options]"])


def placeholder(action: argparse.Action) -> str:
    """Return what stands for the value of an argument."""
    name = action.metavar or (
        "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper()
    )
    if isinstance(name, tuple):
        name = " ".join(name)
    return {"+": f"{name}...", "*": f"[{name}...]", "?": f"[{name}]"}.get(str(action.nargs), name)
