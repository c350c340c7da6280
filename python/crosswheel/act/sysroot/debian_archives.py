"""The two tar archives in a Debian package (deb(5)): its files, and what is said of it. Nothing of it is run."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from pathlib import Path
from typing import IO

from crosswheel.act.sysroot.ar_archives import ArchiveFormatError, ar_members
from crosswheel.values.errors import InputError

__all__ = ["open_control_of", "open_data_of"]


def open_data_of(path: Path) -> IO[bytes]:
    """Open the uncompressed tar archive of a package's files.

    Raises:
        ArchiveFormatError: it is no package.
        InputError: this Python cannot read the compression.
        OSError: it cannot be read.
    """
    return _open(path, "data.tar")


def open_control_of(path: Path) -> IO[bytes]:
    """Open the uncompressed tar archive of what is said of a package; errors as `open_data_of`."""
    return _open(path, "control.tar")


def _open(path: Path, name: str) -> IO[bytes]:
    for member in ar_members(path.read_bytes()):
        if not member.name.startswith(name):
            continue
        stream = io.BytesIO(member.data)
        match member.name.removeprefix(name):
            case ".xz" | ".lzma":
                return lzma.open(stream)
            case ".gz":
                return gzip.open(stream)  # type: ignore[return-value]  # it is a binary stream
            case ".bz2":
                return bz2.open(stream)
            case ".zst":
                return _zstandard(stream, path)
            case "":
                return stream
            case other:
                raise ArchiveFormatError(f"its files are compressed as '{other}', which is unknown")
    raise ArchiveFormatError(f"it holds no {name}")


def _zstandard(stream: IO[bytes], path: Path) -> IO[bytes]:
    """Open zstandard data, which Python reads from 3.14 on (PEP 784)."""
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise InputError(
            "unpack Debian package",
            path.name,
            why="its files are compressed with zstandard, which Python can read from 3.14 on",
            fix="run crosswheel with Python 3.14, or use another release (suite) of Debian, which all use xz",
        ) from None
    inflated: IO[bytes] = zstd.open(stream)
    return inflated
