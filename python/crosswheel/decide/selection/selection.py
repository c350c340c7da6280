"""Which file each package of a lock becomes on one target, following PEP 751's installation steps.

Reads no file and no network: wheels are chosen by their names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.markers import Marker

from crosswheel.decide.configuration.preferences import Handling, Preference, Preferences
from crosswheel.decide.locks.locks import Lock, LockedFile, LockedPackage
from crosswheel.decide.locks.markers import MarkerEnvironment, evaluate, marker_parts
from crosswheel.decide.locks.one_machine import LOCK_FOR_ALL
from crosswheel.decide.locks.uv_lock_doors import unknown_choices
from crosswheel.decide.locks.wheel_names import wheel_name
from crosswheel.target.environments import undecided_markers
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, InputError, SelectionError, raise_faults

from .oracles import oracle_of
from .refusals import no_file_fits, not_buildable, of_another_machine, refused_source, wrong_python
from .target_facts import TargetFacts, facts_of_target

__all__ = [
    "SelectedPackage",
    "Selection",
    "alive_packages",
    "best_wheel",
    "choose",
    "lock_environment",
    "open_fact_warning",
    "open_facts",
    "select",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectedPackage:
    """What one package becomes on one target: exactly one of `wheel` and `sdist` is set.

    Attributes:
        name: normalized name.
        version: as the lock spells it.
        wheel: the prebuilt wheel to use.
        sdist: the sdist to build.
        others: every other file of the entry, in the lock's order, the sdist last.
        oracle: for an sdist, the prebuilt wheel to compare the build with.
    """

    name: str
    version: str
    wheel: LockedFile | None = None
    sdist: LockedFile | None = None
    others: tuple[LockedFile, ...] = ()
    oracle: LockedFile | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The choice for one target.

    Attributes:
        target: the target.
        packages: sorted by name.
        warnings: facts the choice hangs on that the target leaves open, sentences.
    """

    target: Target
    packages: tuple[SelectedPackage, ...]
    warnings: tuple[str, ...] = ()


def select(
    lock: Lock,
    target: Target,
    *,
    preferences: Preferences | None = None,
    extras: Collection[str] = (),
    groups: Collection[str] | None = None,
    obstacle: CrosswheelError | None = None,
) -> Selection:
    """Choose one file for every package that is alive on a target.

    Args:
        lock: the lock.
        target: the target; its Python counts as release X.Y.0 wherever a patch number is compared.
        preferences: wheel or sdist, per package; by default a wheel where one fits.
        extras: extras to install.
        groups: dependency groups to install instead of the lock's default groups.
        obstacle: why no sdist can be built for the target; ``None`` where one can.

    Raises:
        CrosswheelError: `SelectionError` for one package, or `FaultsError` with one for each.
    """
    facts = facts_of_target(target)
    environment = lock_environment(lock, facts, extras=extras, groups=groups)
    faults: list[CrosswheelError] = []
    alive = alive_packages(lock, facts, environment, faults)
    chosen: list[SelectedPackage] = []
    elsewhere: list[LockedPackage] = []
    for package in alive:
        preference = (preferences or Preferences()).of(package.name, package.version)
        outcome = choose(package, facts, preference)
        if obstacle is not None and isinstance(outcome, SelectedPackage) and outcome.sdist is not None:
            outcome = not_buildable(package, facts, preference, obstacle)
        if isinstance(outcome, SelectionError):
            faults.append(outcome)
        else:
            chosen.append(outcome)
            if outcome.sdist is not None and preference.handling is Handling.WHEEL_FIRST:
                elsewhere += [package] if of_another_machine(package, facts) else []
    raise_faults([fault.within(lock.name) for fault in faults])
    chosen.sort(key=lambda package: package.name)
    warnings = (
        *_warnings(lock, target, environment),
        *_of_one_machine(lock, target, elsewhere),
        *(() if alive else _all_left_out(lock, target, environment)),
    )
    return Selection(target=target, packages=tuple(chosen), warnings=warnings)


