"""``crosswheel report``: the matrix of packages and targets, as a page or in the terminal."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import store_of
from crosswheel.command_line.output_places import STANDARD_OUTPUT, file_place
from crosswheel.command_line.planning_arguments import add_planning_arguments, plan_request_from

if TYPE_CHECKING:
    from crosswheel.command_line.console import Console
    from crosswheel.decide.reports.report import Report

__all__ = ["add_parser"]

#: Arguments that only mean something where a lock is read.
_OF_A_LOCK = ("python", "no_binary", "only_binary", "extra", "all_extras", "group", "project", "config")
#: Arguments that only mean something where a plan is.
_OF_A_PLAN = ("wheels", "against")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "report",
        help="show what is prebuilt, cross built, pure or refused on each target",
        description="Show what each package is on each target: a prebuilt wheel, a cross built or a pure one, or refused and why. With -o as "
        "one HTML page that loads nothing, with the builds, image layers and differences; else as a table. Of a lock it shows what a plan "
        "would hold, and what keeps one from being made. Reads the files it is told and asks no index.",
    )
    add_planning_arguments(parser, source="PLAN|LOCK", builds=False)
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=file_place, help="write the page to FILE; '-' prints it"
    )
    group = parser.add_argument_group("what else to show")
    group.add_argument(
        "--wheels",
        metavar="DIR",
        type=Path,
        help="wheels that `crosswheel build` made of the plan: sizes, tags and licences are read from them",
    )
    group.add_argument(
        "--image",
        metavar="LAYOUT",
        type=Path,
        action="append",
        default=[],
        help="the layers of an image, or of a folder that `crosswheel layer` wrote; repeatable",
    )
    group.add_argument(
        "--against", metavar="PLAN", type=Path, help="what changed since this plan, an older one"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Show the report."""
    from crosswheel.act.reporting.make_report import with_images
    from crosswheel.values.errors import InputError

    if arguments.json and arguments.output == STANDARD_OUTPUT:
        raise InputError(
            "print report",
            STANDARD_OUTPUT,
            why="--json and -o - both write standard output",
            fix="give -o a file, or leave one out",
        )
    if arguments.output not in {None, STANDARD_OUTPUT}:
        from crosswheel.act.reporting.report_file import refuse_other_report

        refuse_other_report(Path(arguments.output))
    report = with_images(_report(arguments, console), arguments.image)
    for warning in report.warnings():
        console.reporter.warned(warning)
    for name, wheels in report.foreign_wheels().items():
        more = f" and {len(wheels) - 1} more" if len(wheels) > 1 else ""
        console.remark(
            f"{name} was made of something else than {report.source}, which has no {wheels[0]}{more}"
        )
    if arguments.output == STANDARD_OUTPUT:
        from crosswheel.act.reporting.report_file import page_of

        console.document(page_of(report))
    elif arguments.output is not None:
        from crosswheel.act.reporting.report_file import write_report

        write_report(report, Path(arguments.output))
        console.note(f"{arguments.output}: written")
    if arguments.json:
        console.json(report.to_json())
    elif arguments.output is None:
        from crosswheel.command_line.report_tables import print_report

        print_report(report, console)
    return 0


def _report(arguments: argparse.Namespace, console: Console) -> Report:
    from crosswheel.act.planning.plan_files import is_plan
    from crosswheel.act.reporting.make_report import report_on_lock, report_on_plan

    if is_plan(arguments.source):
        _refuse(arguments, _OF_A_LOCK, why="would decide something a plan has decided", fix="give the lock")
        return report_on_plan(
            arguments.source,
            targets=arguments.target,
            wheels=arguments.wheels,
            against=arguments.against,
        )
    _refuse(arguments, _OF_A_PLAN, why="is about a plan", fix="give the plan")
    from crosswheel.act.fetching.index_configuration import read_fetch_settings

    request = plan_request_from(arguments, doing="report on")
    for note in request.notes:
        console.remark(note)
    settings = read_fetch_settings(working_directory=Path.cwd())
    return report_on_lock(request, store=store_of(arguments), settings=settings)


def _refuse(arguments: argparse.Namespace, names: tuple[str, ...], *, why: str, fix: str) -> None:
    from crosswheel.values.errors import InputError

    given = [name for name in names if getattr(arguments, name)]
    if given:
        option = f"--{given[0].replace('_', '-')}"
        raise InputError(
            "report on", str(arguments.source), why=f"{option} {why}", fix=f"leave it out, or {fix}"
        )
