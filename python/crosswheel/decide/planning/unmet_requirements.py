"""What the wheels of one target require of each other and do not find: such a set installs, and does not run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

__all__ = ["Requiring", "unmet_requirements"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Requiring:
    """One wheel of the set.

    Attributes:
        name: normalized project name.
        version: its version.
        requirements: the Requires-Dist lines of its METADATA.
    """

    name: str
    version: str
    requirements: Sequence[str] = ()


def unmet_requirements(wheels: Sequence[Requiring], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return a sentence for each requirement that no wheel of the set meets.

    An extra counts where a wheel of the set asks for it; which ones the lock was made with, no wheel tells.

    Args:
        wheels: the set.
        environment: the target's marker environment, every key of PEP 508.

    >>> wheels = [Requiring(name="tqdm", version="4", requirements=['colorama; sys_platform == "win32"'])]
    >>> unmet_requirements(wheels, {"sys_platform": "win32"})
    ('tqdm 4 requires colorama; sys_platform == "win32", and no wheel of colorama is there',)
    >>> unmet_requirements(wheels, {"sys_platform": "linux"})
    ()
    """
    held = {wheel.name: wheel for wheel in wheels}
    found: dict[str, None] = {}
    asked = [(wheel.name, "") for wheel in wheels]
    seen = set(asked)
    for name, extra in asked:  # which grows
        wheel = held[name]
        for requirement in _alive(wheel.requirements, environment, extra):
            other = canonicalize_name(requirement.name)
            if why := _fault(requirement, held.get(other)):
                found[f"{wheel.name} {wheel.version} requires {requirement}, and {why}"] = None
                continue
            more = [(other, canonicalize_name(one)) for one in sorted(requirement.extras)]
            asked += [one for one in more if one not in seen]
            seen.update(more)
    return tuple(found)


def _alive(lines: Sequence[str], environment: Mapping[str, str], extra: str) -> Iterator[Requirement]:
    for line in lines:
        if not extra and "extra" in line.partition(";")[2]:  # nearly all lines of many wheels
            continue
        try:
            requirement = Requirement(line)
        except InvalidRequirement:  # the check of the wheel has told it
            continue
        marker = requirement.marker
        if marker is None:
            alive = not extra
        else:
            alive = marker.evaluate({**environment, "extra": extra})
            # What holds without the extra has been looked at without it.
            alive = alive and not (extra and marker.evaluate({**environment, "extra": ""}))
        if alive:
            yield requirement


def _fault(requirement: Requirement, wheel: Requiring | None) -> str | None:
    if wheel is None:
        return f"no wheel of {requirement.name} is there"
    if requirement.url is None and not requirement.specifier.contains(wheel.version, prereleases=True):
        return f"the wheel that is there is of {wheel.version}"
    return None
