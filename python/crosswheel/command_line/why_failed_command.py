"""``crosswheel why-failed``: what went wrong in a build that failed, and the configuration that mends it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import store_of

if TYPE_CHECKING:
    from crosswheel.act.storage.store import Store
    from crosswheel.command_line.console import Console

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "why-failed",
        help="say why a build failed and what mends it",
        description="Read the logs of builds that failed: the class of the failure, the lines that show it, and the lines of "
        "configuration that mend it. Without arguments, every build that failed and has not succeeded since. Exits with 0.",
    )
    parser.add_argument(
        "what",
        metavar="LOG|PACKAGE",
        nargs="*",
        help="a log, by its path or - for standard input, or a package whose build failed",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Tell why."""
    from crosswheel.act.building.failure_report import report_failures

    store = store_of(arguments)
    reports = report_failures([_read(store) if word == "-" else word for word in arguments.what], store)
    if arguments.json:
        console.json({"failures": [report.json_value() for report in reports]})
        return 0
    for index, report in enumerate(reports):
        console.text(("\n" if index else "") + report.text())
    if not reports:
        console.note("no build failed")
    return 0


def _read(store: Store) -> str:
    """Keep standard input as the log of a build, and return where it is."""
    name = "standard-input.log"
    kept = store.artifact(store.add_bytes(sys.stdin.buffer.read(), name), filename=name)
    assert kept is not None, "it was just put there"
    return str(kept)