def lock_environment(
    lock: Lock, facts: TargetFacts, *, extras: Collection[str], groups: Collection[str] | None
) -> MarkerEnvironment:
    """Return the environment that the lock's markers read, after checking that the lock is for the target.

    Raises:
        CrosswheelError: an extra or group the lock does not have, or a target it was not made for.
    """
    # PEP 751, step 1: `dependency_groups` is the default groups unless groups were asked for.
    asked = lock.default_groups if groups is None else groups
    environment: MarkerEnvironment = {
        **facts.environment,
        "extras": frozenset(extras),
        "dependency_groups": frozenset(asked),
    }
    faults: list[CrosswheelError] = [
        *unknown_choices("extra", extras, lock.extras),
        *unknown_choices("dependency group", groups or (), (*lock.dependency_groups, *lock.default_groups)),
    ]
    # Step 3: requires-python. Step 4: environments.
    if lock.requires_python is not None and not lock.requires_python.contains(facts.python_full_version):
        faults.append(
            SelectionError(
                "use lock for",
                facts.target.id,
                why=f"it requires Python {lock.requires_python}, and the target's Python counts as "
                f"{facts.python_full_version}",
                fix=f"{_locked_anew(lock, facts.target.python.version)}, or choose another (--python)",
            )
        )
    if lock.environments and not _covers(lock, environment):
        listed = ", ".join(f"`{marker}`" for marker in lock.environments)
        faults.append(
            SelectionError(
                "use lock for",
                facts.target.id,
                why=f"it was made only for the environments {listed}",
                fix="choose a target among them or lock again for this one",
            )
        )
    raise_faults([fault.within(lock.name) for fault in faults])
    return environment


def _locked_anew(lock: Lock, python: str) -> str:
    if lock.name.endswith("uv.lock"):
        return f'write `requires-python = ">={python}"` in pyproject.toml and run `uv lock`'
    return f"lock for Python {python} as such (`uv pip compile --python-version {python}`)"


def _covers(lock: Lock, environment: MarkerEnvironment) -> bool:
    try:
        return any(evaluate(marker, environment) for marker in lock.environments)
    except InputError as error:
        raise error.within(lock.name, "environments") from None


def alive_packages(
    lock: Lock, facts: TargetFacts, environment: MarkerEnvironment, faults: list[CrosswheelError]
) -> list[LockedPackage]:
    """Return the entries whose marker holds, collecting what forbids any of them."""
    alive: dict[str, LockedPackage] = {}
    usable: list[LockedPackage] = []
    for package in lock.packages:
        # Step 5.1: the marker.
        try:
            if package.marker is not None and not evaluate(package.marker, environment):
                continue
        except InputError as error:
            faults.append(error.within(f"{package.place}.marker"))
            continue
        # Step 5.2: requires-python.
        if package.requires_python is not None and not package.requires_python.contains(
            facts.python_full_version
        ):
            faults.append(wrong_python(package, facts))
            continue
        # Step 5.3: no other instance of the package.
        if package.name in alive:
            faults.append(_ambiguous(alive[package.name], package, facts))
            continue
        alive[package.name] = package
        if package.refusal is not None:
            faults.append(refused_source(package, facts))
        else:
            usable.append(package)
    return usable


def _ambiguous(first: LockedPackage, second: LockedPackage, facts: TargetFacts) -> SelectionError:
    return SelectionError(
        "select",
        second.name,
        why=f"both {first.place} ({first.version}) and {second.place} ({second.version}) are meant for this target",
        fix="choose extras and groups that do not conflict, or lock again",
        context=(second.place, facts.target.id),
    )


def best_wheel(wheels: Collection[LockedFile], facts: TargetFacts) -> LockedFile | None:
    """Return the wheel that fits best: by rank of its tags, then the higher build number, then its name."""
    best: LockedFile | None = None
    best_key: tuple[int, int, str] | None = None
    for wheel in wheels:
        name = wheel_name(wheel.filename)
        rank = facts.rank(name.tags)
        if rank is None or (best_key is not None and rank > best_key[0]):
            continue
        # A build number counts upwards, everything else downwards (PEP 427; pip sorts alike).
        key = (rank, -name.build[0], _descending(name.build[1]) + wheel.filename)
        if best_key is None or key < best_key:
            best, best_key = wheel, key
    return best


