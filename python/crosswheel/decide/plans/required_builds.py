"""Builds that need other builds: which ones, how deep, and never in a circle.

A build needs another one where a build requirement exists only as an sdist (built for the build platform), and where
its headers must be the target's and the release has no wheel for it (built for the target).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from crosswheel.decide.plans.plan import BuildEnvironment, Plan, PlannedBuild, PlannedTarget
from crosswheel.target.targets import Target

__all__ = ["RequiredBuildsSummary", "builds_needed", "cycle_of_builds", "needed_by", "pins_for", "summary_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RequiredBuildsSummary:
    """The builds of a plan that are there for other builds.

    Attributes:
        count: how many there are.
        depth: builds that wait for each other below a wheel of a target, at most; 0 if none does.
    """

    count: int
    depth: int


def needed_by(build: PlannedBuild, environment: BuildEnvironment) -> tuple[str, ...]:
    """Return the ids of the builds that must be finished before `build` can start in `environment`, sorted."""
    overlaid = (overlay.build for overlay in build.overlays if overlay.build is not None)
    return tuple(sorted({*environment.builds, *overlaid}))


def builds_needed(
    plan: Plan, roots: Iterable[str], *, needs: Callable[[PlannedBuild], Iterable[str]]
) -> Mapping[str, tuple[str, ...]]:
    """Return every build that `roots` need, themselves included, and what each one needs directly.

    Args:
        plan: a plan without circles.
        roots: ids of builds.
        needs: what a build needs directly.

    Returns:
        By id, in an order in which whatever is needed comes first.
    """
    found: dict[str, tuple[str, ...]] = {}

    def visit(id_: str) -> None:
        if id_ not in found:
            wanted = tuple(needs(plan.builds[id_]))
            for other in wanted:
                visit(other)
            found[id_] = wanted

    for root in roots:
        visit(root)
    return found


def _on_any_platform(build: PlannedBuild) -> tuple[str, ...]:
    return tuple(
        sorted({id_ for environment in build.environments.values() for id_ in needed_by(build, environment)})
    )


def cycle_of_builds(plan: Plan) -> tuple[str, ...]:
    """Return builds that need each other in a circle, the first one again at the end; empty if there are none."""
    finished: set[str] = set()

    def search(id_: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if id_ in path:
            return (*path[path.index(id_) :], id_)
        if id_ in finished or id_ not in plan.builds:
            return ()
        for other in _on_any_platform(plan.builds[id_]):
            if cycle := search(other, (*path, id_)):
                return cycle
        finished.add(id_)
        return ()

    return next((cycle for id_ in sorted(plan.builds) if (cycle := search(id_, ()))), ())


def pins_for(plan: Plan, target: Target) -> PlannedTarget:
    """Return description and headers that the plan pins for `target`; without any where it pins none."""
    pinned = (one for one in (*plan.targets, *plan.build_platforms) if one.target == target)
    return next(pinned, PlannedTarget(target=target))


def summary_of(plan: Plan) -> RequiredBuildsSummary:
    """Return how many builds of a plan are there for other builds, and how long the longest chain is."""
    roots = {wheel.build for target in plan.targets for wheel in target.wheels if wheel.build is not None}
    needed = builds_needed(plan, sorted(roots), needs=_on_any_platform)
    depths: dict[str, int] = {}
    for id_, others in needed.items():  # what is needed comes first
        depths[id_] = max((1 + depths[other] for other in others), default=0)
    return RequiredBuildsSummary(
        count=len(needed.keys() - roots), depth=max((depths[root] for root in roots), default=0)
    )
