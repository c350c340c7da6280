"""A call of the C compiler while its arguments are read, and what can come of one.

Copied beside the compiler launchers with `compiler_arguments`; plain classes, for `dataclasses` takes longer to import
than a compile.
"""

from __future__ import annotations

from .compiler_families import FAMILIES
from .compiler_flags import (
    CXX_SUFFIXES,
    DEBUG_LEVELS,
    KEEP_FRAME_POINTERS,
    LEVELS_OF_CLANG,
    OMIT_FRAME_POINTERS,
)
from .cpu_flags import taken_away

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

__all__ = [
    "Answer",
    "Call",
    "Refusal",
    "Run",
    "asking_for_version",
    "words_for_clang",
    "words_of_preprocessor",
]


class Run:
    """Run `argv` in place of the call; a plain class, for `dataclasses` takes longer to import than a compile.

    `newer_cpu` holds the options that ask for more than every machine of the target's architecture has, `linked` the
    output and the sysroot's packages that a link puts into a shared library.
    """

    __slots__ = ("argv", "linked", "newer_cpu")

    def __init__(self, argv: list[str], newer_cpu: Sequence[str] = (), linked: Sequence[str] = ()) -> None:
        self.argv = argv
        self.newer_cpu = newer_cpu
        self.linked = linked


class Answer:
    """Print `text` and exit with `status`, running nothing."""

    __slots__ = ("status", "text")

    def __init__(self, text: str, status: int = 0) -> None:
        self.text = text
        self.status = status


class Refusal:
    """Exit with an error saying `why`."""

    __slots__ = ("why",)

    def __init__(self, why: str) -> None:
        self.why = why


_CXX_STANDARDS = ("-std=c++", "-std=gnu++")


class Call:
    """One compiler call while its arguments are read."""

    def __init__(
        self, platform: Mapping[str, Any], toolchain: Mapping[str, Any], exists: Callable[[str], bool]
    ) -> None:
        self.platform = platform
        self.family = FAMILIES[platform["family"]]
        self.system: str = platform.get("system", "linux")
        #: Libraries of the target; what is compiled for the build machine has none.
        self.sysroot: Mapping[str, Any] = (
            toolchain.get("sysroot", {}) if platform is toolchain["target"] else {}
        )
        self.toolchain = toolchain
        self.exists = exists
        self.kept: list[str] = []
        self.cpu: list[str] = []
        self.levels: list[str] = []
        self.libraries: list[tuple[int, str]] = []
        self.folders: list[str] = []
        #: Where in `kept` a library stands that may be the sysroot's, and what it is asked for as.
        self.wanted: list[tuple[int, str]] = []
        self.used: list[str] = []
        self.refused: str | None = None
        self.sources = 0
        self.source = ""
        self.has_cxx = False
        self.preprocesses = False
        self.inputs = 0
        self.language: str | None = None
        self.links = True
        self.shared = False
        self.output: str | None = None
        self.dependencies: list[str] = []

    def driver_of(self, tool: str) -> str:
        """Return whether ``cc`` or ``c++`` is run for `tool`: zig's ``cc`` compiles C++, without the headers of its library."""
        return "c++" if tool == "c++" or (self.has_cxx and self.family.own_driver) else "cc"

    def of_this_language(self, words: Sequence[str], tool: str) -> list[str]:
        """Return `words` without a language standard of C where C++ is compiled, or of C++ where C is.

        GCC warns of such an option and passes it over, Clang refuses the call. Several sources may be of both.
        """
        cxx = tool == "c++" or self.source.endswith(CXX_SUFFIXES)
        if self.language:
            cxx = "c++" in self.language
        return [
            word
            for word in words
            if not word.startswith("-std=") or self.sources != 1 or word.startswith(_CXX_STANDARDS) == cxx
        ]


def words_for_clang(call: Call) -> list[str]:
    """Return what is said to the Clang inside of zig, as zig says something else; nothing of what the assembler reads."""
    if not call.family.own_driver or call.source.endswith(".s"):
        return []
    level = LEVELS_OF_CLANG.get(call.levels[-1], ()) if call.levels else ()
    frames = [OMIT_FRAME_POINTERS] if _omits_frame_pointers(call) else []
    return [*level, *frames, *taken_away(call.platform["arch"], call.cpu)]


def _omits_frame_pointers(call: Call) -> bool:
    """Tell whether Clang by itself would; what the project says of it stands behind."""
    optimizes = bool(call.levels) and call.levels[-1] not in DEBUG_LEVELS
    usual = call.system == "linux" and call.platform["arch"] not in KEEP_FRAME_POINTERS
    return optimizes and usual


def asking_for_version(argument: str, call: Call) -> list[str]:
    """Return the command that asks a compiler for its version; zig takes a C library's in the target amiss then."""
    program = call.platform["programs"]["cc"]
    if call.family.own_driver:
        return [*program[:2], "-target", call.platform["gnu_triple"], argument.replace("dumpfull", "dump")]
    return [*program, argument]


def words_of_preprocessor(words: list[str]) -> list[str]:
    """Say ``-Wp,`` arguments as the driver's own: zig knows only the dependency ones there."""
    kept: list[str] = []
    for index, word in enumerate(words):
        if word in {"-MD", "-MMD"} and index + 1 < len(words):
            kept += [word, "-MF"]
        else:
            kept.append(word)
    return kept
