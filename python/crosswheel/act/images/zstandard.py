"""Reading zstandard, which Python itself can from 3.14 on (PEP 784), and before with the package ``backports.zstd``."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import IO

from crosswheel.values.errors import InputError

__all__ = ["open_zstandard", "zstandard_error"]


def _module() -> ModuleType:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise InputError(
        "read layer",
        why="it is compressed with zstandard, which this Python cannot read",
        fix="run crosswheel with Python 3.14, or install the package backports.zstd",
    )


def open_zstandard(stream: IO[bytes]) -> IO[bytes]:
    """Return the inflated content of a stream.

    Raises:
        InputError: this Python cannot read zstandard.
    """
    inflated: IO[bytes] = _module().ZstdFile(stream)
    return inflated


def zstandard_error() -> type[Exception]:
    """Return the class of errors that damaged data raises."""
    error: type[Exception] = _module().ZstdError
    return error
