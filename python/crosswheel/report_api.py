"""What became of packages, as typed functions: what ``crosswheel report`` and ``why-failed`` tell; see `crosswheel.api`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from crosswheel.api import PlanKeywords, Session, plan_options
from crosswheel.api_arguments import as_names, as_paths, told_types
from crosswheel.values.errors import InputError

if TYPE_CHECKING:
    from crosswheel.act.building.failure_report import FailureReport
    from crosswheel.decide.reports.report import Report

__all__ = ["report", "why_failed", "write_report"]


@partial(told_types, keywords=PlanKeywords)
def report(
    source: str | Path,
    *,
    targets: str | Sequence[str] = (),
    wheels: str | Path | None = None,
    images: str | Path | Sequence[str | Path] = (),
    against: str | Path | None = None,
    session: Session | None = None,
    **keywords: Unpack[PlanKeywords],
) -> Report:
    """Say what each package is on each target: prebuilt, cross built, pure or refused, and why; no index is asked.

    Args:
        source: a plan, or a lock that names its files (pylock.toml, uv.lock).
        targets: targets in any spelling; empty for all of the plan, or for those of the configuration.
        wheels: of a plan, the folder that `build` wrote: sizes, tags and licences are read from the wheels.
        images: layouts, or folders of layers, whose layers are shown, too.
        against: of a plan, an older one to compare with.
        session: what to work with.
        keywords: of a lock, see `PlanKeywords`.

    Raises:
        CrosswheelError: a file cannot be read or is wrong, or an argument is not about such a source.
        TypeError: a keyword is none of `PlanKeywords`.
    """
    from crosswheel.act.planning.plan_files import is_plan
    from crosswheel.act.planning.plan_options import PlanOptions, complete_request
    from crosswheel.act.reporting.make_report import report_on_lock, report_on_plan, with_images

    path, names = Path(source), as_names(targets, "targets")
    options = plan_options(keywords, "report")
    if is_plan(path):
        _refuse(path, keywords, why="would decide something a plan has decided", fix="give the lock")
        made = report_on_plan(
            path,
            targets=names,
            wheels=None if wheels is None else Path(wheels),
            against=None if against is None else Path(against),
        )
    else:
        about_plans = [
            name for name, value in (("wheels", wheels), ("against", against)) if value is not None
        ]
        _refuse(path, about_plans, why="is about a plan", fix="give the plan")
        services = (session or Session()).services()
        request = complete_request(PlanOptions(lock=path, targets=names, **options), doing="report on")
        made = report_on_lock(request, store=services.store, settings=services.settings)
    return with_images(made, as_paths(images, "images"))


def _refuse(source: Path, given: Sequence[str] | PlanKeywords, *, why: str, fix: str) -> None:
    for name in given:
        raise InputError("report on", str(source), why=f"'{name}' {why}", fix=f"leave it out, or {fix}")


@told_types
def write_report(report: Report, path: str | Path) -> None:
    """Write the page of a report, one HTML file that loads nothing, whole or not at all.

    Args:
        report: what `report` returned.
        path: the file.

    Raises:
        OutputError: it cannot be written, or what stands there is no report.
        TypeError: `report` is something else.
    """
    from crosswheel.act.reporting.report_file import write_report as write
    from crosswheel.decide.reports.report import Report

    if not isinstance(report, Report):
        raise TypeError(f"write_report() takes what report() returns, and not a {type(report).__name__}")
    write(report, Path(path))


@told_types
def why_failed(
    what: str | Path | Sequence[str | Path] = (), *, session: Session | None = None
) -> tuple[FailureReport, ...]:
    """Say why builds failed and what mends it, from their logs.

    Args:
        what: logs, by path, or packages, by name; empty for every build that failed and has not succeeded since.
        session: what to work with; its store remembers the builds.

    Returns:
        One report for each build, the latest first where none was named; its `causes` come with the lines of the log that
        show them and the configuration that mends them.

    Raises:
        InputError: there is no such log, or no build of such a package failed.
    """
    from crosswheel.act.building.failure_report import report_failures

    given = [str(one) for one in as_paths(what, "what")]
    return tuple(report_failures(given, (session or Session()).services().store))
