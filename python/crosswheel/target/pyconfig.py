"""What a pyconfig.h says: its macros, read from the text without a preprocessor.

Knows nothing of where such a file lies, nor which platform it is for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["PyConfig", "included_file", "parse_pyconfig"]

_DIRECTIVE = re.compile(r"\s*#\s*(?P<name>\w+)\s*(?P<rest>.*?)\s*")
_DEFINITION = re.compile(r"(?P<name>\w+)(?:\s+(?P<value>.*))?")
_UNDEFINED = re.compile(r"/\*\s*#\s*undef\s+(?P<name>\w+)\s*\*/")
_INCLUDE = re.compile(r"<(?P<file>[^>]*pyconfig[^>]*\.h)>")


@dataclass(frozen=True, kw_only=True, slots=True)
class PyConfig:
    """The macros of one pyconfig.h.

    Attributes:
        macros: value of each macro, as written; ``None`` for one that is known and left undefined.
        guarded: macros that give way to a definition the compiler already has (``#ifndef`` around them).
    """

    macros: Mapping[str, str | None]
    guarded: frozenset[str]

    def number(self, name: str) -> int | None:
        """Return the macro `name` as a number, or ``None`` if it is undefined or no number."""
        value = self.macros.get(name)
        return int(value) if value is not None and re.fullmatch(r"-?\d+", value) else None


def included_file(text: str, multiarch: str) -> str | None:
    """Return the file that a multiarch dispatcher includes for `multiarch`, or ``None`` if `text` is none.

    Debian's ``/usr/include/pythonX.Y/pyconfig.h`` only includes the file of the architecture at hand.

    >>> included_file("# include <aarch64-linux-gnu/python3.11/pyconfig.h>", "aarch64-linux-gnu")
    'aarch64-linux-gnu/python3.11/pyconfig.h'
    """
    for match in _INCLUDE.finditer(text):
        if match["file"].startswith(multiarch + "/"):
            return match["file"]
    return None


def parse_pyconfig(text: str) -> PyConfig:
    r"""Read the macros of a pyconfig.h made by autoconf.

    Conditions are read as autoconf's header templates use them: ``#ifndef NAME`` holds and makes NAME guarded,
    ``#if`` and ``#ifdef`` ask for another platform or compiler and do not hold.

    >>> parse_pyconfig("#define SIZEOF_INT 4\n/* #undef HAVE_FORK */\n").macros
    {'SIZEOF_INT': '4', 'HAVE_FORK': None}
    """
    macros: dict[str, str | None] = {}
    guarded: set[str] = set()
    holds: list[bool] = []
    guards: list[str | None] = []
    for line in text.replace("\\\n", " ").splitlines():
        undefined = _UNDEFINED.fullmatch(line.strip())
        if undefined is not None and all(holds):
            macros.setdefault(undefined["name"], None)
            continue
        directive = _DIRECTIVE.fullmatch(line)
        if directive is None:
            continue
        rest = directive["rest"]
        match directive["name"]:
            case "ifndef":
                holds.append(True)
                guards.append(rest.split()[0])
            case "if" | "ifdef":
                holds.append(False)
                guards.append(None)
            case "elif" if holds:
                holds[-1] = False
            case "else" if holds:
                holds[-1] = not holds[-1]
                guards[-1] = None
            case "endif" if holds:
                holds.pop()
                guards.pop()
            case "define" if all(holds):
                _define(rest, macros, guarded, guards)
            case _:
                pass
    return PyConfig(macros=macros, guarded=frozenset(guarded))


def _define(rest: str, macros: dict[str, str | None], guarded: set[str], guards: list[str | None]) -> None:
    definition = _DEFINITION.fullmatch(rest)
    if definition is None:
        return
    name = definition["name"]
    macros[name] = re.sub(r"\s*/\*.*?\*/\s*", " ", definition["value"] or "").strip()
    if name in guards and name != "Py_PYCONFIG_H":
        guarded.add(name)
