"""What an extension module we built has less of than the same one of a prebuilt wheel.

A project that does without an optional library, or without code for newer processors, builds all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from .elf import Elf
from .findings import Finding

__all__ = ["degraded_module", "library_stem", "lost_libraries"]

_CODE = "oracle-module-degraded"
_SMALL_CODE = 16 << 10
#: What every compiler links, and the files of a C library.
_OF_SYSTEM = re.compile(
    r"(?:lib)?(?:c|m|dl|rt|util|pthread|gcc_s|stdc\+\+|gomp|atomic|resolv|crypt|nsl|anl|c\.musl-\w+|python\d\S*|ld-\S+)"
)
#: ``libcrypto-3c5b0f93.so.1.1`` is what auditwheel makes of ``libcrypto.so.1.1``; ours have twelve digits.
_STEM = re.compile(r"(?P<stem>.+?)(?:-\d[\d.]*)?(?:-[0-9a-f]{8,16})?\.(?:a|so(?:\..*)?)")


def degraded_module(name: str, ours: Elf, theirs: Elf, wheel: str, *, exports: bool) -> Iterator[Finding]:
    """Yield what a module lacks of the one for the same Python, machine and C library.

    Args:
        name: the module, dotted.
        ours: the one we built.
        theirs: the prebuilt one.
        wheel: words for the wheel that it is from.
        exports: their exports are all of the module itself.
    """
    lost = _lost_code(ours, theirs)
    if lost is not None:
        message = (
            f"compared with {wheel} the extension module {name} {lost}; an optional part of it may be missing"
        )
        yield Finding.of(_CODE, "", message, built=True, symbol=name)
    if not exports:
        return  # theirs may be those of libraries, which ours hides
    # C++ exports depend on the compiler, C exports on the source.
    wanted = {symbol for symbol in theirs.defined if not symbol.startswith("_")}
    missing = sorted(wanted - ours.defined)
    if len(missing) >= 3 and len(missing) * 2 > len(wanted):
        message = f"the extension module {name} lacks {len(missing)} symbols that {wheel} exports, e.g. {missing[0]}"
        yield Finding.of(_CODE, "", message, built=True, symbol=missing[0])


def _lost_code(ours: Elf, theirs: Elf) -> str | None:
    """Say how much less code we have, if it is less than half and functions are gone.

    One compiler unrolls and inlines what another does not: xxhash of GCC for s390x has 2.7 times the code of the same
    130 functions. A part that was left out takes its functions with it. Where unwind tables do not count those, size
    alone decides; where no section says what is code, nothing does.
    """
    if ours.code_size is None or theirs.code_size is None:
        return None
    if theirs.code_size < _SMALL_CODE or ours.code_size * 2 >= theirs.code_size:
        return None
    if not ours.functions or not theirs.functions:
        return f"has {ours.code_size} bytes of code, there {theirs.code_size}"
    if ours.functions * 10 >= theirs.functions * 9:
        return None
    return (
        f"has {ours.functions} functions in {ours.code_size} bytes of code, there {theirs.functions} in "
        f"{theirs.code_size}"
    )


def library_stem(name: str) -> str:
    """Return the name of a library's file without its version and what tools add to it.

    >>> library_stem("libcrypto-3c5b0f93.so.1.1"), library_stem("libpcre2-8.a")
    ('libcrypto', 'libpcre2')
    """
    found = _STEM.fullmatch(name)
    return found["stem"] if found else name


def lost_libraries(
    name: str, ours: Elf, theirs: Elf, wheel: str, *, linked_archives: AbstractSet[str]
) -> Iterator[Finding]:
    """Yield the libraries that only their module needs and calls, unless ours may have them inside.

    Args:
        name: the module, dotted.
        ours: the one we built.
        theirs: that of a prebuilt wheel for the same system.
        wheel: words for the wheel that it is from.
        linked_archives: file names of static libraries that may have been linked into ours, which hides their symbols.
    """
    lost = sorted(_libraries(theirs) - _libraries(ours) - {*map(library_stem, linked_archives)})
    called = sorted(_called(theirs) - _called(ours) - ours.defined)
    if not lost or not called or (not linked_archives and _has_more_code(ours, theirs)):
        return
    message = f"compared with {wheel} the extension module {name} does without {', '.join(lost)}"
    if not linked_archives:  # else it may be a function of those
        message += f", and never calls {called[0]}"
        message += f" and {len(called) - 1} more" if len(called) > 1 else ""
    message += "; an optional part of it may be missing"
    yield Finding.of(_CODE, "", message, built=True, symbol=called[0])


def _libraries(elf: Elf) -> set[str]:
    """Return what is needed besides the system's own libraries, without versions and what tools add to names."""
    return {stem for one in elf.needed if not _OF_SYSTEM.fullmatch(stem := library_stem(one))}


def _called(elf: Elf) -> set[str]:
    """Return C functions of other libraries that are called, as far as their symbols tell whose they are."""
    return {
        symbol.name
        for symbol in elf.undefined
        if not symbol.weak
        and not symbol.name.startswith(("_", "Py"))
        and not (symbol.version or "").startswith(("GLIBC_", "GCC_", "GLIBCXX_", "CXXABI_"))
    }


def _has_more_code(ours: Elf, theirs: Elf) -> bool:
    """Tell whether a library may have been compiled into ours, as sdists that hold its source do."""
    if ours.functions and theirs.functions:
        return ours.functions * 20 > theirs.functions * 21
    return (ours.code_size or 0) * 4 > (theirs.code_size or 0) * 5
