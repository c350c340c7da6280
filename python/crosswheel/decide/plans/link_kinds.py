"""How the libraries of a sysroot are linked; apart, for the command line offers the choice and starts without more."""

from __future__ import annotations

from enum import Enum

__all__ = ["LinkKind"]


class LinkKind(Enum):
    """How the libraries of a sysroot get into a wheel."""

    #: Their object code becomes part of the extension modules.
    STATIC = "static"
    #: The modules load them; they are copied into the wheel, or are on every system of the target.
    SHARED = "shared"
