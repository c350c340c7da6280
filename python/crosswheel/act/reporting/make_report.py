"""Makes a report of a plan or a lock from the files it is told; asks no index and no other machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.planning.explaining import explain_every_package
from crosswheel.act.planning.lock_reading import read_lock_file
from crosswheel.act.planning.plan_files import read_plan
from crosswheel.act.planning.plan_inputs import PlanRequest
from crosswheel.act.storage.store import Store
from crosswheel.decide.locks.lock_formats import LockFormat, lock_format
from crosswheel.decide.plans.plan_difference import plan_differences
from crosswheel.decide.plans.plan_json import plan_digest
from crosswheel.decide.reports.report import Report
from crosswheel.decide.reports.report_of_lock import report_of_explanations
from crosswheel.decide.reports.report_of_plan import report_of_plan
from crosswheel.target.held_targets import choose_target
from crosswheel.values.errors import InputError

from .made_wheels import facts_of_repositories
from .report_images import report_images

__all__ = ["report_on_lock", "report_on_plan", "with_images"]


def report_on_plan(
    path: Path, *, targets: Sequence[str] = (), wheels: Path | None = None, against: Path | None = None
) -> Report:
    """Return the report of a plan.

    Args:
        path: the plan.
        targets: those that are reported, in any spelling; none for all.
        wheels: folder of the wheel repositories that it became; sizes, tags and licences are read from them.
        against: an older plan to compare with.

    Raises:
        CrosswheelError: a file cannot be read, is wrong, or the plan has no such target.
    """
    plan = read_plan(path)
    held = [one.target for one in plan.targets]
    report = report_of_plan(
        plan,
        source=path.name,
        targets={choose_target(name, held).id for name in targets},
        wheels=None if wheels is None else facts_of_repositories(wheels, plan_digest(plan)),
    )
    if against is None:
        return report
    return replace(
        report,
        against=against.name if against.is_absolute() else against.as_posix(),
        differences=plan_differences(read_plan(against), plan),
    )


def report_on_lock(request: PlanRequest, *, store: Store, settings: FetchSettings) -> Report:
    """Return the report of a lock: what its packages would be, refused ones among them.

    Raises:
        CrosswheelError: an input is wrong, or only an index knows what files the lock means.
    """
    data = read_lock_file(request.lock)
    if lock_format(request.lock.name, data.decode("utf-8", "replace")) is LockFormat.REQUIREMENTS:
        raise InputError(
            "report on lock file",
            request.lock.name,
            why="it names no files, and a report asks no index for them",
            fix="give its plan, or a pylock.toml (`uv pip compile --format pylock.toml`)",
        )
    read, explained = explain_every_package(request, store=store, settings=settings)
    files = [file for package in read.lock.packages for file in (*package.wheels, package.sdist) if file]
    return report_of_explanations(
        explained,
        source=request.lock.name,
        targets=request.targets,
        sizes={file.filename: file.size for file in files},
    )


def with_images(report: Report, images: Sequence[Path]) -> Report:
    """Return a report that shows image layouts or folders of layers, too.

    Raises:
        CrosswheelError: one cannot be read.
    """
    return replace(report, images=tuple(image for path in images for image in report_images(path)))
