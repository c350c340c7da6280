"""Where crates.io's index has what it says of a crate, and which crates that leads to.

https://doc.rust-lang.org/cargo/reference/registry-index.html
"""

from __future__ import annotations

import json
import re

__all__ = ["INDEX", "index_place", "likely_dependencies", "missing_crates"]

#: The sparse index of crates.io.
INDEX = "https://index.crates.io"

_MISSING = re.compile(r"no matching package named `([A-Za-z][A-Za-z0-9_-]*)` found")


def index_place(name: str) -> str:
    """Return the path of a crate's file in an index.

    >>> index_place("syn"), index_place("Cargo")
    ('3/s/syn', 'ca/rg/cargo')
    """
    lower = name.lower()
    if len(lower) <= 2:
        return f"{len(lower)}/{lower}"
    return f"3/{lower[0]}/{lower}" if len(lower) == 3 else f"{lower[:2]}/{lower[2:4]}/{lower}"


def missing_crates(said: str) -> tuple[str, ...]:
    """Return the crates that cargo says an index lacks, of all it printed.

    >>> missing_crates("error: no matching package named `syn` found")
    ('syn',)
    """
    return tuple(dict.fromkeys(_MISSING.findall(said)))


def likely_dependencies(data: bytes) -> tuple[str, ...]:
    """Return the crates that the newest release of a crate cannot do without, to be fetched before cargo asks.

    Args:
        data: the crate's file of the index: one JSON object per release.
    """
    for line in reversed(data.decode("utf-8", "replace").splitlines()):
        try:
            release = json.loads(line)
            if release.get("yanked") or "-" in release["vers"]:
                continue
            return tuple(
                str(entry.get("package") or entry["name"])
                for entry in release["deps"]
                if entry.get("kind") != "dev" and not entry.get("optional") and not entry.get("registry")
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return ()
    return ()
