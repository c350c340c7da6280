"""Which compiler calls failed in a build that went on, told from what the compiler launchers noted.

A `setup.py` may swallow the failure and hide the compiler's words; the launcher sees every call all the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from posixpath import basename, join, normpath, relpath, splitext

from crosswheel.act.check.facts import FailedCall

__all__ = ["failed_calls", "given_sources"]

# A header or a library: what else a probe finds out, such as an option that a compiler has not, is no loss.
_MISSING = re.compile(
    r"file not found|unable to find (?:dynamic system |static system )?library|cannot find -l|No such file"
)
# Where and as what configure scripts, CMake, meson and distutils write the programs they try out.
_PROBE_FOLDERS = frozenset(["CMakeScratch", "CMakeTmp", "meson-private", ".conf_check"])
_OF_DISTUTILS = "_configtest"
_PROBE_NAMES = ("conftest", _OF_DISTUTILS, "cmTC_", "testprog", "sanitycheck")
# What linkers write where nothing is said, which nobody keeps: Meson asks so which options zig's linker knows.
_BY_DEFAULT = "a.out"
# What a compiler says of a source, as a linker does not: file, line, column.
_ON_SOURCE = re.compile(r"\S+?:\d+(?::\d+)?: (?:fatal )?error:")
#: What files are generated from; the generated one has the same name before the suffix.
_GENERATING = (".pyx", ".py", ".pxd", ".in", ".l", ".y", ".ll", ".yy", ".rl", ".re", ".tp", ".swg", ".src")


@dataclass(frozen=True, slots=True)
class _Call:
    """One noted call, its paths absolute."""

    made: bool
    linked: bool
    folder: str
    sources: tuple[str, ...]
    output: str
    error: str

    def mends(self, failed: _Call) -> bool:
        """Tell whether this call made what the other did not."""
        if self.sources and failed.sources:
            return not set(self.sources).isdisjoint(failed.sources)
        return bool(self.output) and self.output == failed.output


def failed_calls(
    lines: Iterable[str], *, source: str, temporary: str, sdist_files: Iterable[str]
) -> tuple[FailedCall, ...]:
    """Return the failed calls whose object never came into being, without those that are known to be probes.

    A probe of distutils for a library or a header that is not there is one of them: the project may do without in silence.

    Args:
        lines: the launchers' notes, in the order of the calls.
        source: the unpacked sdist, as the build saw it.
        temporary: ``TMPDIR`` of the build.
        sdist_files: the files of the sdist, below its top folder.
    """
    calls = [call for line in lines if (call := _read(line)) is not None]
    files = frozenset(sdist_files)
    stems = frozenset(splitext(name)[0] for name in files if name.endswith(_GENERATING))
    found: dict[str, FailedCall] = {}
    for number, call in enumerate(calls):
        if (
            call.made
            or (_is_probe(call, temporary) and not _looks_for_library(call))
            or any(later.mends(call) for later in calls[number + 1 :] if later.made)
        ):
            continue
        path = call.sources[0] if call.sources else call.output
        shown = relpath(path, source) if path.startswith(f"{source}/") else path
        own = any(_is_own(relpath(one, source), files, stems) for one in call.sources)
        module = not call.sources and basename(call.output).endswith((".so", ".pyd", ".dylib"))
        linking = call.linked and _ON_SOURCE.match(call.error) is None
        found.setdefault(
            shown, FailedCall(file=shown, of_project=own or module, error=call.error, linking=linking)
        )
    return tuple(found.values())


def given_sources(lines: Iterable[str], *, source: str) -> tuple[str, ...]:
    """Return every source that a compiler was given, whatever came of it; below the source tree where it lies there.

    Args:
        lines: the launchers' notes.
        source: the unpacked sdist, as the build saw it.
    """
    calls = (call for line in lines if (call := _read(line)) is not None)
    paths = {path for call in calls for path in call.sources}
    return tuple(sorted(path.removeprefix(f"{source}/") for path in paths))


def _read(line: str) -> _Call | None:
    try:
        noted = json.loads(line)
        folder = str(noted["folder"])
        return _Call(
            made=bool(noted["made"]),
            linked=bool(noted["linked"]),
            folder=folder,
            sources=tuple(normpath(join(folder, str(path))) for path in noted["sources"]),
            output=normpath(join(folder, str(noted["output"]))) if noted["output"] else "",
            error=str(noted["error"]),
        )
    except (ValueError, KeyError, TypeError):  # a stranger's build can write there as well
        return None


def _looks_for_library(call: _Call) -> bool:
    """Tell whether a probe of distutils misses a library: what came of it stands nowhere, as others' configuration logs do."""
    parts = {part for path in (*call.sources, call.output, call.folder) for part in path.split("/")}
    others = any(_is_probes(part) and not part.startswith(_OF_DISTUTILS) for part in parts)
    return not others and _MISSING.search(call.error) is not None


def _is_probe(call: _Call, temporary: str) -> bool:
    if not call.sources and basename(call.output) == _BY_DEFAULT:
        return True
    paths = [*call.sources, call.output, f"{call.folder}/"]
    if any(path.startswith(f"{temporary}/") for path in (*call.sources, call.output)):
        return True
    return any(_is_probes(part) for path in paths for part in path.split("/"))


def _is_probes(part: str) -> bool:
    return part in _PROBE_FOLDERS or part.startswith(_PROBE_NAMES)


def _is_own(path: str, files: frozenset[str], stems: frozenset[str]) -> bool:
    return path in files or any(stem in stems for stem in _stems(path))


def _stems(path: str) -> Iterator[str]:
    """Yield the path without its last suffix, and without the one before it: ``_x.pyx.c`` is of ``_x.pyx``."""
    stem = splitext(path)[0]
    yield stem
    yield splitext(stem)[0]
