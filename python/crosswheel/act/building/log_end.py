"""The end of a build's log, which is nearest to what failed."""

from __future__ import annotations

from pathlib import Path

__all__ = ["TAIL_BYTES", "log_end"]

#: What is read of a log first.
TAIL_BYTES = 64 * 1024


def log_end(log: Path, most: int) -> tuple[str, int]:
    """Return at most so many bytes of a log's end, from the begin of a line, and the number of that line."""
    with log.open("rb") as stream:
        stream.seek(0, 2)
        start = max(0, stream.tell() - most)
        stream.seek(0)
        skipped = stream.read(start).count(b"\n")
        data = stream.read(most)
    if start:
        data = data.partition(b"\n")[2]
        skipped += 1
    return data.decode(errors="replace"), skipped + 1
