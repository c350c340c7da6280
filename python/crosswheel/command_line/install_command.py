"""``crosswheel install``: the wheels of one target as an installed tree."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import add_execution_options
from crosswheel.command_line.output_places import place_on_disk
from crosswheel.command_line.wheel_source import add_wheel_source, source_date_epoch, wheels_named
from crosswheel.values.wording import counted

if TYPE_CHECKING:
    from crosswheel.act.wheels.tree import TreeSummary
    from crosswheel.command_line.console import Console
    from crosswheel.target.targets import Target

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``install``."""
    parser = subparsers.add_parser(
        "install",
        help="install the wheels of one target into a folder",
        description="Install the wheels of a plan, or of a wheel repository, into a folder for the target. "
        "Every file is compared with its wheel's RECORD; nothing of the target is executed.",
    )
    add_wheel_source(parser)
    parser.add_argument(
        "-o",
        "--output",
        "--dest",
        dest="dest",
        metavar="DIR",
        type=place_on_disk,
        required=True,
        help="the folder to make",
    )
    parser.add_argument(
        "--interpreter",
        metavar="PATH",
        help="the Python on the target that programs shall run under (default: /usr/bin/env pythonX.Y)",
    )
    parser.add_argument(
        "--layout",
        choices=("target", "prefix"),
        default="target",
        help="modules at the top as in pip's --target (default), or lib/pythonX.Y/site-packages as in its --prefix",
    )
    add_execution_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Make the tree and say what it holds."""
    from crosswheel.act.storage.output_directory import refuse_lost_inputs
    from crosswheel.act.wheels.program_interpreter import default_interpreter, program_interpreter
    from crosswheel.act.wheels.tree import TREE, TreeLayout, install_wheels

    TREE.refuse_other(arguments.dest)
    time = source_date_epoch()
    wheels = wheels_named(
        arguments,
        console,
        refuse_lost=partial(refuse_lost_inputs, arguments.dest, thing=TREE.thing),
        suits=lambda planned: program_interpreter(arguments.interpreter, planned.target),
    )
    if arguments.interpreter is None:
        console.remark(
            f"without --interpreter programs start with #!{default_interpreter(wheels.target)}, found on the target's PATH"
        )
    summary = install_wheels(
        wheels.paths,
        arguments.dest,
        target=wheels.target,
        interpreter=arguments.interpreter,
        layout=TreeLayout(arguments.layout),
        source_date_epoch=time,
    )
    _say(arguments, console, wheels.target, summary)
    return 0


def _say(arguments: argparse.Namespace, console: Console, target: Target, summary: TreeSummary) -> None:
    for note in summary.notes:
        console.remark(note)
    if arguments.json:
        console.json(
            {
                "destination": str(arguments.dest),
                "target": target.id,
                "layout": arguments.layout,
                "wheels": list(summary.wheels),
                "files": summary.files,
                "bytes": summary.bytes,
                "notes": list(summary.notes),
            }
        )
    else:
        size = f"{counted(summary.files, 'file')}, {summary.bytes / 1e6:.1f} MB"
        console.note(f"{arguments.dest}: {counted(len(summary.wheels), 'wheel')} for {target.id}, {size}")