def _descending(suffix: str) -> str:
    """Return a text that sorts the other way round, so that build ``1b`` comes before ``1a``."""
    return "".join(chr(0x10FFFF - ord(character)) for character in suffix) + chr(0x10FFFF)


def choose(
    package: LockedPackage, facts: TargetFacts, preference: Preference
) -> SelectedPackage | SelectionError:
    """Return what one living package becomes, or the error that says why it can become nothing."""
    handling = preference.handling
    wheel = best_wheel(package.wheels, facts) if handling.allows_wheel else None
    sdist = package.sdist if handling.allows_sdist else None
    if wheel is not None and (sdist is None or handling is not Handling.SDIST_FIRST):
        sdist = None
    else:
        wheel = None
    if wheel is None and sdist is None:
        return no_file_fits(package, facts, preference)
    files = (*package.wheels, *((package.sdist,) if package.sdist is not None else ()))
    return SelectedPackage(
        name=package.name,
        version=package.version,
        wheel=wheel,
        sdist=sdist,
        others=tuple(file for file in files if file is not wheel and file is not sdist),
        oracle=None if sdist is None else oracle_of(package.wheels, facts),
    )


def _of_one_machine(lock: Lock, target: Target, built: Sequence[LockedPackage]) -> Iterator[str]:
    if built:
        names = ", ".join(sorted({package.name for package in built}))
        yield (
            f"{lock.name} has wheels for {built[0].only_platform} alone, so {names} will be built for {target.id}, "
            f"of which the index may have a wheel; to have all of them, {LOCK_FOR_ALL}"
        )


def _all_left_out(lock: Lock, target: Target, environment: MarkerEnvironment) -> Iterator[str]:
    """Yield why markers leave out every package of a lock, by the comparisons that fail for all of them."""
    failing = [
        {part.text: part for part in marker_parts(package.marker, environment) if not part.result}
        for package in lock.packages
        if package.marker is not None
    ]
    for text, part in failing[0].items() if failing else ():
        if all(text in one for one in failing) and not _undecided(Marker(text), target, environment):
            what = "its only package" if len(failing) == 1 else f"each of its {len(failing)} packages"
            yield f"{lock.name} has {what} where `{text}`, and {part.variable} of {target.id} is '{part.value}'"


def _warnings(lock: Lock, target: Target, environment: MarkerEnvironment) -> tuple[str, ...]:
    undecided: dict[str, tuple[str, ...]] = {}
    warnings: list[str] = []
    for package in lock.packages:
        if package.marker is None:
            continue
        text = str(package.marker)
        if text not in undecided:
            undecided[text] = open_facts(package.marker, target, environment)
        warnings += [
            open_fact_warning(package.name, str(package.version), target.id, words)
            for words in undecided[text]
        ]
    return tuple(warnings)


def open_facts(marker: Marker, target: Target, environment: MarkerEnvironment) -> tuple[str, ...]:
    """Return the facts that a marker's result hangs on and that the target leaves open.

    Each is what follows "whether it is installed": ``depends on platform_release (...``.
    """
    return tuple(
        f"depends on {name} (`{marker}`), which the target leaves open; '{environment[name]}' was taken for it"
        for name in sorted(_undecided(marker, target, environment))
    )


def open_fact_warning(name: str, version: str, target_id: str, words: str) -> str:
    """Return the sentence about one of `open_facts`."""
    return f"whether {name} {version} is installed on {target_id} {words}"


def _undecided(marker: Marker, target: Target, environment: MarkerEnvironment) -> frozenset[str]:
    return undecided_markers(
        marker,
        target,
        extras=_names(environment, "extras"),
        dependency_groups=_names(environment, "dependency_groups"),
    )


def _names(environment: Mapping[str, object], key: str) -> frozenset[str]:
    value = environment[key]
    return value if isinstance(value, frozenset) else frozenset()
