"""Several output files that are all written or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from crosswheel.act.storage.made_folders import make_folders, remove_made
from crosswheel.act.storage.output_file import is_stream, read_earlier_output, write_output_file

__all__ = ["FilesTogether", "files_together"]


class FilesTogether:
    """Writes files and remembers what stood there."""

    def __init__(self) -> None:
        self._before: dict[Path, bytes | None] = {}
        self._made: list[Path] = []

    def write(self, path: Path, data: bytes) -> None:
        """Write a file whole or not at all.

        Raises:
            OutputError: it cannot be written.
        """
        before = None
        with suppress(OSError):  # the writing says why
            self._made += make_folders(path.parent)
            before = read_earlier_output(path)
        write_output_file(path, data)
        if not is_stream(path):  # what was written in passing is gone
            self._before.setdefault(path, before)

    def take_back(self) -> None:
        """Put back what stood there, the last first, and remove the folders made; what cannot be put back stays."""
        for path, data in reversed(self._before.items()):
            with suppress(OSError):
                if data is None:
                    path.unlink(missing_ok=True)
                else:
                    path.write_bytes(data)
        remove_made(self._made)


@contextmanager
def files_together() -> Iterator[FilesTogether]:
    """Give a writer whose files are taken back when the block ends with an error or an interrupt."""
    files = FilesTogether()
    try:
        yield files
    except BaseException:
        files.take_back()
        raise
