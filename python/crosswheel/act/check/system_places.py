"""Which part of Python, of an environment or of the system a file or a program of a wheel would be installed over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from .system_programs import SYSTEM_PROGRAMS

__all__ = ["SystemPart", "SystemPlace", "program_place", "system_place"]


class SystemPart(Enum):
    """What a file takes the place of."""

    PYTHON = "the interpreter, its library or its settings"
    PROGRAM = "a program of the installer's or of the system"
    CONFIGURATION = "the configuration of the system"


@dataclass(frozen=True, slots=True)
class SystemPlace:
    """A place that is not the wheel's: the part it belongs to, and words for what is there."""

    part: SystemPart
    words: str


_SCHEME = re.compile(r"[^/]+\.data/(?P<scheme>data|scripts)/(?P<rest>.+)")
_PROGRAMS = re.compile(r"(?:usr/)?(?:local/)?(?:s?bin|Scripts)/(?P<name>[^/]+)")
_INTERPRETER = re.compile(r"pythonw?[\d.]*t?(?:\.exe)?", re.IGNORECASE)
#: What CPython's installer, ensurepip and venv put beside the interpreter, with a version or without.
_BESIDE_PYTHON = re.compile(
    r"(?:pip|pydoc|idle|2to3|easy_install|python-config|python[\d.]*t?-config|activate(?:_this)?|deactivate)[\d.-]*"
    r"(?:\.(?:exe|bat|csh|fish|nu|ps1|py))?",
    re.IGNORECASE,
)
#: What an interpreter reads beside itself, or in the folder above, before anything else (`getpath.py` of CPython).
_SETTINGS = re.compile(
    r"(?:(?:s?bin|Scripts)/)?(?:pyvenv\.cfg|pybuilddir\.txt|python[\d.]*t?\._pth)", re.IGNORECASE
)
_STANDARD_LIBRARY = re.compile(
    r"lib(?:64)?/(?:python[\d.]+t?/(?!(?:site|dist)-packages/)|libpython)|Lib/(?!site-packages/)|DLLs/|python[\d.]*t?\.dll$"
)
_HEADERS = re.compile(r"include/python[\d.]+t?d?/(?:(?:cpython|internal)/.+|[^/]+\.h)")


def system_place(path: str) -> SystemPlace | None:
    """Return what a member would be installed over, as far as that is not the wheel's.

    >>> system_place("a-1.data/scripts/python3").words, system_place("a-1.data/data/bin/ls").words
    ('the interpreter', "the system's program ls")
    >>> system_place("a-1.data/data/share/a.txt") is None
    True
    """
    found = _SCHEME.fullmatch(path)
    if found is None:
        return None
    if found["scheme"] == "scripts":
        return _settings_place(f"bin/{found['rest']}") or program_place(found["rest"])
    rest = found["rest"]
    program = _PROGRAMS.fullmatch(rest)
    if program is not None and (place := program_place(program["name"])):
        return place
    if rest.lower() in ("python.exe", "pythonw.exe"):
        return SystemPlace(SystemPart.PYTHON, "the interpreter")
    if _STANDARD_LIBRARY.match(rest):
        return SystemPlace(SystemPart.PYTHON, "the standard library")
    if _HEADERS.fullmatch(rest):
        return SystemPlace(SystemPart.PYTHON, "the headers of Python")
    if rest.startswith("etc/"):
        return SystemPlace(SystemPart.CONFIGURATION, "the configuration of the system")
    return _settings_place(rest)


def _settings_place(rest: str) -> SystemPlace | None:
    if _SETTINGS.fullmatch(rest):
        return SystemPlace(SystemPart.PYTHON, "the settings of the Python environment")
    return None


def program_place(name: str) -> SystemPlace | None:
    """Return what a program of this name would be installed over, as far as that is not the wheel's.

    >>> program_place("pip3.11").words
    'pip3.11 of the Python it is installed into'
    """
    if _INTERPRETER.fullmatch(name):
        return SystemPlace(SystemPart.PYTHON, "the interpreter")
    if _BESIDE_PYTHON.fullmatch(name):
        return SystemPlace(SystemPart.PROGRAM, f"{name} of the Python it is installed into")
    if name in SYSTEM_PROGRAMS:
        return SystemPlace(SystemPart.PROGRAM, f"the system's program {name}")
    return None
