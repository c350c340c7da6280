"""``crosswheel build``: a lock or a plan in, a wheel repository for each target out."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import add_execution_options, services_of
from crosswheel.command_line.output_places import place_on_disk
from crosswheel.command_line.planning_arguments import add_planning_arguments, plan_request_from
from crosswheel.values.wording import counted

if TYPE_CHECKING:
    from crosswheel.act.repositories import BuiltRepository
    from crosswheel.command_line.console import Console
    from crosswheel.decide.plans.plan import Plan, PlannedTarget
    from crosswheel.target.targets import Target

__all__ = ["add_parser", "folded"]

#: Arguments that only mean something where a plan is made.
_DECIDING = (
    "python", "no_binary", "only_binary", "extra", "all_extras", "group", "project", "config", "build_platform", "headers",
    "description", "upgrade", "exclude_newer", "sdk", "toolchain",
)  # fmt: skip

#: More warnings of one kind than this say nothing new.
_SHOWN = 3


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``build``."""
    parser = subparsers.add_parser(
        "build",
        help="make a verified wheel repository for each target",
        description="Choose, fetch, cross build and verify the wheels of a lock file or a plan, and write one wheel "
        "repository per target, DIR/<target>/, that pip and uv install from unchanged.",
    )
    add_planning_arguments(parser, source="LOCK|PLAN")
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        type=place_on_disk,
        default=Path("dist"),
        help="where to write (default: dist)",
    )
    add_execution_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Write the repositories and say where."""
    from crosswheel.act.planning.plan_files import files_beside
    from crosswheel.act.repositories import build_repositories

    plan, targets = _plan(arguments, console)
    repositories = build_repositories(
        plan,
        base=arguments.source.parent,
        targets=targets,
        output=arguments.output,
        inputs=[arguments.source, *files_beside(plan.artifacts.values(), arguments.source.parent)],
        services=services_of(arguments, console),
    )
    for repository in repositories:
        _say(repository, console)
    if arguments.json:
        console.json({"repositories": [repository.to_json() for repository in repositories]})
    return 0


def _plan(arguments: argparse.Namespace, console: Console) -> tuple[Plan, tuple[PlannedTarget, ...]]:
    """Return the plan and the targets wanted: read from a plan, or made from a lock."""
    from crosswheel.act.planning.plan_files import is_plan

    if is_plan(arguments.source):
        return _read_plan(arguments)
    from crosswheel.act.planning.planning import make_plan
    from crosswheel.act.repositories import refuse_other_repositories

    request = plan_request_from(arguments, doing="build")
    for note in request.notes:
        console.remark(note)
    refuse_other_repositories(arguments.output, request.targets, inputs=[arguments.source])
    result = make_plan(request, services=services_of(arguments, console))
    for warning in result.warnings:
        console.reporter.warned(warning)
    return result.plan, result.plan.targets


def _read_plan(arguments: argparse.Namespace) -> tuple[Plan, tuple[PlannedTarget, ...]]:
    from crosswheel.act.planning.plan_files import read_plan
    from crosswheel.target.held_targets import choose_target
    from crosswheel.values.errors import InputError

    given = [name for name in _DECIDING if getattr(arguments, name)]
    if given:
        raise InputError(
            "build plan",
            str(arguments.source),
            why=f"--{given[0].replace('_', '-')} would decide something a plan has decided",
            fix="plan again with that option, then build the plan",
        )
    plan = read_plan(arguments.source)
    held = [planned.target for planned in plan.targets]
    wanted = {choose_target(name, held) for name in arguments.target}
    return plan, tuple(planned for planned in plan.targets if not wanted or planned.target in wanted)


def _say(repository: BuiltRepository, console: Console) -> None:
    if repository.current:
        console.note(f"{repository.path}: current, nothing to do")
        return
    built = [wheel for wheel in repository.wheels if wheel.build is not None]
    shown = repository.wheels if console.verbose else built
    for wheel in shown:
        for warning in folded(wheel.outcome.warnings):
            console.reporter.warned(f"{wheel.filename}: {warning}")
    warnings = sum(len(wheel.outcome.warnings) for wheel in repository.wheels)
    words = [
        counted(len(repository.wheels), "wheel"),
        f"{len(built)} of them built here" if built else "none built",
    ]
    words += [_verified(repository.target)] if repository.wheels else []
    words += (
        [counted(warnings, "warning") + ("" if console.verbose else " (-v shows all)")] if warnings else []
    )
    console.note(f"{repository.path}: {', '.join(words)}")


def folded(warnings: Sequence[str]) -> Iterator[str]:
    """Yield the warnings of one wheel, those of one code as one line with their number; ``--json`` lists all.

    Args:
        warnings: each ends in its code, ``[code]``.
    """
    by_code: dict[str, list[str]] = {}
    for warning in warnings:
        by_code.setdefault(warning.rpartition(" [")[2], []).append(warning)
    for same in by_code.values():
        if len(same) > _SHOWN:
            yield f"{len(same)} times, e.g. {same[0]}"
        else:
            yield from same


def _verified(target: Target) -> str:
    """Claim no more than was done: of WebAssembly only the format is told."""
    from crosswheel.values.platforms import Emscripten

    unread = isinstance(target.platform.os, Emscripten)
    return "all checked but for what binaries need" if unread else "all verified"
