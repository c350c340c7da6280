"""The PyEmscripten platform versions (PEP 783): the Emscripten and the CPython each stands for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crosswheel.values.python_abi import PythonAbi

__all__ = ["PYEMSCRIPTEN_VERSIONS", "emscripten_python", "emscripten_version", "pyemscripten_for"]

#: (year, patch) -> (Emscripten version, CPython X.Y); https://pyodide.org/en/stable/development/abi.html
PYEMSCRIPTEN_VERSIONS: Mapping[tuple[int, int], tuple[str, str]] = MappingProxyType(
    {
        (2024, 0): ("3.1.58", "3.12"),
        (2025, 0): ("4.0.9", "3.13"),
        (2026, 0): ("5.0.3", "3.14"),
    }
)


def emscripten_version(year: int, patch: int) -> str | None:
    """Return the Emscripten version of a PyEmscripten version, ``None`` when this release does not know it.

    >>> emscripten_version(2025, 0)
    '4.0.9'
    """
    known = PYEMSCRIPTEN_VERSIONS.get((year, patch))
    return None if known is None else known[0]


def emscripten_python(year: int, patch: int) -> str | None:
    """Return the X.Y of the CPython that a PyEmscripten version is made for, ``None`` when this release does not know it."""
    known = PYEMSCRIPTEN_VERSIONS.get((year, patch))
    return None if known is None else known[1]


def pyemscripten_for(python: PythonAbi) -> tuple[int, int]:
    """Return the PyEmscripten version made for `python`, or the newest known one when there is none.

    >>> pyemscripten_for(PythonAbi(major=3, minor=13))
    (2025, 0)
    """
    for version, (_, made_for) in PYEMSCRIPTEN_VERSIONS.items():
        if made_for == python.version:
            return version
    return max(PYEMSCRIPTEN_VERSIONS)
