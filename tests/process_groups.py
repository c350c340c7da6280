"""Which tests stay together when several processes run them."""

from __future__ import annotations

__all__ = ["stays_with"]


def stays_with(nodeid: str) -> str:
    """Return what the tests that one process runs have in common, given one test's id."""
    file = nodeid.partition("::")[0].removesuffix(".py")
    folder, _, name = file.rpartition("/")
    return f"{folder}/{'_'.join(name.split('_')[:2])}" if folder.endswith("e2e") else file
