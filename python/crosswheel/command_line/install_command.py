"""``crosswheel install``: the wheels of one target as an installed tree."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import add_execution_options, services_of

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    parser.add_argument(
        "source", metavar="PLAN", type=Path, help="a plan, or the folder of a wheel repository"
    )
    parser.add_argument(
        "-t", "--target", metavar="NAME", help="which target (default: the only one there is)"
    )
    parser.add_argument(
        "-o",
        "--output",
        "--dest",
        dest="dest",
        metavar="DIR",
        type=Path,
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
        help="modules at the top as in pip's --target (default), or lib/pythonX.Y/site-packages as in --prefix",
    )
    add_execution_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Make the tree and say what it holds."""
    from crosswheel.act.wheels.tree import TreeLayout, default_interpreter, install_wheels

    if arguments.source.is_dir():
        target, wheels = _from_repository(arguments)
    else:
        target, wheels = _from_plan(arguments, console)
    if arguments.interpreter is None:
        console.note(
            f"rule: without --interpreter programs start with #!{default_interpreter(target)}, found on the target's PATH"
        )
    summary = install_wheels(
        wheels,
        arguments.dest,
        target=target,
        interpreter=arguments.interpreter,
        layout=TreeLayout(arguments.layout),
        source_date_epoch=_source_date_epoch(),
    )
    _say(arguments, console, target, summary)
    return 0


def _say(arguments: argparse.Namespace, console: Console, target: Target, summary: TreeSummary) -> None:
    for note in summary.notes:
        console.note(f"note: {note}")
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
        size = f"{summary.files} files, {summary.bytes / 1e6:.1f} MB"
        console.note(f"{arguments.dest}: {len(summary.wheels)} wheels for {target.id}, {size}")


def _from_repository(arguments: argparse.Namespace) -> tuple[Target, list[Path]]:
    from crosswheel.act.storage.store import digest_of_file
    from crosswheel.act.wheels.repository import read_repository
    from crosswheel.values.errors import CheckError, raise_faults

    repository = read_repository(arguments.source)
    target = _choose(arguments.target, [repository.target])
    faults = [
        CheckError(
            "install wheel",
            wheel.path.name,
            why="it is not the file the repository's manifest names",
            fix="build the repository again",
        )
        for wheel in repository.wheels
        if not wheel.path.is_file() or digest_of_file(wheel.path) != wheel.sha256
    ]
    raise_faults(faults)
    return target, [wheel.path for wheel in repository.wheels]


def _from_plan(arguments: argparse.Namespace, console: Console) -> tuple[Target, list[Path]]:
    from crosswheel.act.executor import ensure_wheels
    from crosswheel.act.planning.plan_files import read_plan

    path: Path = arguments.source
    plan = read_plan(path)
    target = _choose(arguments.target, [planned.target for planned in plan.targets])
    ready = ensure_wheels(
        plan,
        base=path.parent,
        targets=[planned for planned in plan.targets if planned.target == target],
        services=services_of(arguments, console),
    )
    return target, [wheel.path for wheel in ready[target.id]]


def _choose(name: str | None, held: Sequence[Target]) -> Target:
    from crosswheel.target.held_targets import choose_target
    from crosswheel.values.errors import InputError

    if name is not None:
        return choose_target(name, held)
    if len(held) == 1:
        return held[0]
    ids = ", ".join(target.id for target in held)
    raise InputError("choose target", why=f"there are {len(held)}: {ids}", fix="name one with --target")


def _source_date_epoch() -> int | None:
    """Return the time for all files, if the user set one (https://reproducible-builds.org/specs/source-date-epoch/)."""
    from crosswheel.values.errors import InputError

    text = os.environ.get("SOURCE_DATE_EPOCH")
    if not text:
        return None
    if not text.isdecimal():
        raise InputError(
            "read variable SOURCE_DATE_EPOCH",
            text,
            why="it is not a number of seconds",
            fix="set it to seconds since 1970 or unset it",
        )
    return int(text)
