"""``crosswheel venv``: an environment whose Python reports the target, for pip, uv, build, Meson and CMake by hand."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import add_execution_options, services_of
from crosswheel.command_line.named_target import parse_named_target
from crosswheel.decide.plans.link_kinds import LinkKind

if TYPE_CHECKING:
    from crosswheel.command_line.console import Console

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "venv",
        help="make an environment whose Python reports a target, for pip, uv, build, Meson and CMake by hand",
        description="Make a cross environment: a virtual environment whose Python reports the target, in which pip, uv and build "
        "install and build for it, with build tools of the build machine. The guide: docs/guides/cross-environment.md.",
    )
    parser.add_argument("destination", metavar="DIR", type=Path, help="the folder to make")
    parser.add_argument(
        "-t",
        "--target",
        dest="name",
        metavar="NAME",
        required=True,
        help="a Linux target in any spelling, e.g. linux_arm64",
    )
    parser.add_argument("--python", metavar="X.Y[t]", help="the target's Python (default: this Python's)")
    parser.add_argument(
        "--headers",
        metavar="SOURCE",
        default="build-python",
        help="the target's headers: path, or URL#sha256=DIGEST, of a headers pack, a python-build-standalone archive, "
        "a Debian package or tree (default: build-python, the build Python's own)",
    )
    parser.add_argument(
        "--description",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="a description of your own",
    )
    _add_native_options(parser)
    parser.add_argument("--clear", action="store_true", help="replace a cross environment that is there")
    parser.add_argument("--without-pip", action="store_true", help="leave pip out")
    add_execution_options(parser)
    parser.set_defaults(run=run)


def _add_native_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name what is compiled and linked with besides the C toolchain."""
    parser.add_argument(
        "--sysroot",
        metavar="PACKAGE",
        action="append",
        default=[],
        help="a Debian package with headers and libraries of the target, e.g. libssl-dev, or the path of one folder "
        "with include and lib; repeatable",
    )
    parser.add_argument(
        "--link",
        choices=[kind.value for kind in LinkKind],
        help="how libraries of the sysroot are linked (default: static)",
    )
    parser.add_argument(
        "--rust",
        action="store_true",
        help="put Rust into it: the release that 'rust' of the configuration names, else the one crosswheel ships the hashes of",
    )
    parser.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        help="configuration with 'rust' and 'sysroot' (default: crosswheel.toml, else [tool.crosswheel] of pyproject.toml, here)",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Make a cross environment."""
    from crosswheel.act.cross_environment.make import CrossEnvironmentRequest, make_cross_environment
    from crosswheel.act.cross_environment.native_inputs import NativeRequest
    from crosswheel.act.planning.plan_options import policy_beside

    target = parse_named_target(arguments, console).target
    if arguments.sysroot or arguments.rust:
        arguments.config = arguments.config or policy_beside(Path("pylock.toml"))
    request = CrossEnvironmentRequest(
        target=target,
        destination=arguments.destination,
        headers=arguments.headers,
        descriptions=tuple(arguments.description),
        clear=arguments.clear,
        pip=not arguments.without_pip,
        native=NativeRequest(
            sysroot=tuple(arguments.sysroot),
            link=None if arguments.link is None else LinkKind(arguments.link),
            rust=arguments.rust,
            configuration=arguments.config,
        ),
    )
    make_cross_environment(request, services=services_of(arguments, console))
    if arguments.json:
        console.json({"target": target.id, "environment": str(arguments.destination.absolute())})
    else:
        console.print(str(arguments.destination.absolute()))
    console.note(
        f"cross environment for {target.id}; activate it with `. {arguments.destination}/bin/activate`"
    )
    return 0
