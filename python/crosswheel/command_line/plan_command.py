"""``crosswheel plan``: one lock file and targets in, one plan out."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import add_execution_options, services_of
from crosswheel.command_line.output_places import STANDARD_OUTPUT, file_place
from crosswheel.command_line.planning_arguments import add_planning_arguments, plan_request_from

if TYPE_CHECKING:
    from crosswheel.act.planning.planning import PlanRequest
    from crosswheel.command_line.console import Console
    from crosswheel.decide.plans.plan import Plan
    from crosswheel.values.canonical_json import JsonValue

__all__ = ["DEFAULT_PLAN", "add_parser", "plan_words"]

#: Where the plan goes unless ``-o`` says otherwise.
DEFAULT_PLAN = "wheels.plan.json"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "plan",
        help="decide which wheels are fetched and which are built, once, into a file to commit",
        description="Decide, for every package and target, which wheel is fetched or which sdist is built with "
        "which build requirements, and write it down; `crosswheel build` takes it from there. The format: docs/reference/plan.md.",
    )
    parser.add_argument(
        "-o",
        "--output",
        default=DEFAULT_PLAN,
        metavar="FILE",
        type=file_place,
        help=f"the plan (default: {DEFAULT_PLAN}); '-' prints it",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit with 10 if the plan was made from another lock, configuration, targets or options",
    )
    add_planning_arguments(parser)
    add_execution_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Make a plan, or check one."""
    from crosswheel.act.planning.plan_files import left_over, refuse_other_plan, write_plan
    from crosswheel.act.planning.planning import make_plan

    path = None if arguments.output == STANDARD_OUTPUT else Path(arguments.output)
    request = plan_request_from(arguments, plan_path=path)
    for note in request.notes:
        console.remark(note)
    if arguments.check:
        return _check(request, path, arguments, console)
    if path is not None:
        refuse_other_plan(path)
    result = make_plan(request, services=services_of(arguments, console))
    for warning in result.warnings:
        console.reporter.warned(warning)
    if path is None:
        from crosswheel.decide.plans.plan_json import plan_to_json

        console.text(plan_to_json(result.plan).decode())
        return 0
    changed = write_plan(result.plan, path, files=result.files)
    state = "written" if changed else "unchanged"
    if arguments.json:
        console.json({**_summary(result.plan, path), "state": state, "warnings": list(result.warnings)})
    console.note(f"{path}: {state}; {plan_words(result.plan)}")
    for left in left_over(request.previous, result.plan, path.parent):
        console.remark(f"{left} was kept for the plan that was here before, and this one does not name it")
    return 0


def _check(request: PlanRequest, path: Path | None, arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.planning.own_projects import packed_projects
    from crosswheel.act.planning.plan_inputs import input_digests, quirks_digest, read_policy, refuse_stale
    from crosswheel.decide.plans.plan_json import plan_from_json
    from crosswheel.values.errors import InputError, StalePlanError

    if path is None:
        raise InputError("check plan", STANDARD_OUTPUT, why="it is no file", fix="name the plan with -o")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise StalePlanError(
            "use plan",
            path.name,
            why="there is no such file",
            fix="make it with the same command without --check",
        ) from None
    plan = plan_from_json(data, name=path.name)
    inputs = input_digests(request, read_policy(request), packed_projects(request.projects))
    digests = {**inputs, **quirks_digest(plan)}
    refuse_stale(plan, digests, name=path.name)
    if arguments.json:
        console.json({**_summary(plan, path), "state": "current"})
    console.note(f"{path}: current; {plan_words(plan)}")
    return 0


def _summary(plan: Plan, path: Path) -> Mapping[str, JsonValue]:
    from crosswheel.decide.plans.plan_json import plan_digest
    from crosswheel.decide.plans.required_builds import summary_of

    required = summary_of(plan)
    return {
        "plan": str(path),
        "sha256": plan_digest(plan).hex,
        "builds": sorted(plan.builds),
        "required_builds": {"count": required.count, "depth": required.depth},
        "targets": [{"id": planned.target.id, "wheels": len(planned.wheels)} for planned in plan.targets],
    }


def plan_words(plan: Plan) -> str:
    """Return how much a plan holds, for a person."""
    from crosswheel.decide.plans.required_builds import summary_of

    wheels = sum(len(planned.wheels) for planned in plan.targets)
    required = summary_of(plan)
    words = (
        f"{len(plan.targets)} target{'s' * (len(plan.targets) != 1)}, {wheels} wheel{'s' * (wheels != 1)}, "
        f"{len(plan.builds) - required.count} of them built here"
    )
    if required.count:
        words += (
            f", and {required.count} build requirement{'s' * (required.count != 1)} built for these, "
            f"up to {required.depth} deep"
        )
    return words
