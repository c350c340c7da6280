"""What the wheels of repositories say of themselves: file, size, licence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from crosswheel.act.target_wheels import name_of_wheel
from crosswheel.act.wheels.repository import MANIFEST, Repository, read_repository, repositories_below
from crosswheel.act.wheels.wheel_archive import WheelArchive
from crosswheel.act.wheels.wheel_files import find_dist_info
from crosswheel.decide.reports.licences import licence_of_metadata
from crosswheel.decide.reports.report_of_plan import WheelFacts
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError

__all__ = ["facts_of_repositories"]

_DOING = "report on wheels"


def facts_of_repositories(folder: Path, plan_digest: Digest) -> Mapping[tuple[str, str], WheelFacts]:
    """Return what the wheels that a plan became say, by target id and package.

    Args:
        folder: what `crosswheel build -o` was told, or one of the repositories in it.
        plan_digest: of the plan.

    Raises:
        CrosswheelError: there is no repository, one is of another plan, or a wheel cannot be read.
    """
    facts: dict[tuple[str, str], WheelFacts] = {}
    for place in _places(folder):
        repository = read_repository(place)
        if repository.plan_digest != plan_digest:
            raise InputError(
                _DOING,
                str(place),
                why="it was built from another plan",
                fix="build this plan first, or leave --wheels out",
            )
        facts.update(_facts(repository))
    return facts


def _places(folder: Path) -> list[Path]:
    if (folder / MANIFEST).is_file():
        return [folder]
    found = repositories_below(folder)
    if not found:
        raise InputError(
            _DOING,
            str(folder),
            why="there is no wheel repository",
            fix="give the folder `crosswheel build` wrote",
        )
    return found


def _facts(repository: Repository) -> Iterator[tuple[tuple[str, str], WheelFacts]]:
    for wheel in repository.wheels:
        facts = WheelFacts(
            filename=wheel.path.name, size=wheel.path.stat().st_size, licence=_licence(wheel.path)
        )
        yield (repository.target.id, name_of_wheel(wheel.path)), facts


def _licence(path: Path) -> str:
    with WheelArchive(path) as archive:
        member = archive.members.get(f"{find_dist_info(archive)}/METADATA")
        return "" if member is None else licence_of_metadata(archive.read_checked(member))
