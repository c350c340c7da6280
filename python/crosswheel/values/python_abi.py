"""A Python ABI: implementation, version and the flags that decide which extension modules load."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import InputError

__all__ = ["PythonAbi", "parse_python_abi", "parse_python_version"]

_ABI = re.compile(r"cp([23])(\d{1,2})(t?)(d?)")
_VERSION = re.compile(r"([23])\.(\d{1,2})(?:\.\d+)?(t?)")


@dataclass(frozen=True, kw_only=True, slots=True)
class PythonAbi:
    """CPython X.Y and its ABI flags.

    Attributes:
        major: X.
        minor: Y.
        free_threaded: built with ``--disable-gil`` (PEP 703), flag ``t``.
        debug: built with ``--with-pydebug``, flag ``d``.
    """

    major: int
    minor: int
    free_threaded: bool = False
    debug: bool = False

    def __str__(self) -> str:
        """The ABI tag, e.g. ``cp313t``."""
        return f"cp{self.major}{self.minor}{self.flags}"

    @property
    def flags(self) -> str:
        """`sys.abiflags`."""
        return ("t" if self.free_threaded else "") + ("d" if self.debug else "")

    @property
    def version(self) -> str:
        """``X.Y``."""
        return f"{self.major}.{self.minor}"


def parse_python_abi(text: str) -> PythonAbi:
    """Parse an ABI tag.

    Raises:
        InputError: `text` is not a CPython ABI tag.

    >>> parse_python_abi("cp313t").free_threaded
    True
    """
    match = _ABI.fullmatch(text)
    if match is None:
        raise InputError(
            "parse Python ABI",
            text,
            why="it is not a CPython ABI tag",
            fix="write for example cp312 or cp313t",
        )
    major, minor, threads, debug = match.groups()
    return PythonAbi(major=int(major), minor=int(minor), free_threaded=bool(threads), debug=bool(debug))


def parse_python_version(text: str) -> PythonAbi:
    """Parse what people type after ``--python``: ``3.12``, ``3.12.4``, ``3.13t`` or an ABI tag.

    Raises:
        InputError: `text` is none of these.

    >>> str(parse_python_version("3.13t"))
    'cp313t'
    """
    match = _VERSION.fullmatch(text)
    if match is None:
        if _ABI.fullmatch(text):
            return parse_python_abi(text)
        raise InputError(
            "parse Python version", text, why="it is not a version", fix="write for example 3.12 or 3.13t"
        )
    major, minor, threads = match.groups()
    return PythonAbi(major=int(major), minor=int(minor), free_threaded=bool(threads))
