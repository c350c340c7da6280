"""The name somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean", "near_names"]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?``, or nothing when no known name is near.

    >>> did_you_mean("nmupy", ["numpy", "pandas"])
    "did you mean 'numpy'?"
    """
    near = get_close_matches(name, sorted(known), n=1)
    return f"did you mean '{near[0]}'?" if near else ""


def near_names(name: str, known: Iterable[str]) -> str:
    """Return up to three known names that look like `name` or hold it, or nothing.

    >>> near_names("http", ["httpx", "h11", "httpcore", "idna"])
    "did you mean 'httpx' or 'httpcore'?"
    """
    names = sorted(set(known))
    holding = sorted((one for one in names if name and name in one), key=len)
    near = list(dict.fromkeys([*get_close_matches(name, names), *holding]))[:3]
    words = " or ".join(f"'{one}'" for one in near)
    return f"did you mean {words}?" if near else ""
