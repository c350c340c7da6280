"""The texts of an sdist that say how it is built: `pyproject.toml`, `setup.py` and its like, an in-tree backend."""

from __future__ import annotations

import ast
import re
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath

__all__ = ["build_code", "parsed_code"]

_LARGEST = 1 << 20
#: How `cffi_modules` names a file that makes C (https://cffi.readthedocs.io/en/stable/cdef.html).
_NAMED = re.compile(r"[\"']([\w./-]+\.py):\w+[\"']")


def build_code(sdist: Path) -> Mapping[str, str]:
    """Return the texts by path below the sdist's top folder: those at the root, one folder below, or named by these.

    Args:
        sdist: an archive that was unpacked already, so that it is known to be one.
    """
    texts: dict[str, str] = {}
    others: dict[str, str] = {}
    for name, read in _members(sdist):
        path = PurePosixPath(*PurePosixPath(name).parts[1:])
        if path.suffix == ".py" or str(path) == "pyproject.toml":
            kept = texts if str(path) == "pyproject.toml" or _is_build_code(path) else others
            kept[str(path)] = read().decode(errors="replace")
    named = {name for text in texts.values() for name in _NAMED.findall(text)}
    return {**texts, **{name: text for name, text in others.items() if name in named}}


def parsed_code(text: str) -> ast.Module | None:
    """Return a module of build code, parsed; ``None`` for what is no Python of today."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in the project's own texts
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_build_code(path: PurePosixPath) -> bool:
    """Tell a file that a backend runs: setup.py and its like, and modules of an in-tree backend's folder."""
    if len(path.parts) == 1:
        return True
    return len(path.parts) == 2 and path.parts[0].startswith(("_", "build", "setup", "packaging", "tools"))


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
