"""The words of a package that cannot be had for a target: every file's nearest miss, and what to change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crosswheel.decide.configuration.preferences import Preference
from crosswheel.decide.locks.locks import LockedPackage
from crosswheel.decide.locks.one_machine import LOCK_FOR_ALL
from crosswheel.decide.locks.platform_tags import read_platform_tag
from crosswheel.decide.locks.wheel_names import wheel_name
from crosswheel.values.errors import CrosswheelError, SelectionError

from .nearest_miss import Miss, PlatformGap, PythonGap, miss_of
from .target_facts import TargetFacts

__all__ = [
    "no_file_fits",
    "not_buildable",
    "of_another_machine",
    "refused_source",
    "wheel_remedies",
    "wrong_python",
]


def no_file_fits(package: LockedPackage, facts: TargetFacts, preference: Preference) -> SelectionError:
    """Return the error of a package none of whose files may be used."""
    if not preference.handling.allows_wheel:
        return SelectionError(
            "select an sdist for",
            _release(package),
            why=f"{preference.reason} asks for its sdist, and the lock lists only wheels",
            fix=f"drop {preference.reason} for it or lock its sdist",
            context=_context(package, facts),
        )
    misses = _misses(package, facts)
    return SelectionError(
        "select a wheel for",
        _release(package),
        why=f"{_offer(misses)}, and {_sdist_clause(package, preference)}",
        fix=", or ".join(_remedies(package, misses, preference)),
        context=_context(package, facts),
        details=_details(misses, facts, preference),
    )


def not_buildable(
    package: LockedPackage, facts: TargetFacts, preference: Preference, obstacle: CrosswheelError
) -> SelectionError:
    """Return the error of a package that would have to be built where nothing can be."""
    misses = _misses(package, facts)
    unwanted = not preference.handling.allows_wheel or any(
        miss.python_gap is PythonGap.FITS and miss.platform_gap is PlatformGap.FITS for miss in misses
    )
    offer = (
        f"{preference.reason} asks for its sdist, which" if unwanted else f"{_offer(misses)}, and its sdist"
    )
    remedies = [f"drop {preference.reason}"] if unwanted else _target_remedies(package, misses)
    return SelectionError(
        "select a wheel for",
        _release(package),
        why=f"{offer} cannot be built for this target: {obstacle.why}",
        # What a wheel needs may be what a build needs.
        fix=", or ".join(dict.fromkeys([*remedies, obstacle.fix])),
        context=_context(package, facts),
        details=_details(misses, facts, preference),
    )


def of_another_machine(package: LockedPackage, facts: TargetFacts) -> bool:
    """Return whether a package has wheels, the whole lock has them for one platform only, and the target is another one."""
    return _is_of_another_machine(package, _misses(package, facts))


def wheel_remedies(package: LockedPackage, facts: TargetFacts) -> list[str]:
    """Return the changes of the target or the lock under which a wheel of the package would fit; none if one does."""
    return _target_remedies(package, _misses(package, facts))


def refused_source(package: LockedPackage, facts: TargetFacts) -> SelectionError:
    """Return the error of a package whose source cannot be used at all."""
    refusal = package.refusal
    if refusal is None:
        raise AssertionError(f"{package.name} has a source")
    return SelectionError(
        "use", _release(package), why=refusal.why, fix=refusal.fix, context=_context(package, facts)
    )


def wrong_python(package: LockedPackage, facts: TargetFacts) -> SelectionError:
    """Return the error of a package that is alive but refuses the target's Python."""
    return SelectionError(
        "use",
        _release(package),
        why=f"it requires Python {package.requires_python}, and the target's Python counts as "
        f"{facts.python_full_version}",
        fix="choose another Python (--python) or lock again for this one",
        context=_context(package, facts),
    )


def _misses(package: LockedPackage, facts: TargetFacts) -> list[Miss]:
    return sorted((miss_of(wheel, facts) for wheel in package.wheels), key=lambda miss: miss.order)


def _context(package: LockedPackage, facts: TargetFacts) -> tuple[str, ...]:
    return (package.place, facts.target.id)


def _release(package: LockedPackage) -> str:
    return f"{package.name} {package.version}".rstrip()


