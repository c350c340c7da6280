"""Which environment variables an sdist's build code reads: one of them may be what turns its extensions on.

Some sdists build a pure wheel unless a variable says otherwise, and say so nowhere. The code is read, not run.
"""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import tomli

__all__ = ["build_switches"]

_READS = re.compile(
    r"(?:environ(?:b)?(?:\.get|\.pop|\.setdefault)?\s*[\[(]|getenv\s*\()\s*b?[\"']([A-Z][A-Z0-9_]{2,})[\"']"
    r"|[\"']([A-Z][A-Z0-9_]{2,})[\"']\s+(?:not\s+)?in\s+(?:os\.)?environ\b"
)
#: What every build may read, and what crosswheel itself sets: none of it switches an extension on.
_COMMON = re.compile(
    r"(?:CC|CXX|CPP|LD|AR|RANLIB|STRIP|[A-Z]*FLAGS|LDSHARED|LDCXXSHARED|PATH|HOME|TMPDIR|TEMP|TMP|USER|SHELL|LANG|TZ|CI|"
    r"PYTHON[A-Z]*|PKG_CONFIG[A-Z_]*|SOURCE_DATE_EPOCH|ARCHFLAGS|VIRTUAL_ENV|CONDA_[A-Z_]*|MACOSX_DEPLOYMENT_TARGET|SDKROOT|"
    r"VSCMD_[A-Z_]*|DISTUTILS_[A-Z_]*|GITHUB_[A-Z_]*|READTHEDOCS|LD_LIBRARY_PATH|PROCESSOR_[A-Z]*|PROGRAMFILES|WINDIR)"
)
_LARGEST = 1 << 20


def build_switches(sdist: Path) -> tuple[str, ...]:
    """Return the names, sorted, of the variables that the build code at the root of an sdist or one folder below reads.

    Args:
        sdist: an archive that was unpacked already, so that it is known to be one.
    """
    found: set[str] = set()
    for name, read in _members(sdist):
        path = PurePosixPath(name)
        if path.name == "pyproject.toml" and len(path.parts) == 2:
            found |= _hatch_hooks(read().decode(errors="replace"))
        elif path.suffix == ".py" and _is_build_code(path):
            text = read().decode(errors="replace")
            found |= {first or second for first, second in _READS.findall(text)}
    return tuple(sorted(name for name in found if not _COMMON.fullmatch(name)))


def _is_build_code(path: PurePosixPath) -> bool:
    """Tell a file that a backend runs: setup.py and its like, and modules of an in-tree backend's folder."""
    if len(path.parts) == 2:
        return True
    return len(path.parts) == 3 and path.parts[1].startswith(("_", "build", "setup", "packaging", "tools"))


def _hatch_hooks(text: str) -> set[str]:
    """Return the variables that turn on hatchling's build hooks which are off by default.

    https://hatch.pypa.io/latest/config/build/#environment-variables
    """
    try:
        build: dict[str, Any] = tomli.loads(text)["tool"]["hatch"]["build"]
    except (tomli.TOMLDecodeError, KeyError, TypeError):
        return set()
    tables = [build, *build.get("targets", {}).values()]
    hooks = [item for table in tables for item in table.get("hooks", {}).items()]
    names = (
        name for name, hook in hooks if isinstance(hook, dict) and hook.get("enable-by-default") is False
    )
    return {f"HATCH_BUILD_HOOK_ENABLE_{name.upper().replace('-', '_')}" for name in names}


def _members(sdist: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield the names of the files of an sdist and what reads each."""
    if sdist.name.endswith(".zip"):
        with zipfile.ZipFile(sdist) as container:
            for info in container.infolist():
                if not info.is_dir() and info.file_size <= _LARGEST:
                    yield info.filename, partial(container.read, info)
        return
    with tarfile.open(sdist) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() and member.size <= _LARGEST else None
            if stream is not None:
                yield member.name, stream.read
