"""The complete marker environment of a target (PEP 508), and which of its facts nobody can know beforehand.

Never leaves a key out: `packaging` fills a missing one from the running interpreter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Android, Emscripten, Ios, Linux, MacOs, Platform, Windows

from .architectures import ARCH_NAMES
from .pyemscripten import emscripten_version

if TYPE_CHECKING:
    from packaging.markers import Marker

    from .targets import Target

__all__ = ["MARKER_KEYS", "marker_environment", "undecided_markers", "unknowable_markers"]

#: Every environment marker of PEP 508 but ``extra``, sorted.
MARKER_KEYS = (
    "implementation_name",
    "implementation_version",
    "os_name",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_full_version",
    "python_version",
    "sys_platform",
)

#: `platform.release` on Android is the Android version (PEP 738), here by API level from 16 on.
_ANDROID_RELEASES = (
    *("4.1", "4.2", "4.3", "4.4", "4.4", "5.0", "5.1", "6.0", "7.0", "7.1"),
    *("8.0", "8.1", "9", "10", "11", "12", "12"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _SystemMarkers:
    """What one operating system says of itself; ``unknowable`` names the keys that are only a guess."""

    os_name: str
    sys_platform: str
    system: str
    machine: str
    release: str
    version: str
    unknowable: frozenset[str]


def marker_environment(target: Target, *, python_full_version: str | None = None) -> dict[str, str]:
    """Return the value of every environment marker on `target`.

    Args:
        target: the target.
        python_full_version: X.Y.Z where it is known; otherwise X.Y.0 stands for it, as in pip and uv.

    Returns:
        All of `MARKER_KEYS`, sorted; the empty string where the value cannot be known.

    Raises:
        InputError: `python_full_version` is of another Python than the target's.

    >>> from crosswheel.target.targets import parse_target_id
    >>> marker_environment(parse_target_id("cp312-windows_x86_64"))["platform_machine"]
    'AMD64'
    """
    full_version = python_full_version or f"{target.python.version}.0"
    if not re.match(re.escape(target.python.version) + r"\.\d+", full_version):
        raise InputError(
            "use Python",
            full_version,
            why=f"the target's Python is {target.python.version}",
            fix="use a release of that Python",
        )
    system = _system_markers(target.platform)
    return {
        "implementation_name": "cpython",
        "implementation_version": full_version,
        "os_name": system.os_name,
        "platform_machine": system.machine,
        "platform_python_implementation": "CPython",
        "platform_release": system.release,
        "platform_system": system.system,
        "platform_version": system.version,
        "python_full_version": full_version,
        "python_version": target.python.version,
        "sys_platform": system.sys_platform,
    }


def unknowable_markers(target: Target) -> frozenset[str]:
    """Return the markers whose value on `target` depends on the machine it will run on.

    >>> from crosswheel.target.targets import parse_target_id
    >>> sorted(unknowable_markers(parse_target_id("cp312-linux_aarch64_glibc_2_28")))
    ['platform_release', 'platform_version']
    """
    return _system_markers(target.platform).unknowable


def _system_markers(platform: Platform) -> _SystemMarkers:
    names = ARCH_NAMES[platform.arch]
    both = frozenset({"platform_release", "platform_version"})
    match platform.os:
        case Linux():
            # Both are the kernel's; no wheel tag says anything about it.
            return _SystemMarkers(
                **_posix("linux", "Linux"),
                machine=platform.arch.value,
                release="",
                version="",
                unknowable=both,
            )
        case MacOs(major=major, minor=minor):
            return _SystemMarkers(
                **_posix("darwin", "Darwin"),
                machine=str(names.apple),
                release=f"{_darwin_major(major, minor)}.0.0",
                version="",
                unknowable=both,
            )
        case Windows():
            # "10", "11" or the name of a server edition; 10 is the oldest that CPython 3.13 runs on.
            return _SystemMarkers(
                os_name="nt",
                sys_platform="win32",
                system="Windows",
                machine=str(names.windows_machine),
                release="10",
                version="",
                unknowable=both,
            )
        case Ios(major=major, minor=minor):
            # PEP 730: release() is the iOS version. An iPad says iPadOS where an iPhone says iOS.
            return _SystemMarkers(
                **_posix("ios", "iOS"),
                machine=str(names.apple),
                release=f"{major}.{minor}",
                version="",
                unknowable=both | {"platform_system"},
            )
        case Android(api_level=api_level):
            return _SystemMarkers(
                **_posix("android", "Android"),
                machine=platform.arch.value,
                release=_android_release(api_level),
                version="",
                unknowable=both,
            )
        case Emscripten(year=year, patch=patch):
            # Emscripten's uname() always says "#1" for the version.
            release = emscripten_version(year, patch)
            return _SystemMarkers(
                **_posix("emscripten", "Emscripten"),
                machine="wasm32",
                release=release or "",
                version="#1",
                unknowable=frozenset() if release else frozenset({"platform_release"}),
            )


def _posix(sys_platform: str, system: str) -> dict[str, str]:
    return {"os_name": "posix", "sys_platform": sys_platform, "system": system}


#: Above this many combinations of open facts (about a second) the answer errs on the side of warning.
_MOST_TRIALS = 20_000


def _android_release(api_level: int) -> str:
    """Return the oldest Android with an API level; since 13 (level 33) each release has brought one level."""
    index = api_level - 16
    return _ANDROID_RELEASES[index] if index < len(_ANDROID_RELEASES) else str(api_level - 20)


def _darwin_major(major: int, minor: int) -> int:
    """Return the Darwin (kernel) release of the oldest macOS that satisfies a deployment target.

    macOS 10.N is Darwin N+4, 11 to 15 are Darwin 20 to 24, and after 15 comes 26 with Darwin 25.
    """
    if major == 10:
        return minor + 4
    return major + 9 if major <= 15 else max(25, major - 1)


def undecided_markers(
    marker: Marker,
    target: Target,
    *,
    extras: AbstractSet[str] = frozenset(),
    dependency_groups: AbstractSet[str] = frozenset(),
) -> frozenset[str]:
    """Return the unknowable facts that decide whether `marker` holds on `target`.

    Beside `unknowable_markers` this sees the patch release of the target Python, which a target leaves open.
    A marker that reads an unknowable fact but comes out the same whatever its value yields nothing; only
    where there are too many combinations to try does every such fact it reads count.

    Args:
        marker: a marker of a lock file or a requirement.
        target: the target.
        extras: the extras asked for.
        dependency_groups: the dependency groups asked for.

    Returns:
        Marker names; empty when the target alone decides.

    Raises:
        InputError: the marker compares what cannot be compared.

    >>> from packaging.markers import Marker
    >>> from crosswheel.target.targets import parse_target_id
    >>> linux = parse_target_id("cp312-linux_aarch64_glibc_2_28")
    >>> undecided_markers(Marker("platform_release >= '5'"), linux)
    frozenset({'platform_release'})
    >>> undecided_markers(Marker("platform_release >= '5' and sys_platform == 'darwin'"), linux)
    frozenset()
    """
    text = str(marker)
    literals = frozenset(re.findall(r"\"([^\"]*)\"|'([^']*)'", text))
    values = sorted({first or second for first, second in literals})
    read = frozenset(re.findall(r"[a-z_]+", re.sub(r"\"[^\"]*\"|'[^']*'", " ", text)))
    choices = {key: _possible_values(key, target, values) for key in sorted(_open_keys(target) & read)}
    base: dict[str, str | AbstractSet[str]] = {
        **marker_environment(target),
        "extra": "",
        "extras": extras,
        "dependency_groups": dependency_groups,
    }
    if prod(len(options) for options in choices.values()) > _MOST_TRIALS:
        return frozenset(choices)
    from packaging.markers import UndefinedComparison

    try:
        return frozenset(key for key in choices if _decides(key, marker, base, choices))
    except UndefinedComparison as error:
        raise InputError(
            "evaluate marker", text, why="it compares with ~= what is no version", fix="correct the marker"
        ) from error


def _open_keys(target: Target) -> frozenset[str]:
    return unknowable_markers(target) | {"python_full_version", "implementation_version"}


def _possible_values(key: str, target: Target, literals: Iterable[str]) -> tuple[str, ...]:
    """Return values that take every comparison with `literals` to both of its outcomes."""
    prefix = f"{target.python.version}."
    if key in {"python_full_version", "implementation_version"}:
        patches = (literal for literal in literals if re.fullmatch(re.escape(prefix) + r"\d+", literal))
        return (f"{prefix}0", *patches, f"{prefix}999")
    if key == "platform_system":
        return ("iOS", "iPadOS")
    if key == "platform_release" and not isinstance(target.platform.os, Linux | Windows | Emscripten):
        # The oldest system that the target is for says this one; newer ones say more.
        lowest = marker_environment(target)[key]
        return (lowest, *(literal for literal in literals if _is_newer(literal, lowest)), "999999")
    # For versions: at, below and above each literal. For strings: the literal and none of them.
    return ("", "0", *literals, "999999", "no such value")


def _is_newer(literal: str, lowest: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(literal) > Version(lowest)
    except InvalidVersion:
        return False


def _decides(
    key: str,
    marker: Marker,
    base: Mapping[str, str | AbstractSet[str]],
    choices: Mapping[str, tuple[str, ...]],
) -> bool:
    """Return whether, with some choice of the other open facts, `key` alone turns the outcome."""
    others = [name for name in choices if name != key]
    for combination in product(*(choices[name] for name in others)):
        fixed = {**base, **dict(zip(others, combination, strict=True))}
        outcomes = {marker.evaluate({**fixed, key: value}, context="lock_file") for value in choices[key]}
        if len(outcomes) == 2:
            return True
    return False
