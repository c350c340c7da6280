"""Why a package becomes this file on a target and none of its others, in words for people.

Evaluates what `selection` evaluates and shows the values; decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, InputError

from .locks import Lock, LockedFile, LockedPackage
from .markers import MarkerEnvironment, evaluate, marker_parts
from .nearest_miss import miss_of
from .nearest_name import near_names
from .preferences import Preference, Preferences
from .refusals import wheel_remedies
from .selection import SelectedPackage, alive_packages, best_wheel, choose, lock_environment
from .target_facts import TargetFacts, facts_of_target
from .wheel_names import WheelName, wheel_name

__all__ = ["explain"]


def explain(
    lock: Lock,
    name: str,
    target: Target,
    *,
    preferences: Preferences | None = None,
    extras: Collection[str] = (),
    groups: Collection[str] | None = None,
    every_file: bool = False,
    obstacle: str = "",
) -> str:
    """Explain what one package of a lock becomes on a target.

    Args:
        lock: the lock.
        name: normalized name of the package.
        target: the target.
        preferences: as for `select`.
        extras: as for `select`.
        groups: as for `select`.
        every_file: give every wheel that does not fit a line of its own, not one line to each reason.
        obstacle: why nothing can be built for the target; nothing where it can.

    Returns:
        Lines of text, the last one ended.

    Raises:
        CrosswheelError: the lock has no such package, or is not for the target at all. That no file fits
            is no error here: it is what the text explains.
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
    lines: list[str] = []
    for entry in entries:
        preference = (preferences or Preferences()).of(entry.name, entry.version)
        lines += _entry(
            entry,
            facts,
            environment,
            preference,
            is_alive=entry in alive,
            every_file=every_file,
            obstacle=obstacle,
        )
    lines += [f"error: {fault.within(lock.name)}" for fault in faults]
    return "\n".join(lines) + "\n"


def _entry(
    entry: LockedPackage,
    facts: TargetFacts,
    environment: MarkerEnvironment,
    preference: Preference,
    *,
    is_alive: bool,
    every_file: bool,
    obstacle: str,
) -> list[str]:
    by = f" ({preference.reason})" if preference.reason else ""
    lines = [
        f"{entry.name} {entry.version} on {facts.target.id} ({entry.place})",
        f"  asked for: {preference.handling.value}{by}",
        *_marker(entry, environment),
    ]
    if entry.requires_python is not None:
        lines.append(
            f"  requires Python: {entry.requires_python}; the target counts as {facts.python_full_version}"
        )
    if not is_alive:
        dead = entry.marker is not None and not evaluate(entry.marker, environment)
        why = "it is locked, but not selected: its marker is false here" if dead else "for the error below"
        return [*lines, f"  chosen: nothing, {why}"]
    outcome = choose(entry, facts, preference)
    if isinstance(outcome, CrosswheelError):
        others = _others(entry, None, facts, preference, every_file=every_file)
        return [*lines, "  chosen: nothing", *others, f"  {outcome}"]
    lines += [
        *_chosen(outcome, facts),
        *_others(entry, outcome, facts, preference, every_file=every_file),
    ]
    if (
        outcome.sdist is not None
        and preference.handling.allows_wheel
        and best_wheel(entry.wheels, facts) is None
    ):
        lines.append(f"  for a prebuilt wheel: {_for_a_wheel(entry, facts)}")
    if outcome.sdist is not None and obstacle:
        lines.append(f"  it cannot be built for this target: {obstacle}")
    return lines


def _for_a_wheel(entry: LockedPackage, facts: TargetFacts) -> str:
    if not entry.wheels:
        return "the lock lists none"
    return ", or ".join(wheel_remedies(entry, facts)) or "lock another release, none of these comes near"


def _marker(entry: LockedPackage, environment: MarkerEnvironment) -> list[str]:
    if entry.marker is None:
        return ["  marker: none, it is for every target"]
    parts = marker_parts(entry.marker, environment)
    lines = [f"  marker: {entry.marker}"]
    lines += [
        f"    {part.text} is {str(part.result).lower()}: {part.variable} is '{part.value}'" for part in parts
    ]
    return lines


def _chosen(outcome: SelectedPackage, facts: TargetFacts) -> list[str]:
    if outcome.wheel is not None:
        tags = wheel_name(outcome.wheel.filename).tags
        rank = facts.rank(tags)
        place = "" if rank is None else f"{rank + 1} of the {len(facts.ranks)} tags the target supports"
        return [f"  chosen: {outcome.wheel.filename}", f"    its best tag is number {place}, best first"]
    filename = outcome.sdist.filename if outcome.sdist is not None else ""
    compared = "no prebuilt wheel to compare it with" if outcome.oracle is None else outcome.oracle.filename
    return [f"  chosen: {filename}, to be built", f"    the build is compared with: {compared}"]


def _others(
    entry: LockedPackage,
    outcome: SelectedPackage | None,
    facts: TargetFacts,
    preference: Preference,
    *,
    every_file: bool,
) -> list[str]:
    chosen = outcome and (outcome.wheel or outcome.sdist)
    # Reason -> the wheels it is the reason for, and all that is wrong with each; the nearest first.
    refused: dict[str, list[tuple[LockedFile, str]]] = {}
    for wheel in _nearest_first(entry.wheels, facts):
        if wheel != chosen:
            why = _why_not(wheel, entry.wheels, facts, preference)
            reason = wheel.filename if every_file else _reason(wheel, why, facts)
            refused.setdefault(reason, []).append((wheel, why))
    lines = [f"    {_folded(reason, wheels)}" for reason, wheels in refused.items()]
    if entry.sdist is not None and entry.sdist != chosen:
        lines.append(f"    {entry.sdist.filename}: {_why_not_sdist(preference)}")
    return ["  not chosen:", *lines] if lines else []


#: File names shown for one reason.
_SHOWN = 3


def _folded(reason: str, wheels: Sequence[tuple[LockedFile, str]]) -> str:
    if len(wheels) == 1:
        return f"{wheels[0][0].filename}: {wheels[0][1]}"
    names = ", ".join(wheel.filename for wheel, _ in wheels[:_SHOWN])
    return f"{len(wheels)} wheels: {reason} ({names}{', ...' if len(wheels) > _SHOWN else ''})"


def _reason(wheel: LockedFile, why: str, facts: TargetFacts) -> str:
    """Return the first thing that is wrong with a wheel: another Python's is refused whatever its platform."""
    if facts.rank(wheel_name(wheel.filename).tags) is not None:
        return why
    miss = miss_of(wheel, facts)
    return miss.python_why or why


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
