"""Names of files as they are in archives: the bytes that the file system has, read as UTF-8 whatever the locale."""

from __future__ import annotations

import os

__all__ = ["utf8_name"]


def utf8_name(name: str) -> str:
    """Return a name or path that the file system gave as an archive has it, bytes that are no UTF-8 as surrogates.

    In a locale of UTF-8 it comes back as it is; in another Python takes the same bytes for other letters.
    """
    return os.fsencode(name).decode("utf-8", "surrogateescape")
