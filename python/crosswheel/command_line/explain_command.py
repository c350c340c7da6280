"""``crosswheel explain``: why a package becomes this file on a target, and none of its others."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import add_execution_options, store_of
from crosswheel.command_line.planning_arguments import add_planning_arguments, plan_request_from

if TYPE_CHECKING:
    from crosswheel.command_line.console import Console

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "explain",
        help="say why a package becomes this file on a target",
        description="Say which file of a lock a package becomes on each target, and why none of the others; "
        "for a package no file fits, how near each one came. Wheels refused for one reason share a line; -v lists all.",
    )
    add_planning_arguments(parser, builds=False)
    parser.add_argument("package", metavar="PACKAGE", help="the package's name")
    add_execution_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Explain one package on each target."""
    from crosswheel.act.fetching.index_configuration import read_fetch_settings
    from crosswheel.act.planning.explaining import explain_package

    request = plan_request_from(arguments, doing="explain")
    settings = read_fetch_settings(working_directory=Path.cwd(), mirrors=arguments.mirror)
    explained = explain_package(
        request,
        arguments.package,
        store=store_of(arguments),
        settings=settings,
    )
    for note in request.notes:
        console.remark(note)
    if arguments.json:
        targets = {target_id: explanation.json_value() for target_id, explanation in explained.items()}
        console.json({"package": arguments.package, "targets": targets})
        return 0
    for index, (target_id, explanation) in enumerate(explained.items()):
        text = explanation.text(every_file=arguments.verbose)
        console.text(("\n" if index else "") + f"{target_id}\n{text}")
    return 0
