"""``crosswheel step``: the steps of a plan one by one, for other build systems."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.wording import counted

if TYPE_CHECKING:
    from crosswheel.act.ready_wheel import ReadyWheel
    from crosswheel.act.services import Services
    from crosswheel.command_line.console import Console
    from crosswheel.decide.plan import Plan, PlannedTarget

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``step`` and its subcommands."""
    parser = subparsers.add_parser(
        "step",
        help="do one step of a plan, from files that are given (for other build systems)",
        description="Do one step of a plan. Every input is named, nothing is fetched, no configuration is read and no "
        "cache is kept: what Bazel, Nix or a script of your own calls once for each action. Arguments may stand in a "
        "file, one a line, given as @FILE.",
        fromfile_prefix_chars="@",
    )
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)
    build = _step(steps, "build", _run_build, "build one wheel and check it")
    build.add_argument("--build", metavar="ID", required=True, help="which build of the plan")
    _add_files(build, "an artifact the build reads; repeatable")
    _add_wheels(build, "the folder that `step build` wrote for a build that this one needs; repeatable")
    build.add_argument(
        "--runtime", metavar="FILE", type=Path, help="what `step runtime` wrote for the target"
    )
    _add_build_options(build)
    runtime = _step(
        steps, "runtime", _run_runtime, "compile a target's runtime libraries once for all its builds"
    )
    _add_target(runtime)
    _add_files(runtime, "the toolchain of its builds")
    _add_build_options(runtime)
    check = _step(steps, "check", _run_check, "check a target's wheels and write down what was found")
    _add_target(check)
    _add_wheels(check, "a prebuilt wheel, or the folder that `step build` wrote; repeatable")
    repository = _step(steps, "repository", _run_repository, "make a target's wheel repository")
    _add_target(repository)
    _add_wheels(repository, "a prebuilt wheel, or the folder that `step build` wrote; repeatable")
    tree = _step(steps, "tree", _run_tree, "install a target's wheels into a folder")
    _add_target(tree)
    _add_wheels(tree, "a prebuilt wheel, or the folder that `step build` wrote; repeatable")
    tree.add_argument("--interpreter", metavar="PATH", help="as of `crosswheel install`")
    tree.add_argument(
        "--layout", choices=("target", "prefix"), default="target", help="as of `crosswheel install`"
    )


def _step(
    steps: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace, Console], int],
    words: str,
) -> argparse.ArgumentParser:
    parser = steps.add_parser(
        name, help=words, description=f"{words[0].upper()}{words[1:]}.", fromfile_prefix_chars="@"
    )
    parser.add_argument("plan", metavar="PLAN", type=Path, help="the plan")
    parser.add_argument("-o", "--output", metavar="PATH", type=Path, required=True, help="what to make")
    parser.set_defaults(run=run)
    return parser


def _add_target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-t", "--target", metavar="NAME", required=True, help="which target of the plan")


def _add_files(parser: argparse.ArgumentParser, words: str) -> None:
    parser.add_argument(
        "--file",
        metavar="PATH",
        type=Path,
        action="append",
        default=[],
        help=f"{words}; under any name, or a folder of them",
    )


def _add_wheels(parser: argparse.ArgumentParser, words: str) -> None:
    parser.add_argument("--wheel", metavar="PATH", type=Path, action="append", default=[], help=words)


def _add_build_options(parser: argparse.ArgumentParser) -> None:
    from crosswheel.act.building.sandbox_kinds import SANDBOX_KINDS

    parser.add_argument("--build-python", metavar="PATH", type=Path, help="the interpreter to build with")
    parser.add_argument(
        "--sandbox",
        choices=SANDBOX_KINDS,
        default=SANDBOX_KINDS[0],
        help=f"what the build runs in, inside the caller's own (default: {SANDBOX_KINDS[0]})",
    )


@contextmanager
def _services(arguments: argparse.Namespace, console: Console) -> Iterator[Services]:
    """Yield services that fetch nothing, with a store that is gone afterwards unless ``--cache-dir`` names one."""
    import tempfile

    from crosswheel.act.fetching.fetch_settings import FetchSettings
    from crosswheel.act.services import services_with
    from crosswheel.act.storage.file_locks import remove_tree

    passing = None if arguments.cache_dir else tempfile.mkdtemp(prefix="crosswheel-step-")
    try:
        yield services_with(
            cache_dir=arguments.cache_dir or passing,
            sandbox=getattr(arguments, "sandbox", "none"),
            settings=FetchSettings(),
            reporter=console.reporter,
            build_python=getattr(arguments, "build_python", None),
            jobs=1,
        )
    finally:
        if passing is not None:
            remove_tree(Path(passing))


def _run_build(arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.planning.plan_files import read_plan
    from crosswheel.act.steps.runtime_libraries import take_runtime
    from crosswheel.act.steps.step_builds import build_step

    with _services(arguments, console) as services:
        if arguments.runtime is not None:
            take_runtime(arguments.runtime, services)
        wheel = build_step(
            read_plan(arguments.plan),
            arguments.build,
            base=arguments.plan.parent,
            files=arguments.file,
            wheels=arguments.wheel,
            output=arguments.output,
            services=services,
        )
    if arguments.json:
        console.json(wheel.to_json())
    console.note(f"{arguments.output}: {wheel.filename}")
    return 0


def _run_runtime(arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.steps.runtime_libraries import runtime_step

    plan, planned = _planned(arguments)
    with _services(arguments, console) as services:
        runtime_step(plan, planned.target, files=arguments.file, output=arguments.output, services=services)
    console.note(f"{arguments.output}: runtime libraries of {planned.target.id}")
    return 0


def _run_check(arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.storage.output_file import write_output_file
    from crosswheel.values.canonical_json import pretty_json

    with _wheels(arguments, console) as (_, planned, wheels):
        report = pretty_json(
            {"schema": 1, "target": planned.target.id, "wheels": [wheel.to_json() for wheel in wheels]}
        )
    write_output_file(arguments.output, report)
    console.note(f"{arguments.output}: {counted(len(wheels), 'wheel')} checked for {planned.target.id}")
    return 0


def _run_repository(arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.repositories import published
    from crosswheel.act.wheels.repository import write_repository
    from crosswheel.decide.plan_json import plan_digest

    with _wheels(arguments, console) as (plan, planned, wheels):
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

    with _wheels(arguments, console) as (_, planned, wheels):
        summary = install_wheels(
            [wheel.path for wheel in wheels],
            arguments.output,
            target=planned.target,
            interpreter=arguments.interpreter,
            layout=TreeLayout(arguments.layout),
        )
    console.note(f"{arguments.output}: {summary.files} files for {planned.target.id}")
    return 0


def _planned(arguments: argparse.Namespace) -> tuple[Plan, PlannedTarget]:
    from crosswheel.act.planning.plan_files import read_plan
    from crosswheel.target.held_targets import choose_target

    plan = read_plan(arguments.plan)
    target = choose_target(arguments.target, [planned.target for planned in plan.targets])
    return plan, next(planned for planned in plan.targets if planned.target == target)


@contextmanager
def _wheels(
    arguments: argparse.Namespace, console: Console
) -> Iterator[tuple[Plan, PlannedTarget, tuple[ReadyWheel, ...]]]:
    """Yield the plan, the target and all its wheels, which live as long as the block."""
    from crosswheel.act.steps.given_wheels import given_wheels

    plan, planned = _planned(arguments)
    with _services(arguments, console) as services, services.store.scratch() as scratch:
        yield (
            plan,
            planned,
            given_wheels(plan, planned, given=arguments.wheel, scratch=scratch, services=services),
        )