def _offer(misses: Sequence[Miss]) -> str:
    """Group what is on offer, nearest first."""
    fits = [miss for miss in misses if miss.python_gap is PythonGap.FITS]
    abi = [miss for miss in misses if miss.python_gap is PythonGap.ABI]
    python = [miss for miss in misses if miss.python_gap > PythonGap.ABI]
    groups = [_platforms(fits)] if fits else []
    if abi:
        groups.append(f"the ABI {_once(miss.python_tag for miss in abi)}")
    here = [miss.python_tag for miss in python if miss.platform_gap is PlatformGap.FITS]
    newer = {
        miss.python_tag: read_platform_tag(miss.platform_tag)
        for miss in python
        if miss.platform_gap is PlatformGap.VERSION and miss.python_tag not in here
    }
    elsewhere = [miss.python_tag for miss in python if miss.python_tag not in (*here, *newer)]
    if here:
        groups.append(f"{_once(here)} on this platform")
    if newer:
        libraries = _once(read.library for read in newer.values() if read is not None and read.library)
        groups.append(f"{_once(newer)} on this platform with a newer {libraries}")
    if elsewhere:
        groups.append(f"{_once(elsewhere)} on other platforms")
    return f"wheels exist for {' and for '.join(groups)}" if groups else "the lock lists no wheel"


def _platforms(misses: Sequence[Miss]) -> str:
    shown: dict[str, None] = {}
    for miss in misses:
        near = miss.platform_gap in {PlatformGap.VERSION, PlatformGap.LIBRARY}
        reason = miss.platform_why.removeprefix("it is ").removeprefix("it ")
        shown[f"{miss.platform_tag} ({reason})" if near else miss.platform_tag] = None
    return ", ".join(shown)


def _once(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _sdist_clause(package: LockedPackage, preference: Preference) -> str:
    if package.sdist is None:
        return "there is no sdist"
    return f"{preference.reason} forbids building its sdist"


def _remedies(package: LockedPackage, misses: Sequence[Miss], preference: Preference) -> list[str]:
    remedies = _target_remedies(package, misses)
    if package.sdist is None:
        return [*remedies, "lock an sdist, if the project publishes one"]
    return [*remedies, f"allow its sdist to be built (drop {preference.reason})"]


def _target_remedies(package: LockedPackage, misses: Sequence[Miss]) -> list[str]:
    remedies = _platform_remedy(misses) + _python_remedy(misses)
    if _is_of_another_machine(package, misses):
        remedies.append(f"{LOCK_FOR_ALL}, as this lock has wheels for {package.only_platform} alone")
    return remedies


def _is_of_another_machine(package: LockedPackage, misses: Sequence[Miss]) -> bool:
    far = bool(misses) and all(miss.platform_gap >= PlatformGap.ARCH for miss in misses)
    return far and bool(package.only_platform)


def _details(misses: Sequence[Miss], facts: TargetFacts, preference: Preference) -> tuple[str, ...]:
    """Return a line for each reason, nearest first, with the files that are refused for it."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for miss in misses:
        fits = facts.rank(wheel_name(miss.file.filename).tags) is not None
        why = f"it fits, but {preference.reason} asks for the sdist" if fits else miss.why
        # Another Python's wheel is refused whatever its platform.
        groups.setdefault(miss.python_why or why, []).append((miss.file.filename, why))
    return tuple(
        f"{files[0][0]}: {files[0][1]}"
        if len(files) == 1
        else f"{files[0][0]} and {len(files) - 1} more: {why}"
        for why, files in groups.items()
    )


def _platform_remedy(misses: Sequence[Miss]) -> list[str]:
    for miss in misses:
        read = read_platform_tag(miss.platform_tag)
        if (miss.python_gap, miss.platform_gap) == (PythonGap.FITS, PlatformGap.VERSION) and read is not None:
            return [f"raise the target's {read.library} to {read.version_text}"]
    return []


def _python_remedy(misses: Sequence[Miss]) -> list[str]:
    versions = {
        miss.python_version
        for miss in misses
        if miss.platform_gap is PlatformGap.FITS and miss.python_version.startswith("3.")
    }
    ordered = sorted(versions, key=lambda text: (int(text[2:].rstrip("t")), text))
    return [f"choose another Python (--python {' or '.join(ordered)})"] if ordered else []
