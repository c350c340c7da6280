"""The options that stand before the command, which have to be passed over to find it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

__all__ = ["behind_options", "options_of"]


def options_of(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Return the options of a parser by each of their names."""
    return {name: action for action in parser._actions for name in action.option_strings}  # noqa: SLF001 # no public way


def behind_options(
    parser: argparse.ArgumentParser, words: Sequence[str]
) -> tuple[int, argparse.Action | None]:
    """Return where the options end with which words begin, and the last one if its value is still to come."""
    options = options_of(parser)
    at = 0
    while at < len(words) and words[at].startswith("-"):
        action = options.get(words[at])
        at += 1
        if action is not None and action.nargs != 0:
            if at == len(words):
                return at, action
            at += 1
    return at, None
