"""Signs of failures of links: a part of `failure_signs.SIGNS`."""

from __future__ import annotations

from .failure_kinds import FailureKind, Sign, sign
from .failure_words import PATCH, WHEEL_INSTEAD

__all__ = ["STATIC_SIGNS", "UNDEFINED_SIGNS"]

#: An archive among the libraries of the target, as linkers name it; its own name is the group.
_ARCHIVE = r"/crosswheel/sysroot/(?:[^\s'(/]+/)*([^\s'(/]+\.a)\b"
#: The lines of LLVM's linker after the first one of an error.
_MORE = r"(?:[ \t]*>>>[^\n]*\n)*?[ \t]*>>>[^\n]*"
#: As GNU's linker begins a line about a member of an archive, which the next one may go on with.
_MEMBER = rf"{_ARCHIVE}\([^\n]*(?:\n[^\n]*)?"
_SHARED = "'{0}' cannot be linked statically into this: link the shared library, which goes into the wheel with those that it needs"

#: What linkers say of a static library of the target whose shared one can be linked.
STATIC_SIGNS: tuple[Sign, ...] = (
    sign(
        FailureKind.STATIC_LIBRARY,
        rf"duplicate symbol(?: definition)?: [^\n]*\n{_MORE}{_ARCHIVE}"
        rf"|multiple definition of [^\n]*{_ARCHIVE}\(|{_MEMBER}multiple definition of ",
        _SHARED,
        'link = "shared"',
    ),
    sign(
        # Code for a program, and thread-local data as programs have it, which no shared object may hold.
        FailureKind.STATIC_LIBRARY,
        rf"relocation R_\w+ [^\n]*cannot be used [^\n]*\n{_MORE}{_ARCHIVE}"
        rf"|{_MEMBER}(?:can ?not be used when making a (?:shared object|PIE object)|recompile with -fPIC|requires dynamic R_\w+ reloc)",
        _SHARED,
        'link = "shared"',
    ),
    sign(
        FailureKind.STATIC_LIBRARY,
        rf"undefined symbol: [^\n]*\n{_MORE}in archive {_ARCHIVE}|{_MEMBER}undefined reference to ",
        "'{0}' needs further libraries that the link does not name: link the shared one, which names them itself and goes into the "
        "wheel with them",
        'link = "shared"',
    ),
    sign(
        # Of several versions of a symbol, which the shared library tells apart.
        FailureKind.STATIC_LIBRARY,
        rf"{_ARCHIVE}\([^\n]*\): symbol \S+ has undefined version ",
        _SHARED,
        'link = "shared"',
    ),
    sign(
        FailureKind.STATIC_LIBRARY,
        r"error: [\w.-]+: (?:\S+/)?(\S+\.a) needs GNU's C\+\+ library",
        "'{0}' is compiled with another C++ library than the build's own: link the shared one, which goes into the wheel, or give a "
        "folder with one that is compiled by zig (the guide 'Native libraries')",
        'link = "shared"',
    ),
)

#: What is missing of a link, least telling.
UNDEFINED_SIGNS: tuple[Sign, ...] = (
    sign(
        FailureKind.PYTHON_PROGRAM,
        r"undefined (?:symbol|reference to):? [`']?_?Py(?:[A-Z]\w*)?_\w+()",
        "the link wants the functions of Python itself, which an extension module finds in the Python that loads it: if it makes one, "
        "have the build code leave out what asks for all of them (-Wl,-z,defs, -Wl,--no-undefined); a program that holds a Python "
        "cannot be made, for the target's is not there: take a prebuilt wheel",
        WHEEL_INSTEAD,
    ),
    sign(
        FailureKind.LIBRARY,
        r"undefined (?:symbol|reference to):? [`']?([\w:.~()*&<>, ]+?)'?$",
        "nothing that is linked has '{0}': a library is not named, is too old or is of another kind; see what the link before the "
        "error was given",
        PATCH,
    ),
)
