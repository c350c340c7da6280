"""What a failure means of a build that had already what would mend it: the next causes, in the order they are tried in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .failure_kinds import FailureKind, then
from .failure_words import LIMIT, PATCH

__all__ = [
    "ANOTHER_SUITE",
    "GIVEN_ALREADY",
    "IN_SYSROOT",
    "LIMITED_SETUPTOOLS",
    "NEWER_SUITE",
    "NEWEST_IS_OLD",
    "NOT_BY_PKG_CONFIG",
    "NO_SUCH_MODULE",
    "OF_A_LIBRARY",
    "OLDER_SUITE",
    "OLDEST_SUITES",
    "OTHER_RELEASE",
    "UNDECLARED",
]

#: The last release of Debian that crosswheel knows (toolchains/debian.json), which has every architecture, and the first.
NEWER_SUITE = 'suite = "trixie"'
OLDER_SUITE = 'suite = "{oldest}"'
#: The first release that has an architecture, as ids of targets name that; of the others it is that of the empty name.
OLDEST_SUITES: Mapping[str, str] = MappingProxyType(
    {"": "bullseye", "ppc64le": "bookworm", "riscv64": "trixie", "s390x": "bookworm"}
)
_ANOTHER_RELEASE = (
    "lock another release of the project, whose source is for libraries of our day, or patch the source"
)

#: What is said of a name that no header has, as long as a release of Debian is untried.
OTHER_RELEASE = (
    "no header of the libraries has '{0}': they are older than the project wants, or newer: take them from another release of "
    "Debian (the guide 'Native libraries'), or lock another release of the project"
)
#: After the newest release of Debian; see `GivenBuild.tried`.
ANOTHER_SUITE = then(
    FailureKind.NEW_LIBRARY,
    "the newest libraries of Debian have no '{0}' (any more): take them from an older release of Debian "
    "(the guide 'Native libraries'), or lock a newer release of the project",
    OLDER_SUITE,
    place="sysroot",
    otherwise=then(
        FailureKind.OTHER_LIBRARY,
        f"no header that the build was given has '{{0}}', of whichever release of Debian: {_ANOTHER_RELEASE}",
        PATCH,
    ),
)
#: What a source includes like a file of its own, from a folder of headers that the build's libraries have.
OF_A_LIBRARY = then(
    FailureKind.OTHER_LIBRARY, OTHER_RELEASE, NEWER_SUITE, place="sysroot", otherwise=ANOTHER_SUITE
)
#: What that comes to for a build without libraries, which has none of another release.
UNDECLARED = then(
    FailureKind.UNDECLARED,
    "no header that the source includes has '{0}', and the build was given no library whose header may: mend the source where it is your "
    "own; name the library's Debian package by `sysroot` (the guide 'Native libraries'), lock another release, or patch the source "
    "otherwise",
    PATCH,
)
NEWEST_IS_OLD = then(
    FailureKind.OLD_LIBRARY,
    "even Debian's newest is too old for the project ({0}): give a folder of your own with a newer one, by `sysroot` "
    "(the guide 'Native libraries'), or lock an older release of the project",
    'sysroot = "sysroots/{package}"  # a folder with include/ and lib/, made for the target',
)
#: https://setuptools.pypa.io/en/latest/history.html: pkg_resources left it, a year after it warned of that.
LIMITED_SETUPTOOLS = then(FailureKind.TOO_NEW_REQUIREMENT, LIMIT, 'build-constraints = ["setuptools<81"]')
NO_SUCH_MODULE = then(
    FailureKind.TOO_NEW_REQUIREMENT,
    "'{project}' is among the build requirements, and that release of it has no module '{0}': limit it by the package's "
    "`build-constraints`",
    'build-constraints = ["{project}<{version}"]  # a release that has it',
)
IN_SYSROOT = then(
    FailureKind.LIBRARY,
    "the Debian package that has '{0}' is in the build's sysroot, and the build code does not look there: tell it the folder, which "
    "`{sysroot}` stands for, by the variable or setting that it reads (the reference 'Configuration'), or patch it",
    'environment = { NAME = "{sysroot}" }  # the variable by which the build code is told the folder',
)
NOT_BY_PKG_CONFIG = then(
    FailureKind.LIBRARY,
    "the Debian package that has '{0}' is in the build's sysroot, and pkg-config does not take it: its file may require one that is not "
    "there, which `pkg-config --print-errors --exists {0}` names in an environment of `crosswheel venv --sysroot`: name the package that "
    "has that one, too",
    'sysroot = ["NAME-dev"]  # the Debian package that has what pkg-config misses',
)
GIVEN_ALREADY = then(
    FailureKind.LIBRARY,
    "what mends it mostly is given already ({setting}) and did not: read the lines of the log around it, and patch what they "
    "show",
    PATCH,
)
