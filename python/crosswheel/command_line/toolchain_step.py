"""``crosswheel step toolchain``: a C toolchain that the caller has, tried and packed for the builds of a target."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.step_inputs import add_build_options, add_step, step_services

if TYPE_CHECKING:
    from crosswheel.command_line.console import Console

__all__ = ["add_toolchain_step"]

_LISTS = {
    "--c-option": (
        "WORD",
        "given to the C compiler in every call; paths in it are as those of --toolchain-file",
    ),
    "--cxx-option": ("WORD", "given to the C++ compiler in every call"),
    "--link-option": ("WORD", "given in every call that links"),
    "--variable": ("NAME=VALUE", "a variable set for its programs"),
}


def add_toolchain_step(steps: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the step ``toolchain``."""
    words = "try a C toolchain whose files are given, and pack it for the builds of a target"
    toolchain = add_step(steps, "toolchain", _run, words)
    toolchain.add_argument("-t", "--target", metavar="ID", required=True, help="the target's id")
    toolchain.add_argument(
        "--toolchain-file",
        metavar="PATH",
        type=Path,
        action="append",
        default=[],
        help="a file that belongs to it, or a folder of them, relative to the working directory; repeatable",
    )
    toolchain.add_argument(
        "--program",
        metavar="TOOL=PATH",
        action="append",
        default=[],
        help="which of these files is cc, c++, ar ...; those beside cc under a usual name need not be named; repeatable",
    )
    for option, (metavar, help_) in _LISTS.items():
        toolchain.add_argument(
            option, metavar=metavar, action="append", default=[], help=f"{help_}; repeatable"
        )
    add_build_options(toolchain)


def _run(arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.steps.given_toolchain import GivenToolchain, toolchain_step
    from crosswheel.command_line.image_options import pairs
    from crosswheel.target.targets import parse_target_id

    given = GivenToolchain(
        files=tuple(arguments.toolchain_file),
        programs=pairs(arguments.program, "program", "TOOL=PATH"),
        c_options=tuple(arguments.c_option),
        cxx_options=tuple(arguments.cxx_option),
        link_options=tuple(arguments.link_option),
        environment=pairs(arguments.variable, "variable"),
    )
    target = parse_target_id(arguments.target)
    with step_services(arguments, console) as services:
        pin = toolchain_step(target, given, output=arguments.output, services=services)
    console.note(f"{arguments.output}: {pin.compiler} for {target.id}")
    return 0
