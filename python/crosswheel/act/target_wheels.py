"""The checked wheels of one target, from a plan or from a wheel repository: what is installed, and put into layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.act.wheels.repository import RepositoryWheel, read_repository
from crosswheel.target.held_targets import choose_target, choose_targets
from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest
from crosswheel.values.errors import CheckError, raise_faults

if TYPE_CHECKING:
    from crosswheel.act.services import Services
    from crosswheel.decide.plans.plan import Plan, PlannedTarget

__all__ = [
    "CheckedWheel",
    "TargetWheels",
    "name_of_wheel",
    "wheels_of_plan",
    "wheels_of_repository",
    "wheels_of_targets",
]


def name_of_wheel(path: Path) -> str:
    """Return the normalized project name of a wheel, by its file name."""
    from packaging.utils import canonicalize_name

    return canonicalize_name(path.name.partition("-")[0])


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedWheel:
    """A wheel that has passed the check for its target.

    Attributes:
        path: the file, under the wheel's own name.
        sha256: digest of the file.
    """

    path: Path
    sha256: Digest

    @property
    def name(self) -> str:
        """The normalized project name."""
        return name_of_wheel(self.path)

    @property
    def version(self) -> str:
        """The version, as the file name has it."""
        return self.path.name.split("-")[1].replace("_", "+", 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetWheels:
    """All wheels of one target.

    Attributes:
        target: the target.
        wheels: its wheels, sorted by project.
        unmet: what wheels that were put to those of the plan require and do not find among them, sentences.
    """

    target: Target
    wheels: tuple[CheckedWheel, ...]
    unmet: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files."""
        return tuple(wheel.path for wheel in self.wheels)


def wheels_of_plan(
    plan: Plan,
    *,
    target: str | None,
    base: Path,
    services: Services,
    suits: Callable[[PlannedTarget], object] | None = None,
) -> TargetWheels:
    """Fetch or build, and check, the wheels of one target of a plan.

    Args:
        plan: the plan.
        target: which target, in any spelling; ``None`` for the only one.
        base: folder that the plan's relative paths start from.
        services: what to work with.
        suits: raises where the wheels of the plan's target cannot be used as is wanted, before anything is fetched or built.

    Raises:
        InputError: `target` is none of the plan's, or it has several.
        CrosswheelError: as `crosswheel.act.executor.ensure_wheels`.
    """
    from crosswheel.act.executor import ensure_wheels

    chosen = choose_target(target, [planned.target for planned in plan.targets])
    planned = [one for one in plan.targets if one.target == chosen]
    if suits is not None:
        suits(planned[0])
    ready = ensure_wheels(plan, base=base, targets=planned, services=services)[chosen.id]
    return TargetWheels(
        target=chosen, wheels=tuple(CheckedWheel(path=wheel.path, sha256=wheel.sha256) for wheel in ready)
    )


def wheels_of_targets(
    plan: Plan, *, targets: Sequence[str], base: Path, services: Services
) -> tuple[TargetWheels, ...]:
    """Fetch or build, and check, the wheels of several targets of a plan.

    Args:
        plan: the plan.
        targets: which targets, in any spelling and in the order of the result, in which each is once; all if empty.
        base: as for `wheels_of_plan`.
        services: what to work with.

    Raises:
        CrosswheelError: as `wheels_of_plan`.
    """
    chosen = choose_targets(targets, [planned.target for planned in plan.targets])
    return tuple(wheels_of_plan(plan, target=one.id, base=base, services=services) for one in chosen)


def wheels_of_repository(folder: Path, *, target: str | None) -> TargetWheels:
    """Return the wheels of a repository, which are the very files that were checked when it was written.

    Args:
        folder: what `crosswheel build` wrote for one target.
        target: the target it must be for, in any spelling; ``None`` for whatever it is for.

    Raises:
        InputError: `folder` is no repository, or one for another target.
        CheckError: a wheel is not the one that was checked.
    """
    repository = read_repository(folder)
    chosen = choose_target(target, [repository.target])
    raise_faults(_changed(repository.wheels))
    return TargetWheels(
        target=chosen,
        wheels=tuple(CheckedWheel(path=wheel.path, sha256=wheel.sha256) for wheel in repository.wheels),
    )


def _changed(wheels: Sequence[RepositoryWheel]) -> list[CheckError]:
    return [
        CheckError(
            "use wheel",
            wheel.path.name,
            why="it is not the file the repository's manifest names",
            fix="build the repository again",
        )
        for wheel in wheels
        if not wheel.path.is_file() or digest_of_file(wheel.path) != wheel.sha256
    ]
