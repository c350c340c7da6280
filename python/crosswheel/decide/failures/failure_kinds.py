"""The classes of failures, and what a sign of one is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

__all__ = ["OF_LIBRARIES", "FailureKind", "Sign", "no_header", "no_program", "sign", "then", "undeclared"]


class FailureKind(Enum):
    """What class of failure a build met; the value is for people and for ``--json``."""

    BUILD_REQUIREMENT = "missing build requirement"
    COMPILER = "missing compiler"
    COMPILER_FLAG = "wrong compiler flag"
    CXX_LIBRARY = "another C++ library"
    DISK = "disk is full"
    HEADER = "missing header"
    INCOMPLETE_SDIST = "incomplete sdist"
    LIBRARY = "missing library"
    MEMORY = "out of memory"
    NETWORK = "network access"
    NEW_LIBRARY = "library is too new"
    OLD_LIBRARY = "library is too old"
    OLD_RUST = "Rust is too old"
    OTHER_LIBRARY = "library of another release"
    OTHER_SYSTEM = "for another system"
    PACKAGES = "packages are not named"
    PROCESSOR = "code for another processor"
    PROGRAM = "missing program"
    PROJECT_VERSION = "version of the project"
    PYTHON_2 = "code of Python 2"
    PYTHON_API = "removed Python API"
    PYTHON_PROGRAM = "Python within a program"
    REFUSED = "refused by its configure script"
    RUST_CRATE = "missing crate"
    RUST_TARGET = "missing Rust target"
    SDK = "needs an SDK"
    STATIC_LIBRARY = "library cannot be linked statically"
    STRICT_COMPILER = "error of a stricter compiler"
    TARGET_FACT = "fact of the target"
    TARGET_PROGRAM = "program of the target"
    TOO_NEW_REQUIREMENT = "build requirement is too new"
    TOO_OLD_REQUIREMENT = "build requirement is too old"
    UNDECLARED = "undeclared name"
    UNWRITABLE = "writes outside its folder"
    VIEW = "target not shown"


#: Classes that a library of another release may mend.
OF_LIBRARIES = frozenset({FailureKind.NEW_LIBRARY, FailureKind.OLD_LIBRARY, FailureKind.OTHER_LIBRARY})


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """A pattern by which a log shows a failure.

    Attributes:
        kind: what it shows.
        pattern: its group 1 is what the failure is about, and fills the braces of `advice` and `setting`: ``{0}`` as it is,
            ``{project}`` as a project of that name or module is called, ``{each}`` by `each` of its words, ``{version}`` by the
            version of that project that the build had.
        advice: a clause.
        setting: the line of configuration that mends it, or nothing.
        each: what every word of the subject adds to the setting, and what stands between two such; empty for one that has no such.
        place: the table the line stands in, below ``tool.crosswheel``; ``packages`` is the package's own.
        of_library: the setting is the library's, found by what the failure is about.
        besides: what the log has to show besides; ``None`` where nothing.
        of_package: what the failure is about has the name of its package on an index, in lower case, however the log writes it.
        otherwise: what it means of a build that had what the setting gives; ``None`` where nothing more is known.
        of_no_library: it is none of what Debian's libraries are known to have.
        older_release: what mends it are libraries of an older release of Debian than those that the build had.
    """

    kind: FailureKind
    pattern: re.Pattern[str]
    advice: str
    setting: str = ""
    place: str = "packages"
    of_library: bool = False
    besides: re.Pattern[str] | None = None
    of_package: bool = False
    each: tuple[str, str] = ("", "")
    otherwise: Sign | None = None
    of_no_library: bool = False
    older_release: bool = False


def sign(
    kind: FailureKind,
    pattern: str,
    advice: str,
    setting: str = "",
    *,
    place: str = "packages",
    of_library: bool = False,
    besides: str = "",
    of_package: bool = False,
    each: tuple[str, str] = ("", ""),
    otherwise: Sign | None = None,
    of_no_library: bool = False,
    older_release: bool = False,
) -> Sign:
    """Return a sign whose patterns are given as texts."""
    return Sign(
        kind=kind,
        pattern=re.compile(pattern, re.MULTILINE),
        advice=advice,
        setting=setting,
        place=place,
        of_library=of_library,
        besides=re.compile(besides, re.MULTILINE) if besides else None,
        of_package=of_package,
        each=each,
        otherwise=otherwise,
        of_no_library=of_no_library,
        older_release=older_release,
    )


def then(
    kind: FailureKind,
    advice: str,
    setting: str = "",
    *,
    place: str = "packages",
    otherwise: Sign | None = None,
) -> Sign:
    """Return a `Sign.otherwise`: it has no pattern of its own."""
    return sign(kind, r"(?!)", advice, setting, place=place, otherwise=otherwise)


def no_header(name: str) -> str:
    """Return how Clang and GCC say that a header is not there; `name` has one group and may not hold a quote or a colon."""
    return rf"fatal error: '{name}' file not found|fatal error: {name}: No such file or directory"


#: Where programs lie that are named by path.
_PLACE = "(?:/(?:usr/)?(?:local/)?s?bin/)?"


def no_program(name: str) -> str:
    """Return how programs and build systems say that one is not there; `name` has no group."""
    return (
        # Python, and distutils before and since it calls subprocess.
        rf"(?:No such file or directory: b?'|FileNotFoundError: [^\n]*?'){_PLACE}({name})'"
        rf"|command '{_PLACE}({name})' failed: No such file or directory|unable to execute '?{_PLACE}({name})'?: No such file or directory"
        # Shells, make and env.
        rf"|\b({name}): (?:command )?not found|make(?:\[\d+\])?: ({name}): No such file"
        rf"|\benv: [`'\"\u2018]?({name})['\"\u2019]?: No such file or directory"
        # Meson, Waf, crates that build with CMake or Protocol Buffers, and projects.
        rf"|Program '({name})(?: [^'\n]*)?' not found|Could not find the program \['({name})'"
        rf"|\bis `({name})` not installed\?|Could not find `({name})`(?! \w)"
        rf"|[Cc]ould not find [`'\"]?({name})[`'\"]? (?:executable|program|command|binary)\b"
    )


def undeclared(name: str) -> str:
    """Return how Clang and GCC say that a name is declared nowhere; `name` has no group."""
    return (
        rf"(?:use of undeclared identifier|call to undeclared function|unknown type name|error: implicit declaration of function) "
        rf"['\u2018]({name})['\u2019]"
        rf"|error: ['\u2018]({name})['\u2019] (?:undeclared|was not declared in this scope|has not been declared|does not name a type)"
    )
