"""Why a package of a lock, or each of them, becomes the file it does, for every target of a request."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.utils import InvalidName, canonicalize_name

from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.planning.build_obstacles import build_obstacle
from crosswheel.act.planning.lock_reading import ReadLock, read_lock_file
from crosswheel.act.planning.own_projects import packed_projects
from crosswheel.act.planning.plan_inputs import PlanRequest, read_policy
from crosswheel.act.planning.planning import read_request_lock
from crosswheel.act.planning.shipped_quirks import shipped_quirks
from crosswheel.act.storage.store import Store
from crosswheel.decide.configuration.policy_model import Policy
from crosswheel.decide.configuration.quirks import quirk_words
from crosswheel.decide.locks.uv_lock_doors import doors_to
from crosswheel.decide.selection.explain import explain
from crosswheel.decide.selection.explanation import Explanation
from crosswheel.values.errors import InputError

__all__ = ["explain_every_package", "explain_package"]


def explain_package(
    request: PlanRequest,
    package: str,
    *,
    store: Store,
    settings: FetchSettings,
) -> Mapping[str, Explanation]:
    """Return the explanation by target id.

    Args:
        request: lock, targets and what else decides the choice.
        package: the package's name, in any spelling.
        store: keeps what was asked of the network to read the lock.
        settings: how files are fetched.

    Raises:
        CrosswheelError: an input is wrong, or the lock has no such package.
    """
    read, _ = read_request_lock(request, packed_projects(request.projects), store=store, settings=settings)
    try:
        name = canonicalize_name(package, validate=True)
    except InvalidName:
        why = "it is no name of a package"
        fix = "give the name alone, without a version"
        raise InputError("explain package", package, why=why, fix=fix) from None
    if all(locked.name != name for locked in read.lock.packages):
        # What uv exports has no trace of the extras and groups that were not asked for.
        doors = doors_to(name, read_lock_file(request.lock), file_name=request.lock.name)
        if doors is not None:
            return {
                target.id: Explanation(package=name, target=target, unselected=doors)
                for target in request.targets
            }
    return _explanations(request, read, read_policy(request), name)


def explain_every_package(
    request: PlanRequest, *, store: Store, settings: FetchSettings
) -> tuple[ReadLock, Mapping[str, Mapping[str, Explanation]]]:
    """Return the lock and the explanation of each of its packages, by normalized name and target id.

    Args:
        request: lock, targets and what else decides the choice.
        store: keeps what was asked of the network to read the lock.
        settings: how files are fetched.

    Raises:
        CrosswheelError: an input is wrong.
    """
    read, _ = read_request_lock(request, packed_projects(request.projects), store=store, settings=settings)
    names = dict.fromkeys(locked.name for locked in read.lock.packages)
    policy = read_policy(request)
    return read, {name: _explanations(request, read, policy, name) for name in names}


def _explanations(
    request: PlanRequest, read: ReadLock, policy: Policy, name: str
) -> Mapping[str, Explanation]:
    releases = {(locked.name, locked.version) for locked in read.lock.packages}
    versions = {version for locked, version in releases if locked == name}
    return {
        target.id: explain(
            read.lock,
            name,
            target,
            preferences=policy.preferences(releases, target),
            extras=read.extras,
            groups=read.groups,
            obstacle=build_obstacle(target, descriptions=request.descriptions, toolchains=request.toolchains),
            quirks=quirk_words(shipped_quirks(), name, versions, target),
        )
        for target in request.targets
    }
