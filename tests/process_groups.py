"""Which tests stay together when several processes run them, and which begin first."""

from __future__ import annotations

__all__ = ["begins", "stays_with"]

#: What begins first, the longest at the top. Of the files of Nix one waits for what the command line makes, as Bazel's do.
_FIRST = ("e2e/test_bazel", "e2e/test_nix_", "e2e/test_nix")


def stays_with(nodeid: str) -> str:
    """Return what the tests that one process runs have in common, given one test's id."""
    file = nodeid.partition("::")[0].removesuffix(".py")
    folder, _, name = file.rpartition("/")
    return f"{folder}/{'_'.join(name.split('_')[:2])}" if folder.endswith("e2e") else file


def begins(nodeid: str) -> int:
    """Return a number by which tests are put in order, given one test's id; those of one number stay in theirs.

    Bazel's have the longest way to go, Nix' the next: whatever process is free then has short ones to fill its time with.
    And they compile runtime libraries for the two targets that most of the others build for, which take a minute each.
    """
    found = (number for number, start in enumerate(_FIRST) if f"/{start}" in f"/{nodeid}")
    return next(found, len(_FIRST))
