"""Which cache variables CMake would have set by programs of the target: the answers that a user can give instead."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["AskedVariables", "asked_variables", "cmake_texts"]

#: https://cmake.org/cmake/help/latest/command/try_run.html; one whose name is put together is not read.
_TRY_RUN = re.compile(r"^[^#\n]*\btry_run\s*\(\s*([A-Za-z_]\w*)\s", re.IGNORECASE | re.MULTILINE)
#: What CheckCSourceRuns and its like say, if they are not told to be quiet.
_TEST = re.compile(r"^-- Performing Test (\w+)$", re.MULTILINE)
_DEFINITION = re.compile(r"(?:^|\s)-D\s*(\w+)(?::\w+)?=")
_MOST_FILES = 2000
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedVariables:
    """What refused programs were to answer.

    Attributes:
        open: variables of the cache that nobody set, sorted.
        answered: those that the build was given, so that CMake keeps its value whatever the program says, sorted.
    """

    open: tuple[str, ...]
    answered: tuple[str, ...]

    def answer(self, programs: int) -> bool:
        """Return whether so many refused programs had nothing left to answer."""
        return not self.open and programs <= len(self.answered)


def asked_variables(
    defined: Iterable[str], *, programs: int, log: str, sources: Iterable[str], answers: Mapping[str, str]
) -> AskedVariables:
    """Return what programs were asked for, as far as it is known.

    Args:
        defined: the first macro that each refused program was compiled with: a check's own name, or anything.
        programs: how many programs were refused.
        log: what CMake printed.
        sources: the project's CMake files, read where the checks alone do not account for all programs.
        answers: variables and settings that the build was given.
    """
    tests = set(_TEST.findall(log))
    # A check whose variable is set compiles nothing.
    checks = {name for name in defined if name in tests}
    own = (
        set[str]()
        if len(checks) >= programs
        else {name for text in sources for name in _TRY_RUN.findall(text)}
    )
    given = {name.rpartition(".")[2] for name in answers}
    given |= {name for text in answers.values() for name in _DEFINITION.findall(text)}
    return AskedVariables(open=tuple(sorted(checks | (own - given))), answered=tuple(sorted(own & given)))


def cmake_texts(folder: Path) -> Iterable[str]:
    """Yield the text of each CMake file below a folder that a stranger wrote; links are not followed."""
    found = (
        Path(place, name)
        for place, _, names in os.walk(folder)
        for name in sorted(names)
        if name == "CMakeLists.txt" or name.endswith(".cmake")
    )
    for path, _ in zip(found, range(_MOST_FILES), strict=False):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= _MOST_BYTES:
            yield path.read_text("utf-8", "replace")
