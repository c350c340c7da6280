"""``crosswheel image lock``: the packages and the interpreter that base images are made of, pinned."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import add_execution_options, services_of
from crosswheel.command_line.named_target import parse_named_targets
from crosswheel.command_line.output_places import STANDARD_OUTPUT, file_place

if TYPE_CHECKING:
    from crosswheel.command_line.console import Console
    from crosswheel.target.targets import Target

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``image lock``."""
    parser = subparsers.add_parser(
        "image lock",
        help="pin Debian packages and an interpreter for images without a base image",
        description="Choose Debian packages, and the interpreter among them or an archive of python-build-standalone, for images that "
        "need no base image, and pin them by digest in a base lock, which crosswheel image takes as --base.",
    )
    parser.add_argument(
        "-t",
        "--target",
        metavar="NAME",
        action="append",
        default=[],
        help="a target in any spelling, e.g. linux/arm64; repeatable (default: those of the configuration)",
    )
    parser.add_argument(
        "--python",
        metavar="X.Y",
        help="the targets' Python (default: the configuration's, else this Python's)",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="configuration (default: crosswheel.toml, else [tool.crosswheel] of pyproject.toml, beside the lock to write)",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=file_place,
        default="base.lock.json",
        help="the lock to write (default: %(default)s); '-' prints it",
    )
    parser.add_argument(
        "--suite", metavar="NAME", help="release of Debian (default: the newest that has the target's Python)"
    )
    parser.add_argument(
        "--snapshot",
        metavar="MOMENT",
        help="take packages as they were at a moment, from snapshot.debian.org, e.g. 20261101T000000Z",
    )
    _add_content_options(parser)
    add_execution_options(parser)
    parser.set_defaults(run=run)


def _add_content_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--package", metavar="NAME", action="append", default=[], help="a further package; repeatable"
    )
    parser.add_argument(
        "--without",
        metavar="NAME",
        action="append",
        default=[],
        help="leave a package out, and what only it needs; repeatable",
    )
    parser.add_argument(
        "--interpreter",
        metavar="SOURCE",
        action="append",
        default=[],
        help="a python-build-standalone archive (install_only) in place of Debian's Python: a path or URL#sha256=DIGEST; "
        "repeatable, each target takes the one that fits",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Choose, and write the lock."""
    from crosswheel.act.images.base_locking import (
        BaseLockRequest,
        make_base_lock,
        refuse_other_lock,
        write_base_lock,
    )
    from crosswheel.decide.images.base_lock import base_lock_to_json

    output = None if arguments.output == STANDARD_OUTPUT else Path(arguments.output)
    folder = Path() if output is None else output.parent
    request = BaseLockRequest(
        targets=_targets(arguments, console, folder),
        folder=folder,
        suite=arguments.suite,
        snapshot=arguments.snapshot,
        packages=tuple(arguments.package),
        without=tuple(arguments.without),
        interpreters=tuple(arguments.interpreter),
    )
    if output is not None:
        refuse_other_lock(output)
    lock = make_base_lock(request, services_of(arguments, console))
    if output is None:
        console.text(base_lock_to_json(lock).decode())
    else:
        write_base_lock(output, lock)
    for base in lock.bases:
        count = len(base.system) + len(base.interpreter)
        console.note(f"{base.platform}: {base.python}, {count} packages of {base.origin}")
    if arguments.json and output is not None:
        size = sum(artifact.size or 0 for artifact in lock.artifacts.values())
        console.json(
            {"lock": str(output), "platforms": [base.platform for base in lock.bases], "bytes": size}
        )
    return 0


def _targets(arguments: argparse.Namespace, console: Console, folder: Path) -> tuple[Target, ...]:
    """Return the targets that are said, or else those that the configuration says."""
    from crosswheel.act.planning.plan_inputs import read_configuration
    from crosswheel.act.planning.plan_options import policy_beside
    from crosswheel.values.errors import InputError

    place = arguments.config or policy_beside(folder / "pylock.toml")
    if place is not None:
        said = read_configuration(place)
        arguments.target = arguments.target or list(said.targets)
        arguments.python = arguments.python or said.python
    if not arguments.target:
        raise InputError(
            "lock base for",
            str(arguments.output),
            why="no target is named",
            fix="give --target, for example --target linux/arm64, or list targets in the configuration",
        )
    return parse_named_targets(arguments, console)
