"""Why a wheel lacks extension modules, or metadata, although its build passed, where its log and its build code tell."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path

from crosswheel.act.building.build_code import build_code, parsed_code
from crosswheel.act.building.build_log import causes_of, mending_lines
from crosswheel.act.building.build_request import BuildRequest
from crosswheel.act.building.build_switches import build_switches
from crosswheel.act.building.failed_builds import FailedBuild
from crosswheel.act.building.native_sources import files_below_top
from crosswheel.decide.failures.given_build import GivenBuild
from crosswheel.decide.failures.lost_imports import cause_of_lost_import, lost_imports

__all__ = ["dropped_causes"]

#: Findings that say an extension module is missing.
_LACKING = frozenset({"oracle-module-missing", "sources-not-compiled"})
#: Findings of what build code leaves out as well, where a module is not there: extras, which it reads by one.
_LEFT_OUT = frozenset({"extension-dropped", "oracle-metadata-differs"})
#: Of the standard library of some Pythons, and setuptools has it for the others.
_STANDARD = frozenset({*sys.stdlib_module_names, "distutils"})
_MOST = 5


def dropped_causes(codes: AbstractSet[str], request: BuildRequest, failed: FailedBuild) -> tuple[str, ...]:
    """Return, of a wheel that lacks extensions, what its log knows of it, else what its build code does without or may be told.

    Args:
        codes: the findings for which it is refused.
        request: its build.
        failed: the same as it is remembered.
    """
    if not codes & _LACKING:
        return tuple(_lost(request, failed)) if codes & _LEFT_OUT else ()
    if causes := causes_of(failed):
        return (f"the log's likely cause: {causes[0].advice}",)
    return (*_lost(request, failed), *_switches(request.sdist))


def _lost(request: BuildRequest, failed: FailedBuild) -> Iterator[str]:
    available = _STANDARD | _modules_of(request.requirements) | _own_modules(request.sdist)
    trees = {path: parsed_code(text) for path, text in build_code(request.sdist).items()}
    code = {path: tree for path, tree in trees.items() if tree is not None}
    given, target = failed.given or GivenBuild(), request.target.id
    lost = [
        (one, cause)
        for one in lost_imports(code, available)
        if (cause := cause_of_lost_import(one, given, request.name, target)) is not None
    ]
    for one, cause in lost[:_MOST]:
        yield (
            f"a likely cause: {one.place} tries to import '{one.module}', which no build requirement has, and does without: "
            f"{cause.advice}"
        )
    # One table at a time: of several modules the first is tried first.
    yield from mending_lines(tuple(cause for _, cause in lost[:1]), request.name, target)


def _switches(sdist: Path) -> tuple[str, ...]:
    names = build_switches(sdist)
    if not names:
        return ()
    told = f"the sdist's build code reads the variables {', '.join(names)}"
    return (f"{told}: one may turn the extensions on, by `environment` in the package's configuration",)


def _own_modules(sdist: Path) -> frozenset[str]:
    """Return the first parts of the names of modules of the sdist itself, which may lie in a folder like ``src``."""
    paths = (path.removesuffix(".py").split("/") for path in files_below_top(sdist) if path.endswith(".py"))
    return frozenset(part for parts in paths for part in parts[:2])


def _modules_of(wheels: Sequence[Path]) -> frozenset[str]:
    """Return the first parts of the names of the modules that wheels have."""
    found: set[str] = set()
    for wheel in wheels:
        # A damaged one has failed the build before.
        with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                first, _, rest = name.partition("/")
                if first.endswith(".data") and rest.startswith(("purelib/", "platlib/")):
                    first = rest.split("/")[1]
                found.add(first.partition(".")[0])
    return frozenset(found)
