"""Which release of Debian a base image is made of: one rule over the shipped table."""

from __future__ import annotations

from collections.abc import Sequence

from crosswheel.decide.planning.debian_suites import DEBIAN_ARCHITECTURES, DebianSuite
from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Glibc, Linux

__all__ = ["choose_base_suite"]


def choose_base_suite(
    suites: Sequence[DebianSuite], target: Target, *, named: str | None, standalone: bool
) -> DebianSuite:
    """Return the release whose packages make a base image for `target`.

    It is the newest in the table that has the target's architecture and Python, or any Python where the interpreter
    comes from elsewhere. Its glibc must not be older than the target's, which is what the wheels may need.

    Args:
        suites: the shipped table, oldest first.
        target: the target.
        named: the release the user names, in the table or not.
        standalone: whether the interpreter is no package of it.

    Raises:
        InputError: none fits.
    """
    libc = target.platform.os.libc if isinstance(target.platform.os, Linux) else None
    architecture = DEBIAN_ARCHITECTURES.get(target.platform.arch)
    if not isinstance(libc, Glibc) or architecture is None:
        raise _refusal(
            target,
            why="Debian's packages are for Linux with glibc",
            fix="give a base image of another kind with --base, for musl for example one of Alpine"
            if isinstance(target.platform.os, Linux)
            else "name a target of Linux: images are of that",
        )
    if named is not None and all(suite.name != named for suite in suites):
        return DebianSuite(name=named)  # its index tells what is there
    here = [
        suite
        for suite in suites
        if architecture in suite.architectures and (suite.automatic if named is None else suite.name == named)
    ]
    fitting = [suite for suite in here if standalone or suite.python == _python(target)]
    if not fitting:
        there = ", ".join(f"Python {suite.python} in {suite.name}" for suite in here)
        why = f"there is {there}" if here else f"{named or 'no release in the table'} has no {architecture}"
        fix = "use one of these Pythons, or give --interpreter, an archive of python-build-standalone"
        raise _refusal(target, why=why, fix=fix)
    chosen = fitting[-1]
    if chosen.glibc is not None and chosen.glibc < libc:
        why = (
            f"the wheels may need glibc {libc.major}.{libc.minor}, the newest release that fits, {chosen.name}, has "
            f"{chosen.glibc.major}.{chosen.glibc.minor}"
        )
        raise _refusal(
            target, why=why, fix="lower the target's glibc and plan again, or give another base image"
        )
    return chosen


def _python(target: Target) -> str:
    """Return the Python that Debian has to have; it packages no free-threaded ones."""
    return f"{target.python.version}{target.python.flags}"


def _refusal(target: Target, *, why: str, fix: str) -> InputError:
    return InputError("make a base image of Debian packages for", target.id, why=why, fix=fix)
