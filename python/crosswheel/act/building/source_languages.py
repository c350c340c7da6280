"""Which languages a source tree will have compiled, as far as its files tell; decides what to warm up, nothing else."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SourceLanguages", "source_languages"]

_C = (".c", ".pyx", ".s", ".S", ".h", ".m", ".f", ".f90")
_CXX = (".cc", ".cpp", ".cxx", ".c++", ".C", ".hpp", ".hh", ".hxx")
_CXX_WORDS = re.compile(
    rb"language\s*=\s*[\"']?c\+\+|distutils:\s*language\s*=\s*c\+\+|-std=c\+\+|-std=gnu\+\+"
)
#: Build requirements that write C of their own.
_GENERATORS = ("cffi", "mypy", "cython", "pybind11", "nanobind", "cppy")


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceLanguages:
    """Whether anything is compiled at all, and whether any of it is C++."""

    compiled: bool
    cxx: bool


def source_languages(source: Path, requirements: Sequence[str]) -> SourceLanguages:
    """Return what the files in `source` and the build requirements' wheel names tell.

    Being wrong costs time only: what is not warmed up is compiled during the build.
    """
    projects = {name.partition("-")[0].lower() for name in requirements}
    compiled = bool(projects & set(_GENERATORS))
    cxx = bool(projects & {"pybind11", "nanobind", "cppy"})
    for root, _, names in os.walk(source):
        for name in names:
            if name.endswith(_CXX):
                return SourceLanguages(compiled=True, cxx=True)
            compiled = compiled or name.endswith(_C)
            if name.endswith((".pyx", ".pxd")) or name in {"setup.py", "setup.cfg", "pyproject.toml"}:
                cxx = cxx or _mentions_cxx(Path(root, name))
    return SourceLanguages(compiled=compiled or cxx, cxx=cxx)


def _mentions_cxx(file: Path) -> bool:
    return file.is_file() and not file.is_symlink() and bool(_CXX_WORDS.search(file.read_bytes()))
