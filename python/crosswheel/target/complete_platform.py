"""pex's complete platform: a target as JSON, ``{"marker_environment": {...}, "compatible_tags": [...]}``.

Written for ``pex --complete-platform`` and read back, also from files that ``pex3 interpreter inspect`` made.
https://docs.pex-tool.org/buildingpex.html#complete-platform
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crosswheel.values.canonical_json import JsonValue, json_fault
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.platforms import Glibc, Linux, Musl, Platform
from crosswheel.values.python_abi import PythonAbi, parse_python_abi

from .environments import MARKER_KEYS, marker_environment, unknowable_markers
from .spellings import parse_platform
from .tags import supported_tags
from .targets import Target

__all__ = ["CompletePlatform", "complete_platform_to_json", "parse_complete_platform"]

#: A tag that only the target's own CPython has: interpreter, ABI, platform.
_OWN_TAG = re.compile(r"(cp3\d{1,2})-(\1t?d?)-([a-z0-9_]+)")

_FIX = "make the file with `pex3 interpreter inspect --markers --tags`, or with `crosswheel target export`"


@dataclass(frozen=True, kw_only=True, slots=True)
class CompletePlatform:
    """A target read from a complete platform, and how the file differs from what the target yields.

    Attributes:
        target: the target.
        python_full_version: X.Y.Z, where the file says it.
        missing_tags: tags of the target that the file does not have.
        further_tags: tags of the file that the target does not have.
        differing_markers: marker -> (value in the file, value of the target).
    """

    target: Target
    python_full_version: str | None
    missing_tags: tuple[str, ...]
    further_tags: tuple[str, ...]
    differing_markers: Mapping[str, tuple[str, str]]


def complete_platform_to_json(
    target: Target, *, python_full_version: str | None = None
) -> dict[str, JsonValue]:
    """Return `target` as pex's complete platform.

    Markers whose value cannot be known are left out: pex then refuses to evaluate a marker that reads one,
    instead of evaluating it wrongly.

    Args:
        target: the target.
        python_full_version: X.Y.Z where it is known; otherwise X.Y.0 stands for it.

    Returns:
        The JSON object.
    """
    unknowable = unknowable_markers(target)
    markers = marker_environment(target, python_full_version=python_full_version)
    return {
        "marker_environment": {key: value for key, value in markers.items() if key not in unknowable},
        "compatible_tags": [str(tag) for tag in supported_tags(target)],
    }


def parse_complete_platform(data: bytes, *, name: str) -> CompletePlatform:
    """Read a complete platform; fields pex ignores are ignored.

    The target is derived from the best tags: the newest glibc, musl, deployment target or API level among them.

    Args:
        data: the JSON text.
        name: what to call the file in errors.

    Returns:
        The target, and how the file differs from it.

    Raises:
        InputError: not such a file, or no target can have these tags; all faults of the file at once.
    """
    tags, markers = _read(data, name)
    python, platform = _target_of(tags, name)
    target = Target(python=python, platform=platform)
    raise_faults(list(_contradictions(target, markers, name)))
    ours = tuple(str(tag) for tag in supported_tags(target))
    own_set, file_set = frozenset(ours), frozenset(tags)
    full_version = markers.get("python_full_version")
    expected = marker_environment(target, python_full_version=full_version)
    return CompletePlatform(
        target=target,
        python_full_version=full_version,
        missing_tags=tuple(tag for tag in ours if tag not in file_set),
        further_tags=tuple(tag for tag in tags if tag not in own_set),
        differing_markers={
            key: (value, expected[key])
            for key, value in sorted(markers.items())
            if value != expected[key] and key not in unknowable_markers(target)
        },
    )


def _read(data: bytes, name: str) -> tuple[tuple[str, ...], dict[str, str]]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _error(name, json_fault(error)) from error
    if not isinstance(document, dict):
        raise _error(name, "it is not a JSON object")
    faults: list[CrosswheelError] = []
    tags = document.get("compatible_tags")
    if not isinstance(tags, list) or not tags or not all(isinstance(tag, str) for tag in tags):
        faults.append(_error(name, "compatible_tags is not a list of tags"))
    markers = document.get("marker_environment")
    if not isinstance(markers, dict):
        faults.append(_error(name, "marker_environment is not an object"))
        markers = {}
    for key, value in markers.items():
        if key not in MARKER_KEYS:
            faults.append(_error(name, f"marker_environment has '{key}', which is no marker of PEP 508"))
        elif not isinstance(value, str | None):
            faults.append(_error(name, f"marker_environment.{key} is not a string"))
    raise_faults(faults)
    known = {key: value for key, value in markers.items() if value is not None}
    return tuple(str(tag).lower() for tag in tags or ()), known


def _target_of(tags: Sequence[str], name: str) -> tuple[PythonAbi, Platform]:
    own = [match for match in map(_OWN_TAG.fullmatch, tags) if match is not None]
    if not own:
        raise _error(name, "no tag is CPython's own, such as cp312-cp312-manylinux_2_28_aarch64")
    # A debug build lists its own ABI first and the release build's after it.
    python = parse_python_abi(own[0][2])
    platforms = [match[3] for match in own if match[2] == own[0][2]]
    return python, _best_platform(platforms, python, name)


def _best_platform(tags: Iterable[str], python: PythonAbi, name: str) -> Platform:
    found: list[Platform] = []
    for tag in tags:
        if tag.startswith("linux_"):
            continue  # says nothing of the C library
        try:
            found.append(parse_platform(tag, python=python).platform)
        except InputError:
            continue  # universal2 and other formats that are no platform
    if not found:
        raise _error(name, "its platform tags name no C library or system version")
    libcs = {type(each.os.libc) for each in found if isinstance(each.os, Linux)}
    if libcs == {Glibc, Musl}:
        raise _error(name, "it has both manylinux and musllinux tags, and a target has one C library")
    archs = {each.arch for each in found}
    if len(archs) > 1 or len({type(each.os) for each in found}) > 1:
        raise _error(name, "its tags are of several platforms")
    return max(found, key=_version)


def _version(platform: Platform) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"(?<=_)\d+(?=_|$)", platform.id))


def _contradictions(target: Target, markers: Mapping[str, str], name: str) -> Iterable[CrosswheelError]:
    """Yield where the markers speak of another target than the tags."""
    expected = marker_environment(target)
    for key in ("sys_platform", "platform_machine", "python_version", "implementation_name"):
        value = markers.get(key, expected[key])
        if value != expected[key]:
            yield _error(
                name, f"{key} is '{value}', but its tags are of {target.id}, where it is '{expected[key]}'"
            )
    full = markers.get("python_full_version", "")
    if full and not full.startswith(f"{target.python.version}."):
        yield _error(
            name, f"python_full_version is '{full}', but its tags are of CPython {target.python.version}"
        )


def _error(name: str, why: str) -> InputError:
    return InputError("read complete platform", name, why=why, fix=_FIX)
