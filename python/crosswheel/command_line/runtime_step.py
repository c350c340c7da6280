"""``crosswheel step runtime``, also by itself: an entry that imports no other command.

Bazel runs an action anew when one of its files changes, and this one takes minutes (python/BUILD.bazel, `runtime_core`).
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from crosswheel.command_line.command_parser import whole_parser
from crosswheel.command_line.exit_codes import exit_code_of
from crosswheel.command_line.step_inputs import (
    add_build_options,
    add_files,
    add_plan_target,
    add_step,
    add_steps,
    planned_target,
    step_services,
)

if TYPE_CHECKING:
    from crosswheel.command_line.console import Console

__all__ = ["add_runtime_step", "main"]


def add_runtime_step(steps: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the step ``runtime``."""
    runtime = add_step(
        steps, "runtime", _run_runtime, "compile a target's runtime libraries once for all its builds"
    )
    add_plan_target(runtime)
    add_files(runtime, "the toolchain of its builds")
    add_build_options(runtime)


def _run_runtime(arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.steps.runtime_libraries import runtime_step

    plan, planned = planned_target(arguments)
    with step_services(arguments, console) as services:
        runtime_step(plan, planned.target, files=arguments.file, output=arguments.output, services=services)
    console.note(f"{arguments.output}: runtime libraries of {planned.target.id}")
    return 0


def main() -> int:
    """Run this process's command line, which is one of this step; as `crosswheel.command_line.commands.run_command`."""
    return exit_code_of(sys.argv[1:], _runtime_parser)


def _runtime_parser() -> argparse.ArgumentParser:
    parser, subparsers = whole_parser()
    add_runtime_step(add_steps(subparsers))
    return parser
