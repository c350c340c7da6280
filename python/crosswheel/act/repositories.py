"""The wheel repositories of a plan's targets: left alone where they are current, else made whole.

Start-up matters here: a run that finds nothing to do must not load what does the work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.ready_wheel import ReadyWheel
from crosswheel.act.services import Services
from crosswheel.act.wheels.repository import RepositoryWheel, is_current, write_repository
from crosswheel.decide.plan import Plan, PlannedTarget
from crosswheel.decide.plan_json import plan_digest
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.canonical_json import JsonValue

__all__ = ["BuiltRepository", "build_repositories"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BuiltRepository:
    """One repository as `build_repositories` left it.

    Attributes:
        target: whose wheels it holds.
        path: its folder.
        wheels: the wheels; empty when nothing had to be done.
        current: it was there already and nothing was done.
    """

    target: Target
    path: Path
    wheels: tuple[ReadyWheel, ...]
    current: bool

    def to_json(self) -> JsonValue:
        """Return the repository as ``--json`` prints it."""
        return {
            "target": self.target.id,
            "path": str(self.path),
            "state": "current" if self.current else "written",
            "wheels": [wheel.to_json() for wheel in self.wheels],
        }


def build_repositories(
    plan: Plan, *, base: Path, targets: Iterable[PlannedTarget], output: Path, services: Services
) -> tuple[BuiltRepository, ...]:
    """Write the wheel repository of each target to ``output/<target id>/``.

    A repository that is already the plan's is left alone; the others appear whole, or not at all.

    Args:
        plan: the plan.
        base: folder that the plan's relative paths start from.
        targets: which of the plan's targets.
        output: folder of the repositories.
        services: what to work with.

    Raises:
        CrosswheelError: as `ensure_wheels`.
        OutputError: a folder in the way is not a repository of ours.
    """
    targets, digest = tuple(targets), plan_digest(plan)
    stale = [planned for planned in targets if not is_current(output / planned.target.id, digest)]
    wheels = _ensure(plan, base, stale, services) if stale else {}
    for target_id, ready in wheels.items():
        write_repository(
            output / target_id,
            target=parse_target_id(target_id),
            wheels=[
                RepositoryWheel(
                    path=wheel.path,
                    sha256=wheel.sha256,
                    origin="prebuilt" if wheel.build is None else "built",
                )
                for wheel in ready
            ],
            plan_digest=digest,
        )
    return tuple(
        BuiltRepository(
            target=planned.target,
            path=output / planned.target.id,
            wheels=wheels.get(planned.target.id, ()),
            current=planned.target.id not in wheels,
        )
        for planned in targets
    )


def _ensure(
    plan: Plan, base: Path, targets: Iterable[PlannedTarget], services: Services
) -> Mapping[str, tuple[ReadyWheel, ...]]:
    from crosswheel.act.executor import ensure_wheels

    return ensure_wheels(plan, base=base, targets=targets, services=services)
