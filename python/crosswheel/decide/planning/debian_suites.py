"""Which release of Debian serves a target with libraries: one rule over a shipped table.

The rule is told in docs/guides/native-libraries.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from crosswheel.decide.documents.nearest_name import did_you_mean
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.target.glibc_versions import WIDE_TIME
from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Arch, Glibc, Linux

__all__ = [
    "DEBIAN_ARCHITECTURES",
    "DebianSuite",
    "choose_suite",
    "debian_architecture",
    "glibc_of",
    "suite_of",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class DebianSuite:
    """One release.

    Attributes:
        name: code name, e.g. ``trixie``.
        glibc: what its libraries are compiled against; ``None`` for one not in the shipped table.
        architectures: Debian's names of the architectures it has; empty for one not in the table.
        automatic: whether it is taken without being named.
        wide_time: 32-bit architectures whose ``time_t`` has 64 bits in it, which needs glibc 2.34.
        python: ``X.Y`` of its Python; empty for one not in the table.
    """

    name: str
    glibc: Glibc | None = None
    architectures: tuple[str, ...] = ()
    automatic: bool = False
    wide_time: tuple[str, ...] = ()
    python: str = ""


#: Debian's name of each architecture it has a port for, as in ``binary-arm64``.
DEBIAN_ARCHITECTURES: Mapping[Arch, str] = MappingProxyType(
    {
        Arch.X86_64: "amd64",
        Arch.AARCH64: "arm64",
        Arch.ARMV7L: "armhf",
        Arch.I686: "i386",
        Arch.PPC64LE: "ppc64el",
        Arch.S390X: "s390x",
        Arch.RISCV64: "riscv64",
    }
)


def debian_architecture(target: Target, *, wanted: str) -> str:
    """Return Debian's name of the target's architecture.

    Args:
        target: the target.
        wanted: what its packages are wanted for, for the message.

    Raises:
        InputError: Debian has no libraries for the target: its system is not Linux with glibc.
    """
    system = target.platform.os
    name = DEBIAN_ARCHITECTURES.get(target.platform.arch)
    if not isinstance(system, Linux) or not isinstance(system.libc, Glibc) or name is None:
        raise InputError(
            "take libraries from Debian for",
            wanted,
            why="the libraries that the configuration, or the table of known quirks, asks for are for Linux with glibc, "
            f"the target is {target.platform.id}",
            fix='give libraries of the target: sysroot = "directory" in its table of [tool.crosswheel.packages], '
            "or sysroot = [] to build without",
        )
    return name


def suite_of(origin: str) -> str:
    """Return the release that plans and base locks say packages were chosen from; empty where they are of no release.

    >>> suite_of("Debian trixie arm64"), suite_of("folder")
    ('trixie', '')
    """
    words = origin.split(" ")
    return words[1] if words[0] == "Debian" and len(words) > 1 else ""


def glibc_of(target: Target) -> Glibc:
    """Return the oldest glibc of a target that `debian_architecture` has a name for."""
    system = target.platform.os
    assert isinstance(system, Linux)
    assert isinstance(system.libc, Glibc)
    return system.libc


def choose_suite(
    suites: Sequence[DebianSuite], target: Target, link: LinkKind, *, named: str | None, wanted: str
) -> DebianSuite:
    """Return the release whose packages serve `target`.

    Shared libraries may need the glibc they were compiled against: the newest release that is not too new, or the
    oldest.
    Static libraries are linked against the target's own glibc: the newest release there is, except where its
    ``time_t`` is one that glibc does not know.

    Args:
        suites: the shipped table, oldest first.
        target: the target.
        link: how the libraries are linked.
        named: the release the user names, in the table or not.
        wanted: what its packages are wanted for, for messages.

    Raises:
        InputError: none fits, or the named one lacks the architecture.
    """
    architecture = debian_architecture(target, wanted=wanted)
    floor = glibc_of(target)
    if named is not None:
        return _named(suites, named, architecture)
    here = [suite for suite in suites if architecture in suite.architectures and suite.glibc is not None]
    if link is LinkKind.SHARED:
        fitting = [suite for suite in here if suite.glibc is not None and suite.glibc <= floor]
        # What the oldest one needs is often older than its glibc; the check of the wheel tells.
        return fitting[-1] if fitting else here[0]
    fitting = [
        suite
        for suite in here
        if suite.automatic and not (architecture in suite.wide_time and floor < WIDE_TIME)
    ]
    return fitting[-1]


def _named(suites: Sequence[DebianSuite], name: str, architecture: str) -> DebianSuite:
    known = {suite.name: suite for suite in suites}
    suite = known.get(name)
    if suite is None:
        # Any other is taken at its word: its index tells whether it is there.
        return DebianSuite(name=name)
    if architecture not in suite.architectures:
        others = ", ".join(one.name for one in suites if architecture in one.architectures)
        raise InputError(
            "use Debian release",
            name,
            why=f"it has no architecture {architecture}",
            fix=did_you_mean(name, ()) or f"use {others}",
        )
    return suite
