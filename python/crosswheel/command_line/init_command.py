"""``crosswheel init``: a project's configuration and plan, and the files of Bazel or Nix."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import add_execution_options, services_of
from crosswheel.command_line.planning_arguments import add_target_argument
from crosswheel.command_line.proposed_image import (
    application_options,
    image_remarks,
    needs_shell,
    option,
    quoted,
    setting_options,
)

if TYPE_CHECKING:
    from crosswheel.act.planning.project_start import StartedProject
    from crosswheel.command_line.console import Console

__all__ = ["add_parser"]

#: A name of the flake that stands for where it is from.
_NAME_OF_FLAKE = b'"flake:crosswheel"'


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "init",
        help="begin with a project: configuration, plan, files for Bazel or Nix",
        description="Look at a project (its lock, pyproject.toml, Dockerfile, compose files, Lambda templates), choose Python, targets and the folders that are built, and write "
        "the configuration and the plan. A pyproject.toml keeps its text; a configuration that is there gets what it lacks of these, "
        "and nothing in it changes. Writes all or nothing.",
    )
    parser.add_argument(
        "folder", metavar="FOLDER", type=Path, nargs="?", default=Path(), help="the project's (default: .)"
    )
    group = parser.add_argument_group("what to write")
    group.add_argument("--lock", metavar="NAME", help="the lock in FOLDER (default: the one there)")
    add_target_argument(group, default="what the project says it runs on")
    group.add_argument(
        "--python", metavar="X.Y", help="the Python of the targets (default: what the project says)"
    )
    group.add_argument(
        "--project",
        type=Path,
        action="append",
        metavar="PATH",
        help="plan this project of your own, too, its folder (with a pyproject.toml), sdist or wheel (default: FOLDER, if it is a package, and "
        "the folders that the lock names); repeatable",
    )
    group.add_argument(
        "--no-project",
        action="store_const",
        const=[],
        dest="project",
        help="plan the files that the lock names, and no folder",
    )
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
    from crosswheel.values.errors import CrosswheelError

    options = StartOptions(
        folder=arguments.folder,
        lock=arguments.lock or "",
        python=arguments.python or "",
        targets=tuple(arguments.target),
        projects=None if arguments.project is None else tuple(arguments.project),
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
    try:
        begun = begin(project, options, lambda: services_of(arguments, console))
    except CrosswheelError:
        if arguments.project is None and project.proposal.projects:
            ours = ", ".join(project.proposal.projects)
            console.remark(
                f"planned with {ours} ({project.proposal.reasons['projects']}); --no-project plans without"
            )
        raise
    for note in begun.notes[len(project.notes) :]:
        console.remark(note)
    if not (arguments.bazel or arguments.nix) and _makes_image(begun):
        for remark in image_remarks(
            begun.proposal.command, options.folder, package=begun.package is not None
        ):
            console.remark(remark)
    _tell(begun, arguments, console)
    return 0


def _makes_image(project: StartedProject) -> bool:
    return not project.proposal.on_lambda and project.base_refusal is None


def _tell(project: StartedProject, arguments: argparse.Namespace, console: Console) -> None:
    from crosswheel.command_line.plan_command import DEFAULT_PLAN, plan_words

    proposal, result = project.proposal, project.planned
    written = [*project.files, *([] if result is None else [*result.files, DEFAULT_PLAN])]
    following = _following(project, arguments, written)
    if arguments.nix and _NAME_OF_FLAKE in _flake(project, arguments.folder):
        console.remark(
            "flake.nix names crosswheel as `flake:crosswheel`: write where you have it from, e.g. `git+file:///home/you/crosswheel`, "
            "unless `nix registry list` knows that name"
        )
    if arguments.json:
        console.json(
            {
                "lock": proposal.lock,
                "python": proposal.python,
                "targets": list(proposal.targets),
                "projects": list(proposal.projects),
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
        *([("projects", ", ".join(proposal.projects))] if proposal.projects else []),
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


def _following(project: StartedProject, arguments: argparse.Namespace, written: Sequence[str]) -> list[str]:
    from crosswheel.command_line.plan_command import DEFAULT_PLAN

    folder: Path = arguments.folder
    lock = folder / project.proposal.lock
    beside = "" if lock.parent == folder else f" --config {quoted(folder / project.configuration)}"
    commands = (
        [f"crosswheel plan {quoted(lock)}{beside} -o {quoted(folder / DEFAULT_PLAN)}"]
        if arguments.no_plan
        else []
    )
    commands.append(f"crosswheel build {quoted(folder / DEFAULT_PLAN)} -o dist/")
    there = "" if folder.resolve() == Path.cwd() else f"cd {quoted(folder)} && "
    commands += [f"{there}bazel build //:repositories"] if arguments.bazel else []
    if arguments.nix:
        # Flakes see no other files of a repository.
        files = dict.fromkeys([*written, "flake.nix", DEFAULT_PLAN])
        names = " ".join(quoted(Path(name)) for name in files)
        added = f"git add {names} && " if _is_in_git(folder) else ""
        commands.append(f"{there}{added}nix build .#wheels")
    if not (arguments.bazel or arguments.nix):
        commands += _shipping(project, folder)
    return commands


def _flake(project: StartedProject, folder: Path) -> bytes:
    """Return ``flake.nix``: what is written, or what was there and is taken as the project's."""
    there = folder / "flake.nix"
    return project.files.get("flake.nix") or (there.read_bytes() if there.is_file() else b"")


def _is_in_git(folder: Path) -> bool:
    place = folder.resolve()
    return any((one / ".git").exists() for one in (place, *place.parents))


def _shipping(project: StartedProject, folder: Path) -> list[str]:
    """Return the commands that make of the wheels what runs: layers of Lambda, or an image."""
    from crosswheel.command_line.plan_command import DEFAULT_PLAN

    plan = quoted(folder / DEFAULT_PLAN)
    if project.proposal.on_lambda:
        several = len(project.proposal.targets) > 1
        return [
            f"crosswheel lambda {plan} --target {one} -o dist/layer{f'-{one}' if several else ''}.zip"
            for one in project.proposal.targets
        ]
    if not _makes_image(project):
        return []
    config = "" if folder == Path() else f" --config {quoted(folder / project.configuration)}"
    base = quoted(folder / "base.lock.json")
    package = project.package
    said = project.proposal.command
    command = option("entrypoint", said.entrypoint) + option("cmd", said.cmd)
    if package is not None:
        own = f" --changes-often {package.name}"
        if not command and len(package.programs) == 1:
            command = option("entrypoint", package.programs)
    else:
        own = application_options(said, folder)
    shell = " --package dash" if needs_shell(said) else ""
    return [
        f"crosswheel image lock{config}{shell} -o {base}",
        f"crosswheel image {plan} --base {base}{own}{setting_options(said)}{command} -o image/",
    ]
