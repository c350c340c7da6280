"""Whether a lock entry's marker holds, and what each comparison in it came to (PEP 508, PEP 751)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName

from crosswheel.values.errors import InputError

__all__ = ["MarkerEnvironment", "MarkerPart", "evaluate", "marker_parts"]

MarkerEnvironment: TypeAlias = Mapping[str, "str | AbstractSet[str]"]

# `str(Marker)` is canonical: one space around operators, quoted values, `and`, `or` and parentheses.
_TOKEN = re.compile(r"""\s*(?:(\()|(\))|(and|or)\b|((?:"[^"]*"|'[^']*'|not in|[^\s()"']+)))""")
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkerPart:
    """One comparison of a marker, and what it came to.

    Attributes:
        text: the comparison.
        variable: the name it reads.
        value: the value of that name on the target; several joined by commas.
        result: whether the comparison holds.
    """

    text: str
    variable: str
    value: str
    result: bool


def evaluate(marker: Marker, environment: MarkerEnvironment) -> bool:
    """Evaluate a marker of a lock file.

    Args:
        marker: the marker.
        environment: every key of PEP 508, and ``extras`` and ``dependency_groups`` (PEP 751) as sets; what
            is missing would be read from the running interpreter, so nothing may be missing.

    Raises:
        InputError: the marker reads a name that a lock may not use, or compares what cannot be compared.
    """
    try:
        return marker.evaluate(dict(environment), context="lock_file")
    except (UndefinedComparison, UndefinedEnvironmentName) as error:
        raise InputError(
            "evaluate marker",
            str(marker),
            why=f"{error} is not defined in a lock file"
            if isinstance(error, UndefinedEnvironmentName)
            else str(error).rstrip("."),
            fix="lock again with a current tool",
        ) from None


def _variables(marker_text: str) -> frozenset[str]:
    """Return the names a canonical marker text reads."""
    words = _QUOTED.sub(" ", marker_text).replace("(", " ").replace(")", " ").split()
    return frozenset(word for word in words if word.isidentifier() and word not in {"and", "or", "not", "in"})


def marker_parts(marker: Marker, environment: MarkerEnvironment) -> tuple[MarkerPart, ...]:
    """Return every comparison of `marker` with the value it read, once each, in the marker's order."""
    parts: list[MarkerPart] = []
    for text in dict.fromkeys(_comparisons(str(marker))):
        (name,) = _variables(text)
        value = environment[name]
        shown = value if isinstance(value, str) else ", ".join(sorted(value))
        result = evaluate(Marker(text), environment)
        parts.append(MarkerPart(text=text, variable=name, value=shown, result=result))
    return tuple(parts)


def _comparisons(text: str) -> list[str]:
    words = [match.group(1, 2, 3, 4) for match in _TOKEN.finditer(text)]
    found: list[str] = []
    current: list[str] = []
    for opening, closing, joiner, word in words:
        if opening or closing or joiner:
            if current:
                found.append(" ".join(current))
            current = []
        else:
            current.append(word)
    return [*found, " ".join(current)] if current else found
