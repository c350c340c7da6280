"""What ``--no-binary`` and ``--only-binary`` ask for, with pip's meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from packaging.utils import InvalidName, canonicalize_name

from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

from .preferences import Handling, Preference

__all__ = ["BuildFlags", "build_flags"]

#: What pip and uv call every package.
ALL = ":all:"


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildFlags:
    """The flags, taken apart.

    Attributes:
        default: what ``:all:`` asks for, if it was given.
        names: by normalized name.
    """

    default: Preference | None = None
    names: Mapping[str, Preference] = field(default_factory=dict)

    def asking_for(self, handling: Handling) -> tuple[str, ...]:
        """Return the names, and ``:all:``, that are to be handled so, sorted: equal for values that mean the same.

        >>> build_flags(no_binary=["b,A", ":none:", "c", "b,c"], only_binary=[]).asking_for(Handling.ONLY_SDIST)
        ('b', 'c')
        """
        named = {ALL: self.default, **self.names}
        return tuple(
            sorted(name for name, one in named.items() if one is not None and one.handling is handling)
        )


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
    default = both.pop(ALL, None)
    return BuildFlags(default=default, names=both)


def _preferences(
    flag: str, values: Sequence[str], handling: Handling, faults: list[CrosswheelError]
) -> dict[str, Preference]:
    found: dict[str, Preference] = {}
    for text in (part.strip() for value in values for part in value.split(",")):
        if text == ":none:":
            found.clear()
        elif text == ALL:
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
