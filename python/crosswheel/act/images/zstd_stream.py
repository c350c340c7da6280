"""Reading zstd, which Python itself can from 3.14 on (PEP 784), and before with the package ``zstandard``."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import IO

from crosswheel.values.errors import InputError

__all__ = ["open_zstd", "zstd_error"]

_BUILT_IN, _PACKAGE = "compression.zstd", "zstandard"


def open_zstd(stream: IO[bytes]) -> IO[bytes]:
    """Return the inflated content of a stream, frame after frame.

    Raises:
        InputError: this Python cannot read zstd.
    """
    module = _module()
    inflated: IO[bytes]
    if module.__name__ == _BUILT_IN:
        inflated = module.ZstdFile(stream)
    else:
        inflated = module.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
    return inflated


def zstd_error() -> type[Exception]:
    """Return the class of errors that damaged data raises."""
    error: type[Exception] = _module().ZstdError
    return error


def _module() -> ModuleType:
    for name in (_BUILT_IN, _PACKAGE):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise InputError(
        "read layer",
        why="it is compressed with zstd, which this Python cannot read",
        fix="install the package zstandard, or run crosswheel with Python 3.14",
    )
