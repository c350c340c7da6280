"""The argument PLAN and the option ``--target`` of commands that ship wheels, and the wheels that they name."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import services_of
from crosswheel.command_line.process_memory import return_large_blocks

if TYPE_CHECKING:
    from crosswheel.act.target_wheels import TargetWheels
    from crosswheel.command_line.console import Console
    from crosswheel.decide.plans.plan import PlannedTarget

__all__ = ["add_wheel_source", "source_date_epoch", "wheels_named"]


def add_wheel_source(parser: argparse.ArgumentParser) -> None:
    """Add what `wheels_named` reads, beside the execution options."""
    parser.add_argument(
        "source", metavar="PLAN", type=Path, help="a plan, or the folder of a wheel repository"
    )
    parser.add_argument(
        "-t", "--target", metavar="NAME", help="which target (default: the only one there is)"
    )


def wheels_named(
    arguments: argparse.Namespace,
    console: Console,
    *,
    refuse_lost: Callable[[Iterable[Path]], object] | None = None,
    suits: Callable[[PlannedTarget], object] | None = None,
) -> TargetWheels:
    """Return the checked wheels, fetched or built if the store has them not.

    Args:
        arguments: with what names them.
        console: hears of the progress.
        refuse_lost: raises where one of the files that the wheels are made from would be lost, before anything is done.
        suits: as for `wheels_of_plan`.
    """
    from crosswheel.act.target_wheels import wheels_of_plan, wheels_of_repository

    source: Path = arguments.source
    if source.is_dir():
        if refuse_lost is not None:
            refuse_lost([source])
        return_large_blocks()
        return wheels_of_repository(source, target=arguments.target)
    from crosswheel.act.planning.plan_files import files_beside, read_plan

    plan = read_plan(source)
    if refuse_lost is not None:
        refuse_lost([source, *files_beside(plan.artifacts.values(), source.parent)])
    return wheels_of_plan(
        plan,
        target=arguments.target,
        base=source.parent,
        services=services_of(arguments, console),
        suits=suits,
    )


def source_date_epoch() -> int | None:
    """Return the time of an image or of a tree, if the user set one (https://reproducible-builds.org/specs/source-date-epoch/).

    Raises:
        InputError: the variable holds something else.
    """
    from crosswheel.values.errors import InputError
    from crosswheel.values.file_times import parse_file_time

    text = os.environ.get("SOURCE_DATE_EPOCH")
    if not text:
        return None
    seconds = parse_file_time(text)
    if seconds is None:
        raise InputError(
            "read variable SOURCE_DATE_EPOCH",
            text,
            why="it is not a number of seconds from 1970 to 2107",
            fix="set it to seconds since 1970 or unset it",
        )
    return seconds
