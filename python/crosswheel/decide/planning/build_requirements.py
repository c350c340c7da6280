"""What a build needs before it is resolved, and which wheels its build environment is made of afterwards.

Versions are chosen behind one seam, `Resolver`; this file only says what to resolve, and takes from the answer
the wheels of one build platform. docs/decisions/0003-build-requirements-by-uv.md says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from crosswheel.decide.locks.locks import Lock, LockedPackage
from crosswheel.decide.selection.selection import SelectedPackage, select
from crosswheel.target.targets import Target
from crosswheel.values.errors import (
    CrosswheelError,
    FaultsError,
    InputError,
    ResolutionError,
    raise_faults,
)
from crosswheel.values.toml_text import TomlError, parse_toml
from crosswheel.values.urls import is_web_url

__all__ = [
    "LEGACY_BUILD_SYSTEM",
    "BuildSystem",
    "ReleaseMetadata",
    "Resolver",
    "build_system_of",
    "environment_wheels",
    "merged_requirements",
    "pins_of",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildSystem:
    """``[build-system]`` of a pyproject.toml (PEP 518, PEP 517).

    Attributes:
        requires: requirements of the backend itself.
        backend: its object path.
        backend_path: folders of the source tree it is imported from.
    """

    requires: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...] = ()


#: What PEP 517 prescribes for a source tree that names no backend, with the floor pip and build use.
LEGACY_BUILD_SYSTEM = BuildSystem(
    requires=("setuptools>=40.8.0",), backend="setuptools.build_meta:__legacy__"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseMetadata:
    """What a release requires (core metadata, ``Requires-Dist`` and ``Provides-Extra``)."""

    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()


class Resolver(Protocol):
    """Chooses versions; the one place where planning asks the outside world for a decision."""

    def resolve(
        self,
        requirements: Sequence[str],
        *,
        build_platform: Target,
        constraints: Sequence[str] = (),
        metadata: Callable[[LockedPackage], ReleaseMetadata],
    ) -> Lock:
        """Return the closure of `requirements` on `build_platform`, with every file of every release chosen.

        Args:
            requirements: PEP 508 requirements; markers are the build platform's.
            build_platform: where the build environment will run, and its Python.
            constraints: versions to keep to, where they are possible at all.
            metadata: what a release requires that exists only as an sdist; asked where there is no answer with
                wheels alone.

        Raises:
            ResolutionError: no versions satisfy the requirements.
            CrosswheelError: as `metadata`.
        """


def build_system_of(pyproject: bytes | None, *, name: str) -> BuildSystem:
    """Read the build system of an sdist.

    Args:
        pyproject: its pyproject.toml; ``None`` if it has none.
        name: the sdist's file name, put in front of every message.

    Raises:
        CrosswheelError: the file is not TOML, or ``[build-system]`` breaks PEP 518; all faults are collected.

    >>> build_system_of(None, name="a-1.tar.gz").backend
    'setuptools.build_meta:__legacy__'
    """
    if pyproject is None:
        return LEGACY_BUILD_SYSTEM
    place = (name, "pyproject.toml")
    try:
        document = parse_toml(pyproject)
    except TomlError as error:
        raise _fault(str(error), place) from None
    table = document.get("build-system")
    if table is None:
        return LEGACY_BUILD_SYSTEM
    faults: list[CrosswheelError] = []
    if not isinstance(table, dict):
        raise _fault("[build-system] is not a table", place)
    if "requires" not in table:
        # PEP 518: a table without `requires` is an error; there is no default to fall back to.
        faults.append(_fault("[build-system] has no 'requires'", place))
    requires = _texts(table, "requires", place, faults)
    for text in requires:
        try:
            Requirement(text)
        except InvalidRequirement as error:
            faults.append(_fault(f"the requirement '{text}' is not one: {_one_line(error)}", place))
    backend = table.get("build-backend", LEGACY_BUILD_SYSTEM.backend)
    if not isinstance(backend, str) or not backend:
        faults.append(_fault("'build-backend' is not a string", place))
    path = _texts(table, "backend-path", place, faults)
    raise_faults(faults)
    return BuildSystem(requires=requires, backend=str(backend), backend_path=path)


def _fault(why: str, place: tuple[str, ...]) -> InputError:
    return InputError(
        "read build system",
        why=why,
        fix="patch the sdist ([tool.crosswheel] patches) or lock another release",
        context=place,
    )


def _texts(
    table: dict[str, Any], key: str, place: tuple[str, ...], faults: list[CrosswheelError]
) -> tuple[str, ...]:
    value = table.get(key, [])
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    faults.append(_fault(f"'{key}' is not a list of strings", place))
    return ()


def _one_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def merged_requirements(*parts: Iterable[str]) -> tuple[str, ...]:
    """Return all requirements of `parts` once, in canonical spelling, sorted.

    Raises:
        InputError: one is not a PEP 508 requirement, or names a file of the build machine.

    >>> merged_requirements(["Cython >= 3"], ["setuptools", "cython>=3"])
    ('cython>=3', 'setuptools')
    """
    merged: set[str] = set()
    for text in (text for part in parts for text in part):
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise InputError(
                "read build requirement",
                text,
                why=_one_line(error),
                fix="write a requirement as PEP 508 has it, for example cython>=3",
            ) from None
        if requirement.url is not None and not is_web_url(requirement.url):
            raise InputError(
                "read build requirement",
                text,
                why="it is not a release or a file on the web, so it has no hash to lock",
                fix="build a wheel of it and serve it from an index",
            )
        requirement.name = canonicalize_name(requirement.name)
        merged.add(str(requirement))
    return tuple(sorted(merged))


def pins_of(packages: Iterable[SelectedPackage]) -> tuple[str, ...]:
    """Return a ``name==version`` for each package, sorted."""
    return tuple(sorted(f"{package.name}=={package.version}" for package in packages))


def environment_wheels(lock: Lock, build_platform: Target, *, wanted_by: str) -> tuple[SelectedPackage, ...]:
    """Return what a build environment is made of, sorted by name: wheels, and sdists where there is no wheel.

    Args:
        lock: what a `Resolver` answered.
        build_platform: where the environment will run.
        wanted_by: the sdist, for messages.

    Raises:
        ResolutionError: a build requirement has neither a wheel for the build platform nor an sdist.
    """
    try:
        return select(lock, build_platform).packages
    except CrosswheelError as error:
        faults = error.faults if isinstance(error, FaultsError) else (error,)
        raise_faults([_no_wheel(fault, build_platform, wanted_by) for fault in faults])
        raise


def _no_wheel(fault: CrosswheelError, build_platform: Target, wanted_by: str) -> ResolutionError:
    return ResolutionError(
        "use build requirement",
        fault.value,
        why=f"{fault.why} (build platform {build_platform.id})",
        fix="build a wheel of it and serve it from an index of yours, "
        "or ask for another release in build-requires of [tool.crosswheel]",
        context=(wanted_by,),
    )
