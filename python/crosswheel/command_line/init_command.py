"""``crosswheel init``: a project's configuration and plan, and the files of Bazel or Nix."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import add_execution_options, services_of
from crosswheel.command_line.planning_arguments import add_target_argument

if TYPE_CHECKING:
    from crosswheel.act.planning.project_start import StartedProject
    from crosswheel.command_line.console import Console

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "init",
        help="begin with a project: configuration, plan, files of Bazel or Nix",
        description="Look at a project (its lock, pyproject.toml, Dockerfile, templates of Lambda), choose Python and targets, and write "
        "the configuration and the plan. A pyproject.toml keeps its text; a configuration that is there gets what it lacks of targets and Python, "
        "and nothing in it changes. Writes all or nothing.",
    )
    parser.add_argument(
        "folder", metavar="FOLDER", type=Path, nargs="?", default=Path(), help="the project's (default: .)"
    )
    group = parser.add_argument_group("what to write")
    group.add_argument("--lock", metavar="NAME", help="the lock in FOLDER (default: the one there)")
    add_target_argument(group)
    group.add_argument("--python", metavar="X.Y", help="Python of the targets")
    group.add_argument("--bazel", action="store_true", help="write MODULE.bazel and BUILD.bazel, too")
    group.add_argument("--nix", action="store_true", help="write flake.nix, too")
    group.add_argument("--no-plan", action="store_true", help="make no plan, which may need a network")
    group.add_argument("--force", action="store_true", help="replace files that are there")
    group.add_argument(
        "--dry-run",
        action="store_true",
        help="plan, too, but write nothing into FOLDER; say what would be written",
    )
    add_execution_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Write what a project begins with."""
    from crosswheel import __version__
    from crosswheel.act.planning.project_start import (
        StartOptions,
        prepare_project,
        preview_project,
        write_project,
    )

    options = StartOptions(
        folder=arguments.folder,
        lock=arguments.lock or "",
        python=arguments.python or "",
        targets=tuple(arguments.target),
        bazel=arguments.bazel,
        nix=arguments.nix,
        plan=not arguments.no_plan,
        force=arguments.force,
        build_python=arguments.build_python,
    )
    project = prepare_project(options, version=__version__)
    for note in project.notes:
        console.remark(note)
    arguments.source = options.folder / project.proposal.lock
    begin = preview_project if arguments.dry_run else write_project
    _tell(begin(project, options, lambda: services_of(arguments, console)), arguments, console)
    return 0


def _tell(project: StartedProject, arguments: argparse.Namespace, console: Console) -> None:
    from crosswheel.command_line.plan_command import DEFAULT_PLAN, plan_words

    proposal, result = project.proposal, project.planned
    written = [*project.files, *([] if result is None else [*result.files, DEFAULT_PLAN])]
    following = _following(project, arguments)
    if arguments.json:
        console.json(
            {
                "lock": proposal.lock,
                "python": proposal.python,
                "targets": list(proposal.targets),
                "reasons": dict(proposal.reasons),
                "configuration": project.configuration,
                "kept": [project.configuration] if project.kept else [],
                "written": [] if arguments.dry_run else list(written),
                "would_write": list(written) if arguments.dry_run else [],
                "next": following,
            }
        )
        return
    if arguments.quiet:
        return
    for key, value in (
        ("lock", proposal.lock),
        ("python", proposal.python),
        ("targets", ", ".join(proposal.targets)),
    ):
        console.print(f"{key:9}{value}  ({proposal.reasons[key]})")
    if project.kept:
        console.print(f"{'kept':9}{project.configuration}")
    word = "write" if arguments.dry_run else "wrote"
    for name in written:
        more = f": {plan_words(result.plan)}" if result is not None and name == DEFAULT_PLAN else ""
        console.print(f"{word:9}{name}{more}")
        if name == project.configuration and arguments.dry_run:
            for line in project.added:
                console.print(f"{'':9}+ {line}")
    for command in following:
        console.print(f"{'next':9}{command}")


def _following(project: StartedProject, arguments: argparse.Namespace) -> list[str]:
    from crosswheel.command_line.plan_command import DEFAULT_PLAN

    folder: Path = arguments.folder
    headers = "".join(f" --headers {_quoted(one)}" for one in project.header_options(folder))
    lock = folder / project.proposal.lock
    beside = "" if lock.parent == folder else f" --config {_quoted(folder / project.configuration)}"
    commands = (
        [f"crosswheel plan {_quoted(lock)}{beside}{headers} -o {_quoted(folder / DEFAULT_PLAN)}"]
        if arguments.no_plan
        else []
    )
    commands.append(f"crosswheel build {_quoted(folder / DEFAULT_PLAN)} -o dist/")
    commands += ["bazel build //:repositories"] if arguments.bazel else []
    commands += ["nix build .#wheels"] if arguments.nix else []
    return commands


def _quoted(word: str | Path) -> str:
    return shlex.quote(str(word))
