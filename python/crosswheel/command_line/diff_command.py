"""``crosswheel diff``: what differs between two plans, wheels or images, and why their digests do."""

from __future__ import annotations

import argparse
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crosswheel.command_line.console import Console
    from crosswheel.decide.documents.difference import Difference

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "diff",
        help="say what differs between two plans, wheels or images",
        description="Say what differs between two plans (packages, builds and their requirements), two wheels (files, text by line, and how "
        "the zip holds them) or two image layouts (configuration, layers, and the files of those that changed). "
        "What has no words of its own is named by its key; where nothing but bytes differ, the last line says so. "
        "Where they are the same, says so on standard error and prints nothing to standard output. Exits with 0 either way, "
        "and with 3 where one of them is damaged: all of it is read before anything is compared.",
    )
    parser.add_argument("old", type=Path, metavar="OLD", help="a plan, a wheel or an image layout")
    parser.add_argument("new", type=Path, metavar="NEW", help="another of the same kind")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Tell what differs."""
    from crosswheel.difference_api import diff

    found = diff(arguments.old, arguments.new)
    if arguments.json:
        console.json(
            {
                "differences": [
                    {"where": one.where, "what": one.what, "old": one.old, "new": one.new} for one in found
                ]
            }
        )
        return 0
    for where, group in groupby(found, key=_where):
        if where:
            console.print(where)
        for one in group:
            console.print(f"{'  ' if where else ''}{one}")
    if not found:
        console.note("no difference")
    return 0


def _where(difference: Difference) -> str:
    return difference.where
