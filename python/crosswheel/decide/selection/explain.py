"""Why a package becomes this file on a target and none of its others.

Evaluates what `selection` evaluates and gives the values; decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from crosswheel.decide.configuration.preferences import Preference, Preferences
from crosswheel.decide.documents.nearest_name import near_names
from crosswheel.decide.locks.locks import Lock, LockedFile, LockedPackage
from crosswheel.decide.locks.markers import MarkerEnvironment, evaluate, marker_parts
from crosswheel.decide.locks.wheel_names import WheelName, wheel_name
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, InputError

from .explanation import ChosenFile, EntryExplanation, Explanation, RefusedFile
from .nearest_miss import miss_of
from .refusals import wheel_remedies
from .selection import SelectedPackage, alive_packages, best_wheel, choose, lock_environment, open_facts
from .target_facts import TargetFacts, facts_of_target

__all__ = ["explain"]


def explain(
    lock: Lock,
    name: str,
    target: Target,
    *,
    preferences: Preferences | None = None,
    extras: Collection[str] = (),
    groups: Collection[str] | None = None,
    obstacle: str = "",
    quirks: tuple[str, ...] = (),
) -> Explanation:
    """Explain what one package of a lock becomes on a target.

    Args:
        lock: the lock.
        name: normalized name of the package.
        target: the target.
        preferences: as for `select`.
        extras: as for `select`.
        groups: as for `select`.
        obstacle: why nothing can be built for the target; nothing where it can.
        quirks: lines that say what is known of the package's build.

    Raises:
        CrosswheelError: the lock has no such package, or is not for the target at all. That no file fits
            is no error here: it is what is explained.
    """
    entries = [package for package in lock.packages if package.name == name]
    if not entries:
        known = [package.name for package in lock.packages]
        raise InputError(
            "explain package",
            name,
            why=f"{lock.name} locks no such package",
            fix=near_names(name, known) or f"choose one of its {len(set(known))} packages",
        )
    facts = facts_of_target(target)
    environment = lock_environment(lock, facts, extras=extras, groups=groups)
    faults: list[CrosswheelError] = []
    alive = alive_packages(Lock(name=lock.name, packages=tuple(entries)), facts, environment, faults)
    return Explanation(
        package=name,
        target=target,
        entries=tuple(
            _entry(
                entry,
                facts,
                environment,
                (preferences or Preferences()).of(entry.name, entry.version),
                is_alive=entry in alive,
                obstacle=obstacle,
            )
            for entry in entries
        ),
        faults=tuple(str(fault.within(lock.name)) for fault in faults),
        quirks=quirks,
    )


def _entry(
    entry: LockedPackage,
    facts: TargetFacts,
    environment: MarkerEnvironment,
    preference: Preference,
    *,
    is_alive: bool,
    obstacle: str,
) -> EntryExplanation:
    unselected, error = "", ""
    outcome: SelectedPackage | None = None
    if not is_alive:
        dead = entry.marker is not None and not evaluate(entry.marker, environment)
        unselected = (
            "it is locked, but not selected: its marker is false here" if dead else "for the error below"
        )
    else:
        choice = choose(entry, facts, preference)
        if isinstance(choice, SelectedPackage):
            outcome = choice
        else:
            error = str(choice)
    builds = outcome is not None and outcome.sdist is not None
    lacks_wheel = builds and preference.handling.allows_wheel and best_wheel(entry.wheels, facts) is None
    return EntryExplanation(
        name=entry.name,
        version=str(entry.version),
        place=entry.place,
        asked_for=preference.handling.value,
        asked_by=preference.reason,
        marker=None if entry.marker is None else str(entry.marker),
        marker_parts=() if entry.marker is None else tuple(marker_parts(entry.marker, environment)),
        open_facts=() if entry.marker is None else open_facts(entry.marker, facts.target, environment),
        requires_python=None if entry.requires_python is None else str(entry.requires_python),
        python=str(facts.python_full_version),
        chosen=None if outcome is None else _chosen(outcome, facts),
        unselected=unselected,
        not_chosen=_others(entry, outcome, facts, preference) if is_alive else (),
        error=error,
        for_a_wheel=_for_a_wheel(entry, facts) if lacks_wheel else "",
        obstacle=obstacle if builds else "",
    )


def _for_a_wheel(entry: LockedPackage, facts: TargetFacts) -> str:
    if not entry.wheels:
        return "the lock lists none"
    return ", or ".join(wheel_remedies(entry, facts)) or "lock another release, none of these comes near"


def _chosen(outcome: SelectedPackage, facts: TargetFacts) -> ChosenFile:
    tags = len(facts.ranks)
    if outcome.wheel is not None:
        rank = facts.rank(wheel_name(outcome.wheel.filename).tags)
        assert rank is not None, "a wheel that does not fit is never chosen"
        return ChosenFile(file=outcome.wheel.filename, built=False, tag_number=rank + 1, tags=tags)
    assert outcome.sdist is not None, "a package is selected by one of its files"
    compared_with = None if outcome.oracle is None else outcome.oracle.filename
    return ChosenFile(file=outcome.sdist.filename, built=True, tags=tags, compared_with=compared_with)


def _others(
    entry: LockedPackage, outcome: SelectedPackage | None, facts: TargetFacts, preference: Preference
) -> tuple[RefusedFile, ...]:
    chosen = outcome and (outcome.wheel or outcome.sdist)
    refused = []
    for wheel in _nearest_first(entry.wheels, facts):
        if wheel != chosen:
            why = _why_not(wheel, entry.wheels, facts, preference)
            fits = facts.rank(wheel_name(wheel.filename).tags) is not None
            # Another Python's wheel is refused whatever its platform.
            reason = why if fits else miss_of(wheel, facts).python_why or why
            refused.append(RefusedFile(file=wheel.filename, fits=fits, why=why, reason=reason))
    if entry.sdist is not None and entry.sdist != chosen:
        why = _why_not_sdist(preference)
        refused.append(RefusedFile(file=entry.sdist.filename, fits=True, why=why, reason=why))
    return tuple(refused)


def _nearest_first(wheels: Sequence[LockedFile], facts: TargetFacts) -> list[LockedFile]:
    def key(wheel: LockedFile) -> tuple[bool, int, tuple[int, int, tuple[int, ...], str]]:
        rank = facts.rank(wheel_name(wheel.filename).tags)
        if rank is not None:
            return (False, rank, (0, 0, (), wheel.filename))
        return (True, 0, miss_of(wheel, facts).order)

    return sorted(wheels, key=key)


def _why_not(
    wheel: LockedFile, wheels: Sequence[LockedFile], facts: TargetFacts, preference: Preference
) -> str:
    rank = facts.rank(wheel_name(wheel.filename).tags)
    if rank is None:
        return miss_of(wheel, facts).why
    best = best_wheel(wheels, facts)
    if best is not None and best != wheel:
        reason = _why_better(wheel_name(best.filename), wheel_name(wheel.filename), facts)
        return f"it fits (tag number {rank + 1}), but {best.filename} {reason}"
    return f"it fits (tag number {rank + 1}), but {preference.reason or 'the preference'} asks for the sdist"


def _why_better(best: WheelName, other: WheelName, facts: TargetFacts) -> str:
    if facts.rank(best.tags) != facts.rank(other.tags):
        return "has a better tag"
    return "has a higher build number" if best.build != other.build else "comes first by name"


def _why_not_sdist(preference: Preference) -> str:
    if not preference.handling.allows_sdist:
        return f"{preference.reason} forbids building it"
    return 'a wheel fits; to build it nonetheless, use --no-binary or `prefer = "sdist"`'
