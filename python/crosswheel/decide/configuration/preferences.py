"""Wheel or sdist: what was asked for each package, in pip's and uv's words, and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

__all__ = ["Handling", "Preference", "Preferences"]


class Handling(Enum):
    """Which kinds of file a package may become, the preferred one first."""

    WHEEL_FIRST = "a wheel, or the sdist where no wheel fits"
    SDIST_FIRST = "the sdist, or a wheel where there is none"
    ONLY_WHEEL = "a wheel, never the sdist"
    ONLY_SDIST = "the sdist, never a wheel"

    @property
    def allows_wheel(self) -> bool:
        """Whether a wheel of the lock may be chosen."""
        return self is not Handling.ONLY_SDIST

    @property
    def allows_sdist(self) -> bool:
        """Whether the sdist may be built."""
        return self is not Handling.ONLY_WHEEL


@dataclass(frozen=True, kw_only=True, slots=True)
class Preference:
    """A handling and who asked for it.

    Attributes:
        handling: what was asked.
        reason: where it was asked, e.g. ``--no-binary :all:``; empty for the default.
    """

    handling: Handling
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Preferences:
    """What was asked for one target; a release beats a name, a name beats the default.

    Attributes:
        default: for packages not named.
        names: by normalized name.
        releases: by normalized name and version as the lock spells it.
    """

    default: Preference = Preference(handling=Handling.WHEEL_FIRST)
    names: Mapping[str, Preference] = field(default_factory=dict)
    releases: Mapping[tuple[str, str], Preference] = field(default_factory=dict)

    def of(self, name: str, version: str) -> Preference:
        """Return what was asked for one release."""
        return self.releases.get((name, version)) or self.names.get(name) or self.default
