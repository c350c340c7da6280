"""Output files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from crosswheel.values.errors import OutputError

__all__ = ["write_output_file"]


def write_output_file(destination: Path, data: bytes) -> None:
    """Write `data` to `destination`: a reader sees the old file or the new one, never a part.

    Raises:
        OutputError: the file cannot be written.
    """
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=f".{destination.name}.", dir=destination.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(destination)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise OutputError(
            "write file",
            str(destination),
            why=(error.strerror or str(error)).lower(),
            fix="give a place that can be written",
        ) from None
