"""The table of quirks that comes with crosswheel."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from crosswheel.decide.configuration.quirks import Quirk, parse_quirks

__all__ = ["shipped_quirks"]


@cache
def shipped_quirks() -> tuple[Quirk, ...]:
    """Return the shipped quirks."""
    return parse_quirks((files("crosswheel") / "toolchains" / "quirks.toml").read_bytes(), name="quirks.toml")
