"""Which files of an sdist a compiler is meant for; says nothing about whether a build uses them."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path, PurePosixPath

__all__ = ["files_below_top", "native_sources"]

_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".c++", ".pyx")
#: Folders whose sources are not part of what is installed.
_ASIDE = frozenset(
    "test tests testing doc docs example examples sample samples demo demos bench benchmark benchmarks".split()  # noqa: SIM905
)


def native_sources(sdist: Path) -> tuple[str, ...]:
    """Return the C, C++ and Cython files of an sdist by their path in it, sorted, without those of tests and examples.

    Args:
        sdist: an archive that was unpacked already, so that it is known to be one.
    """
    names = _file_names(sdist)
    return tuple(sorted(name for name in names if name.endswith(_SUFFIXES) and not _is_aside(name)))


def files_below_top(sdist: Path) -> tuple[str, ...]:
    """Return the files of an sdist by their path below its top folder, sorted."""
    return tuple(sorted(name.partition("/")[2] for name in _file_names(sdist)))


def _is_aside(name: str) -> bool:
    return not _ASIDE.isdisjoint(part.lower() for part in PurePosixPath(name).parts[1:-1])


def _file_names(sdist: Path) -> list[str]:
    if sdist.name.endswith(".zip"):
        with zipfile.ZipFile(sdist) as container:
            return [name for name in container.namelist() if not name.endswith("/")]
    with tarfile.open(sdist) as archive:
        return [member.name for member in archive if member.isfile()]
