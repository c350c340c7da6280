"""``crosswheel explain``: why a package becomes this file on a target, and none of its others."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import add_execution_options, fetch_settings_of, store_of
from crosswheel.command_line.planning_arguments import add_planning_arguments, plan_request_from

if TYPE_CHECKING:
    from crosswheel.command_line.console import Console

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "explain",
        help="say why a package becomes this file on a target",
        description="Say which file of a lock a package becomes on each target, and why none of the others; "
        "for a package no file fits, how near each one came.",
    )
    add_planning_arguments(parser, builds=False)
    parser.add_argument("package", metavar="PACKAGE", help="the package's name")
    add_execution_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Explain one package on each target."""
    from packaging.utils import canonicalize_name

    from crosswheel.act.plan_inputs import read_policy
    from crosswheel.act.planning import read_request_lock
    from crosswheel.decide.explain import explain

    request = plan_request_from(arguments)
    settings = fetch_settings_of(arguments)
    read, _ = read_request_lock(request, store=store_of(arguments), settings=settings)
    policy = read_policy(request)
    releases = {(package.name, package.version) for package in read.lock.packages}
    name = canonicalize_name(arguments.package)
    explained = {
        target.id: explain(
            read.lock,
            name,
            target,
            preferences=policy.preferences(releases, target),
            extras=read.extras,
            groups=read.groups,
        )
        for target in request.targets
    }
    for note in request.notes:
        console.note(note)
    if arguments.json:
        console.json({"package": name, "targets": dict(explained)})
        return 0
    for index, (target_id, text) in enumerate(explained.items()):
        console.print(("\n" if index else "") + f"{target_id}\n{text}")
    return 0
