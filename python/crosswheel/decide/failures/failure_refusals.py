"""Signs of wheels that the check refuses although their builds passed: what it says of them, and what mends it."""

from __future__ import annotations

import re

from .failure_kinds import FailureKind, Sign, sign, then
from .failure_remedies import OLDER_SUITE

__all__ = ["OLDER_RELEASE", "REFUSAL_SIGNS", "glibc_wanted", "without_remedy"]

#: What the check says for itself of a library with too new symbols, not knowing what else the build was given.
OLDER_RELEASE = "take the libraries from an older release of the distribution"
_REMEDY = re.compile(rf": {OLDER_RELEASE}(?:, or raise the target's glibc to ([\d.]+\d))?")

_UNDEFINED = ", which neither Python nor any needed library defines"

#: What `crosswheel.act.check.elf_checks` says of a symbol that nothing defines, and of a library that was put into the wheel and needs more than the target has.
REFUSAL_SIGNS: tuple[Sign, ...] = (
    sign(
        FailureKind.LIBRARY,
        rf"it needs _*(kmpc|omp|GOMP)_\w+{_UNDEFINED}",
        "the module calls OpenMP, whose library was not linked: the build is to be given it (the guide 'Native libraries')",
        of_library=True,
    ),
    sign(
        FailureKind.CXX_LIBRARY,
        # Names in the namespace of LLVM's library, and not those that it defines itself.
        rf"it needs (_Z(?!N(?:K|V|r)*St3__1)\w*St3__1\w*){_UNDEFINED}",
        "'{0}' has types of LLVM's C++ library, which zig links: where a library of the sysroot is to define it, that one is compiled with "
        "GNU's, and its names are others; give one compiled by zig, as a folder, or compile with GCC "
        "(the guide 'Native libraries'); where the project is to, a source was not compiled",
        'sysroot = "sysroots/{package}"  # a folder with include/ and lib/, compiled for the target by zig',
    ),
    sign(
        FailureKind.NEW_LIBRARY,
        r"It was copied from (?:\S*/)?([^\s/]+) of Debian ",
        "'{0}' needs a newer glibc than the target's, and the newest release of Debian, which is where libraries are taken from that "
        "are linked statically, has it as a shared library only: link shared libraries, which are those of a release as old as the "
        "target's glibc",
        'link = "shared"',
        older_release=True,
        otherwise=then(
            FailureKind.NEW_LIBRARY,
            "'{0}' of this release of Debian needs a newer glibc than the target's: take the libraries from an older one "
            "(the guide 'Native libraries'), or plan for a target with that glibc",
            OLDER_SUITE,
            place="sysroot",
            otherwise=then(
                FailureKind.NEW_LIBRARY,
                "no release of Debian that crosswheel knows for the target's architecture has '{0}' for the target's glibc: plan for a "
                "target with the glibc that it needs, or give a folder with '{0}' that is compiled for the target's glibc, by `sysroot` "
                "(the guide 'Native libraries')",
                'targets = ["{raised}"]  # in place of the one that it failed for, or by --target',
                place="",
                # Where no glibc has what it needs.
                otherwise=then(
                    FailureKind.NEW_LIBRARY,
                    "no release of Debian that crosswheel knows for the target's architecture has '{0}' for the target's glibc: give a "
                    "folder with '{0}' that is compiled for it, by `sysroot` (the guide 'Native libraries')",
                    'sysroot = "sysroots/{package}"  # a folder with include/ and lib/, made for the target',
                ),
            ),
        ),
    ),
    sign(
        FailureKind.NEW_LIBRARY,
        r"It was copied from (?:\S*/)?([^\s/]+) of the sysroot",
        "the library needs a newer glibc than the target's: give '{0}' as it is compiled for that (the guide 'Native libraries'), or "
        "plan for a target with the glibc that it needs",
    ),
)


def glibc_wanted(why: str) -> str:
    """Return the glibc that all of a wheel needs, as the check says it of a library; empty where none has that.

    >>> glibc_wanted(f"It was copied from x: {OLDER_RELEASE}, or raise the target's glibc to 2.34, and one more finding")
    '2.34'
    """
    found = _REMEDY.search(why)
    return (found[1] or "") if found else ""


def without_remedy(why: str) -> str:
    """Return what the check says of a wheel without its own advice, for where a sign above has the better one.

    >>> without_remedy("It was copied from x of Debian bullseye: take the libraries from an older release of the distribution")
    'It was copied from x of Debian bullseye'
    """
    return _REMEDY.sub("", why)
