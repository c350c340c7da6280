"""``crosswheel step``: the steps of a plan one by one, for other build systems."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.runtime_step import add_runtime_step
from crosswheel.command_line.shipping_steps import add_shipping_steps
from crosswheel.command_line.step_inputs import (
    add_build_options,
    add_files,
    add_plan_target,
    add_step,
    add_steps,
    add_wheels,
    shipped_wheels,
    step_services,
    wheels_given,
)
from crosswheel.command_line.toolchain_step import add_toolchain_step
from crosswheel.values.wording import counted

if TYPE_CHECKING:
    from crosswheel.command_line.console import Console

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``step`` and its subcommands."""
    steps = add_steps(subparsers)
    build = add_step(steps, "build", _run_build, "build one wheel and check it")
    build.add_argument("plan", metavar="PLAN", type=Path, help="the plan")
    build.add_argument("--build", metavar="ID", required=True, help="which build of the plan")
    add_files(build, "an artifact the build reads; repeatable")
    add_wheels(build, "the folder that `step build` wrote for a build that this one needs; repeatable")
    build.add_argument(
        "--runtime", metavar="FILE", type=Path, help="what `step runtime` wrote for the target"
    )
    build.add_argument(
        "--toolchain",
        metavar="FILE",
        type=Path,
        help="what `step toolchain` wrote for the target; it compiles in place of the plan's",
    )
    build.add_argument(
        "--library",
        metavar="NAME/PATH=FILE",
        action="append",
        default=[],
        help="a header or library of the target, and where it is in the folder of the library NAME; "
        "linked in place of the plan's; repeatable",
    )
    for option, what in (
        (
            "--source",
            "a file of the project's own, to build in place of the plan's sdist, and where it is in its folder",
        ),
        ("--source-program", "the same for a file that can be executed"),
    ):
        build.add_argument(
            option, metavar="PATH=FILE", action="append", default=[], help=f"{what}; repeatable"
        )
    build.add_argument(
        "--plan-anew",
        metavar="COMMAND",
        help="what makes the plan anew: told where --source has another version, or declares other requirements, than were planned",
    )
    add_build_options(build)
    add_runtime_step(steps)
    add_toolchain_step(steps)
    check = add_step(steps, "check", _run_check, "check a target's wheels and write down what was found")
    add_plan_target(check)
    add_wheels(check)
    repository = add_step(steps, "repository", _run_repository, "make a target's wheel repository")
    add_plan_target(repository)
    add_wheels(repository)
    tree = add_step(steps, "tree", _run_tree, "install a target's wheels into a folder")
    add_plan_target(tree)
    add_wheels(tree)
    tree.add_argument("--interpreter", metavar="PATH", help="as of `crosswheel install`")
    tree.add_argument(
        "--layout", choices=("target", "prefix"), default="target", help="as of `crosswheel install`"
    )
    add_shipping_steps(steps)


def _run_build(arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.planning.plan_files import read_plan
    from crosswheel.act.steps.given_toolchain import take_toolchain
    from crosswheel.act.steps.runtime_libraries import take_runtime
    from crosswheel.act.steps.step_builds import build_step
    from crosswheel.command_line.image_options import pair_list, pairs

    def files(texts: list[str]) -> dict[str, Path]:
        return {place: Path(path) for place, path in pairs(texts, "source file", "PATH=FILE").items()}

    libraries = pair_list(arguments.library, "library", "NAME/PATH=FILE")

    with step_services(arguments, console) as services:
        if arguments.runtime is not None:
            take_runtime(arguments.runtime, services)
        toolchain = None if arguments.toolchain is None else take_toolchain(arguments.toolchain, services)
        wheel = build_step(
            read_plan(arguments.plan),
            arguments.build,
            base=arguments.plan.parent,
            files=arguments.file,
            wheels=arguments.wheel,
            output=arguments.output,
            services=services,
            source=files(arguments.source),
            programs=files(arguments.source_program),
            libraries=[(place, Path(path)) for place, path in libraries],
            toolchain=toolchain,
            plan_anew=arguments.plan_anew,
        )
    if arguments.json:
        console.json(wheel.to_json())
    console.note(f"{arguments.output}: {wheel.filename}")
    return 0


def _run_check(arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.storage.output_file import write_output_file
    from crosswheel.values.canonical_json import pretty_json

    with wheels_given(arguments, console) as (_, planned, wheels):
        report = pretty_json(
            {"schema": 1, "target": planned.target.id, "wheels": [wheel.to_json() for wheel in wheels]}
        )
    write_output_file(arguments.output, report)
    console.note(f"{arguments.output}: {counted(len(wheels), 'wheel')} checked for {planned.target.id}")
    return 0


def _run_repository(arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.repositories import published
    from crosswheel.act.wheels.repository import write_repository
    from crosswheel.decide.plans.plan_json import plan_digest

    with shipped_wheels(arguments, console) as (plan, planned, wheels):
        write_repository(
            arguments.output,
            target=planned.target,
            wheels=published(wheels),
            plan_digest=plan_digest(plan),
        )
    console.note(f"{arguments.output}: {len(wheels)} wheel{'s' * (len(wheels) != 1)} for {planned.target.id}")
    return 0


def _run_tree(arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.wheels.tree import TreeLayout, install_wheels

    with shipped_wheels(arguments, console) as (_, planned, wheels):
        summary = install_wheels(
            [wheel.path for wheel in wheels],
            arguments.output,
            target=planned.target,
            interpreter=arguments.interpreter,
            layout=TreeLayout(arguments.layout),
        )
    console.note(f"{arguments.output}: {summary.files} files for {planned.target.id}")
    return 0
