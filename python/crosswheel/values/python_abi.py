"""A Python ABI: implementation, version and the flags that decide which extension modules load."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import InputError

__all__ = ["PythonAbi", "parse_python_abi", "parse_python_version", "remarks_on_version"]

_ABI = re.compile(r"cp(\d)(\d{1,2})(t?)(d?)")
_VERSION = re.compile(r"(\d)\.(\d{1,2})(?:\.\d{1,3}(?:(?:a|b|rc)\d{1,2})?)?(?:(t?)(d?)|\+(freethreaded))")

#: CPython 3.7 and older carry the flags m and u in their ABI tags (PEP 3149), which nothing current builds for.
_OLDEST = (3, 8)

#: PEP 703: the first release that can be built without the global interpreter lock.
_OLDEST_FREE_THREADED = (3, 13)


@dataclass(frozen=True, kw_only=True, slots=True)
class PythonAbi:
    """CPython X.Y and its ABI flags.

    Attributes:
        major: X.
        minor: Y.
        free_threaded: built with ``--disable-gil`` (PEP 703), flag ``t``.
        debug: built with ``--with-pydebug``, flag ``d``.

    Raises:
        InputError: no such CPython exists.
    """

    major: int
    minor: int
    free_threaded: bool = False
    debug: bool = False

    def __post_init__(self) -> None:
        version = (self.major, self.minor)
        if self.major != 3 or version < _OLDEST:
            raise InputError(
                "use Python ABI", str(self), why="it is not CPython 3.8 or newer", fix="use a newer Python"
            )
        if self.free_threaded and version < _OLDEST_FREE_THREADED:
            raise InputError(
                "use Python ABI",
                str(self),
                why="free-threaded builds exist since CPython 3.13",
                fix=f"leave out the t, or use {self.major}.13t or newer",
            )

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
        InputError: `text` is not the ABI tag of a CPython that exists.

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

    The patch number is dropped: no two patch releases differ in their ABI.

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
    major, minor, threads, debug, freethreaded = match.groups()
    return PythonAbi(
        major=int(major), minor=int(minor), free_threaded=bool(threads or freethreaded), debug=bool(debug)
    )


def remarks_on_version(text: str) -> list[str]:
    """Return what is to be known of a version that `parse_python_version` took: that a patch number counts for nothing.

    >>> remarks_on_version("3.12.4")
    ['of Python 3.12.4 only 3.12 counts, markers and requires-python are compared with 3.12.0']
    """
    version = parse_python_version(text).version
    if text.count(".") < 2:
        return []
    return [
        f"of Python {text} only {version} counts, markers and requires-python are compared with {version}.0"
    ]
