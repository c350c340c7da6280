"""The wheel repositories of a plan's targets: left alone where they are current, else made whole.

Start-up matters here: a run that finds nothing to do must not load what does the work.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from crosswheel.act.ready_wheel import ReadyWheel
from crosswheel.act.services import Services
from crosswheel.act.storage.store import Store
from crosswheel.act.target_wheels import name_of_wheel
from crosswheel.act.wheels.repository import (
    REPOSITORY,
    RepositoryWheel,
    is_current,
    read_repository,
    repository_state,
    write_repository,
)
from crosswheel.act.wheels.repository_pages import MANIFEST_SCHEMA
from crosswheel.decide.plans.plan import Plan, PlannedTarget
from crosswheel.decide.plans.plan_json import plan_digest
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import CrosswheelError, StoreError, raise_faults

__all__ = ["BuiltRepository", "build_repositories", "published", "refuse_other_repositories"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BuiltRepository:
    """One repository as `build_repositories` left it.

    Attributes:
        target: whose wheels it holds.
        path: its folder.
        wheels: the wheels, by name; what their checks warned of is told by the run that wrote them only.
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
    plan: Plan,
    *,
    base: Path,
    targets: Iterable[PlannedTarget],
    output: Path,
    services: Services,
    inputs: Sequence[Path] = (),
) -> tuple[BuiltRepository, ...]:
    """Write the wheel repository of each target to ``output/<target id>/``.

    A repository that is already the plan's, byte for byte, is left alone; the others appear whole, or not at all.

    Args:
        plan: the plan.
        base: folder that the plan's relative paths start from.
        targets: which of the plan's targets.
        output: folder of the repositories.
        services: what to work with.
        inputs: files of the user's that they are made from.

    Raises:
        CrosswheelError: as `ensure_wheels`.
        OutputError: a folder in the way is not a repository of ours, or holds an input.
    """
    targets, digest = tuple(targets), plan_digest(plan)
    stale = [
        planned
        for planned in targets
        if not _is_current(plan, planned, output / planned.target.id, digest, services.store)
    ]
    refuse_other_repositories(output, [planned.target for planned in stale], inputs=inputs)
    wheels = _ensure(plan, base, stale, services) if stale else {}
    for target_id, ready in wheels.items():
        write_repository(
            output / target_id,
            target=parse_target_id(target_id),
            wheels=published(ready),
            plan_digest=digest,
        )
        _remember(output / target_id, digest, services.store)
    return tuple(
        BuiltRepository(
            target=planned.target,
            path=output / planned.target.id,
            wheels=wheels[planned.target.id]
            if planned.target.id in wheels
            else _present_wheels(planned, output / planned.target.id),
            current=planned.target.id not in wheels,
        )
        for planned in targets
    )


def refuse_other_repositories(
    output: Path, targets: Iterable[Target], *, inputs: Sequence[Path] = ()
) -> None:
    """Refuse places that `build_repositories` would refuse, before anything is made for them.

    Args:
        output: folder of the repositories.
        targets: whose repositories they are.
        inputs: as for `build_repositories`.

    Raises:
        OutputError: something else is in the way of one, or nothing can be written there; all are collected.
    """
    faults: list[CrosswheelError] = []
    for target in targets:
        try:
            REPOSITORY.refuse_other(output / target.id, inputs=inputs)
        except CrosswheelError as fault:
            faults.append(fault)
    raise_faults(faults)


def _present_wheels(planned: PlannedTarget, folder: Path) -> tuple[ReadyWheel, ...]:
    """Return the wheels of a current repository."""
    found = {name_of_wheel(wheel.path): wheel for wheel in read_repository(folder).wheels}
    return tuple(
        ReadyWheel(
            name=wheel.name,
            version=wheel.version,
            target=planned.target.id,
            filename=found[wheel.name].path.name,
            path=found[wheel.name].path,
            sha256=found[wheel.name].sha256,
            build=wheel.build,
        )
        for wheel in planned.wheels
    )


def published(wheels: Iterable[ReadyWheel]) -> tuple[RepositoryWheel, ...]:
    """Return wheels as a repository takes them."""
    return tuple(
        RepositoryWheel(
            path=wheel.path,
            sha256=wheel.sha256,
            origin="prebuilt" if wheel.build is None else "built",
        )
        for wheel in wheels
    )


def _ensure(
    plan: Plan, base: Path, targets: Iterable[PlannedTarget], services: Services
) -> Mapping[str, tuple[ReadyWheel, ...]]:
    from crosswheel.act.executor import ensure_wheels

    return ensure_wheels(plan, base=base, targets=targets, services=services)


_KIND = "repositories"


def _is_current(plan: Plan, planned: PlannedTarget, folder: Path, digest: Digest, store: Store) -> bool:
    """Tell whether a repository is whole and the plan's; its files are read only where they may have changed."""
    try:
        state = repository_state(folder)
    except OSError:
        return False
    if store.read_record(_KIND, _key(folder, digest)) == state:
        return True
    if not is_current(folder, digest) or not _holds_what_is_planned(plan, planned, folder):
        return False
    _remember(folder, digest, store)
    return True


def _holds_what_is_planned(plan: Plan, planned: PlannedTarget, folder: Path) -> bool:
    """Compare the wheels with the plan: a manifest says of itself what it likes. Of builds only the number is known."""
    found = read_repository(folder).wheels
    wanted = [plan.artifacts[wheel.artifact] for wheel in planned.wheels if wheel.artifact is not None]
    prebuilt = {(wheel.path.name, wheel.sha256) for wheel in found if wheel.origin == "prebuilt"}
    return len(found) == len(planned.wheels) and prebuilt == {(one.filename, one.sha256) for one in wanted}


def _remember(folder: Path, digest: Digest, store: Store) -> None:
    """Let the store keep how the files of a whole repository look, so that the next run need not read them."""
    with suppress(OSError, StoreError):  # that run will read them
        store.write_record(_KIND, _key(folder, digest), cast("JsonValue", repository_state(folder)))


def _key(folder: Path, digest: Digest) -> Digest:
    return digest_of_json(
        {"folder": os.fspath(folder.absolute()), "plan": digest.hex, "schema": MANIFEST_SCHEMA}
    )
