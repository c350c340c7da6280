"""Which files of an sdist a compiler is meant for, and which of them none was ever given."""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath

from crosswheel.act.check.facts import DeclaredModule

__all__ = ["files_below_top", "native_sources", "never_compiled", "never_compiled_modules"]

_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".c++", ".pyx", ".rs", ".f", ".f90", ".f95", ".pyf")
#: Folders whose sources are not part of what is installed, whatever is added to their names: "test cases".
_ASIDE = re.compile(
    r"(?:tests?|testing|testsuite|docs?|examples?|samples?|demos?|bench(?:marks?)?)(?:[\W_].*)?",
    re.IGNORECASE,
)


def native_sources(sdist: Path) -> tuple[str, ...]:
    """Return the C, C++, Cython, Rust and Fortran files of an sdist, without those of tests and examples.

    Args:
        sdist: an archive that was unpacked already, so that it is known to be one.

    Returns:
        Their paths in it, top folder included, sorted.
    """
    names = _file_names(sdist)
    return tuple(sorted(name for name in names if name.endswith(_SUFFIXES) and not _is_aside(name)))


def never_compiled(sources: Iterable[str], given: Collection[str]) -> tuple[str, ...]:
    """Return those of `sources` that are none of what compilers were given, nor what that was generated from.

    Args:
        sources: paths.
        given: the sources of all compiler calls; one stands for every file of its name before the first dot, for what is
            generated from ``_x.pyx`` is ``_x.c`` or ``_x.pyx.cpp``, wherever it lies.
    """
    stems = {_stem(path) for path in given}
    return tuple(path for path in sources if _stem(path) not in stems)


def never_compiled_modules(
    modules: Iterable[DeclaredModule], files: Collection[str], given: Collection[str]
) -> tuple[DeclaredModule, ...]:
    """Return those of `modules` that no compiler was given a source of, as far as their sources are known.

    Args:
        modules: what the build code names.
        files: the files of the sdist below its top folder; a module with a source that is none of them is left out,
            for that is generated, or of another system.
        given: as of `never_compiled`.
    """
    return tuple(
        module
        for module in modules
        if all(str(PurePosixPath(path)) in files for path in module.sources)
        and len(never_compiled(module.sources, given)) == len(module.sources)
    )


def files_below_top(sdist: Path) -> tuple[str, ...]:
    """Return the files of an sdist by their path below its top folder, sorted."""
    return tuple(sorted(name.partition("/")[2] for name in _file_names(sdist)))


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]


def _is_aside(name: str) -> bool:
    return any(_ASIDE.fullmatch(part) for part in PurePosixPath(name).parts[1:-1])


def _file_names(sdist: Path) -> list[str]:
    if sdist.name.endswith(".zip"):
        with zipfile.ZipFile(sdist) as container:
            return [name for name in container.namelist() if not name.endswith("/")]
    with tarfile.open(sdist) as archive:
        return [member.name for member in archive if member.isfile()]
