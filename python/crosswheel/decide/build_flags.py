"""What ``--no-binary`` and ``--only-binary`` ask for, with pip's meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from packaging.utils import InvalidName, canonicalize_name

from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

from .preferences import Handling, Preference

__all__ = ["BuildFlags", "build_flags"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildFlags:
    """The flags, taken apart.

    Attributes:
        default: what ``:all:`` asks for, if it was given.
        names: by normalized name.
    """

    default: Preference | None = None
    names: Mapping[str, Preference] = field(default_factory=dict)


def build_flags(*, no_binary: Sequence[str], only_binary: Sequence[str]) -> BuildFlags:
    """Take the values of both flags apart.

    A value is a name, several joined by commas, ``:all:``, or ``:none:``, which empties what its flag said
    before. A name beats ``:all:``.

    Raises:
        CrosswheelError: a value is no name, or the flags contradict each other.

    >>> build_flags(no_binary=["numpy,uvloop"], only_binary=[":all:"]).names["uvloop"].handling
    <Handling.ONLY_SDIST: 'the sdist, never a wheel'>
    """
    faults: list[CrosswheelError] = []
    sdists = _preferences("--no-binary", no_binary, Handling.ONLY_SDIST, faults)
    wheels = _preferences("--only-binary", only_binary, Handling.ONLY_WHEEL, faults)
    faults += [
        InputError(
            "use --no-binary and --only-binary for",
            name,
            why="together they leave no file to choose",
            fix="drop one of them",
        )
        for name in sorted(sdists.keys() & wheels.keys())
    ]
    raise_faults(faults)
    both = {**sdists, **wheels}
    default = both.pop(":all:", None)
    return BuildFlags(default=default, names=both)


def _preferences(
    flag: str, values: Sequence[str], handling: Handling, faults: list[CrosswheelError]
) -> dict[str, Preference]:
    found: dict[str, Preference] = {}
    for text in (part.strip() for value in values for part in value.split(",")):
        if text == ":none:":
            found.clear()
        elif text == ":all:":
            found[text] = Preference(handling=handling, reason=f"{flag} {text}")
        else:
            try:
                name = canonicalize_name(text, validate=True)
            except InvalidName:
                faults.append(
                    InputError(
                        f"use {flag}",
                        text,
                        why="it is not a package name",
                        fix="give a name, :all: or :none:",
                    )
                )
            else:
                found[name] = Preference(handling=handling, reason=f"{flag} {name}")
    return found
