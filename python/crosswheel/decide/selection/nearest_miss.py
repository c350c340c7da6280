"""Why a wheel does not fit a target: what differs, how far off it is, and the words for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from crosswheel.decide.locks.locks import LockedFile
from crosswheel.decide.locks.platform_tags import PlatformTag, read_platform_tag
from crosswheel.decide.locks.wheel_names import TagSet, wheel_name

from .target_facts import TargetFacts

__all__ = ["Miss", "PlatformGap", "PythonGap", "miss_of"]


_PythonDifference: TypeAlias = "tuple[PythonGap, str, str, str]"


class PythonGap(IntEnum):
    """How far a wheel's interpreter and ABI tags are from the target Python's, nearest first."""

    FITS = 0
    ABI = 1
    VERSION = 2
    IMPLEMENTATION = 3


class PlatformGap(IntEnum):
    """How far a wheel's platform tags are from the target platform's, nearest first."""

    FITS = 0
    VERSION = 1
    LIBRARY = 2
    ARCH = 3
    SYSTEM = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Miss:
    """The nearest any tag of one wheel comes to a target.

    Attributes:
        file: the wheel.
        python_gap: distance of the Python.
        python_tag: the interpreter tag, or the ABI tag if that is what differs.
        python_version: the Python that would load it, as ``--python`` takes it; empty if nothing differs or
            no CPython would.
        python_why: what differs, a clause; empty if nothing does.
        platform_gap: distance of the platform.
        platform_tag: the nearest platform tag.
        platform_why: what differs, a clause; empty if nothing does.
    """

    file: LockedFile
    python_gap: PythonGap
    python_tag: str
    python_version: str
    python_why: str
    platform_gap: PlatformGap
    platform_tag: str
    platform_why: str

    @property
    def order(self) -> tuple[int, int, tuple[int, ...], str]:
        """Sorts the nearest first: a Python that differs is worse than any platform; then the lower demand."""
        read = read_platform_tag(self.platform_tag)
        is_late = read is not None and self.platform_gap is PlatformGap.VERSION
        return (
            self.python_gap,
            self.platform_gap,
            read.version if read is not None and is_late else (),
            self.file.filename,
        )

    @property
    def why(self) -> str:
        """Everything that differs, a clause."""
        reasons = [reason for reason in (self.python_why, self.platform_why) if reason]
        return "; ".join(reasons) or "its tags do not go together on the target"


def miss_of(file: LockedFile, facts: TargetFacts) -> Miss:
    """Say how far a wheel is from fitting a target; meant for wheels that do not fit."""
    tags = wheel_name(file.filename).tags
    python_gap, python_tag, python_version, python_why = _nearest_python(tags, facts)
    platform_gap, platform_tag, platform_why = min(
        (_platform_difference(platform, facts) for platform in tags.platforms),
        key=lambda difference: (difference[0], _version_key(difference[1])),
    )
    return Miss(
        file=file,
        python_gap=python_gap,
        python_tag=python_tag,
        python_version=python_version,
        python_why=python_why,
        platform_gap=platform_gap,
        platform_tag=platform_tag,
        platform_why=platform_why,
    )


def _version_key(platform: str) -> tuple[tuple[int, ...], bool, str]:
    """Sort the lowest demand first, and PEP 600's spelling before the older name of the same version."""
    read = read_platform_tag(platform)
    version = read.version if read is not None else ()
    return (version, "_".join(map(str, version)) not in platform, platform)


def _nearest_python(tags: TagSet, facts: TargetFacts) -> _PythonDifference:
    return min(
        (_python_difference(pair, facts) for pair in tags.pairs), key=lambda difference: difference[:3]
    )


def _python_difference(pair: tuple[str, str], facts: TargetFacts) -> _PythonDifference:
    interpreter, abi = pair
    if pair in facts.pairs:
        return (PythonGap.FITS, interpreter, "", "")
    python = facts.target.python
    kind, version = _interpreter(interpreter)
    own = (python.major, python.minor)
    if kind == "cp" and abi == "abi3" and (3,) < version <= own:
        why = f"its ABI abi3 does not load in the free-threaded {python}"
        return (PythonGap.ABI, abi, python.version, why)
    if kind == "cp" and version == own:
        return (
            PythonGap.ABI,
            abi,
            _loading_python(version, abi),
            f"its ABI is {abi}, the target's is {python}",
        )
    return _version_difference(interpreter, abi, facts)


def _version_difference(interpreter: str, abi: str, facts: TargetFacts) -> _PythonDifference:
    kind, version = _interpreter(interpreter)
    shown = ".".join(map(str, version))
    own = facts.target.python.version
    if kind == "cp":
        loading = _loading_python(version, abi)
        asks = (
            f"needs CPython {shown} or newer"
            if abi.startswith("abi3")
            else f"is for CPython {loading or shown}"
        )
        return (PythonGap.VERSION, interpreter, loading, f"it {asks}, the target has {own}")
    if kind == "py":
        return (PythonGap.VERSION, interpreter, "", f"it is for Python {shown}, the target has {own}")
    name = {"pp": "PyPy", "graalpy": "GraalPy"}.get(kind, kind)
    return (PythonGap.IMPLEMENTATION, interpreter, "", f"it is for {name} {shown}".rstrip())


def _loading_python(version: tuple[int, ...], abi: str) -> str:
    """Return the CPython that loads an ABI, e.g. ``3.14t``; none for ABIs such as ``cp27mu``."""
    shown = ".".join(map(str, version))
    if abi.startswith("abi3") or abi == "none":
        return shown
    match = re.fullmatch(r"cp\d+(t?)", abi)
    return f"{shown}{match[1]}" if match is not None else ""


def _interpreter(tag: str) -> tuple[str, tuple[int, ...]]:
    """Split ``cp312`` into its kind and version: the first digit is the major version (PEP 425)."""
    match = re.fullmatch(r"([a-z]+)(\d)(\d{0,9}).*", tag)
    if match is None:
        return (tag, ())
    return (match[1], (int(match[2]), int(match[3])) if match[3] else (int(match[2]),))


def _platform_difference(platform: str, facts: TargetFacts) -> tuple[PlatformGap, str, str]:
    if platform in facts.platforms:
        return (PlatformGap.FITS, platform, "")
    wheel = read_platform_tag(platform)
    systems = {asked.system for asked in facts.asked.values()}
    if wheel is None or wheel.system not in systems:
        return (PlatformGap.SYSTEM, platform, f"it is for {platform if wheel is None else wheel.system}")
    if wheel.arch not in facts.arches:
        return (PlatformGap.ARCH, platform, f"it is for {wheel.system} on {wheel.arch_text}")
    own = facts.asked.get(wheel.family)
    if own is None:
        return (PlatformGap.LIBRARY, platform, _library_difference(wheel, facts))
    if wheel.version > own.version:
        why = f"it needs {wheel.library} {wheel.version_text}, the target has {own.version_text}"
        return (PlatformGap.VERSION, platform, why)
    # Below the oldest version that exists for this architecture, e.g. manylinux_2_5_aarch64.
    return (PlatformGap.LIBRARY, platform, f"no such platform as {platform} is among the target's")


def _library_difference(wheel: PlatformTag, facts: TargetFacts) -> str:
    libraries = [asked.library for asked in facts.asked.values() if asked.library is not None]
    return (
        f"it is for {wheel.library or wheel.family}, the target has {libraries[0] if libraries else 'none'}"
    )
