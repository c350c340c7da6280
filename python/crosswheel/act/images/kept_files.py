"""The few files of layers whose content matters, kept as the layers pass: accounts, and databases of packages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from crosswheel.act.images.layered_paths import LayeredPaths
from crosswheel.act.images.tar_stream import EntryKind, TarEntry, TarStream
from crosswheel.act.layers.layer_entries import BytesContent, FileContent, Folder, LayerEntry
from crosswheel.decide.images.accounts import ACCOUNT_FILES, unknown_accounts
from crosswheel.decide.images.layer_paths import plain_path

__all__ = ["KeptFiles"]

#: A database of a thousand packages has 1 MB; nothing in a layer shall fill the memory.
_LONGEST = 8 << 20


@dataclass(slots=True)
class KeptFiles:
    """Contents by path, as the layers shown so far have them in the end.

    What removes a file is not taken note of: paths tell whether it is there.

    Attributes:
        wanted: tells for a plain path whether its content is to be kept; by default that of accounts is.
        contents: what is kept; ``None`` of what is no file, or too long.
    """

    wanted: Callable[[str], bool] = ACCOUNT_FILES.__contains__
    contents: dict[str, bytes | None] = field(default_factory=dict)

    def show(self, entry: TarEntry, tar: TarStream) -> None:
        """Take note of an entry of an archive, whose content is still to be read afterwards."""
        path = plain_path(entry.path)
        if entry.kind is EntryKind.FOLDER or not self.wanted(path):
            return
        is_kept = entry.kind is EntryKind.FILE and entry.size <= _LONGEST
        self.contents[path] = tar.peek(entry.size) if is_kept else None

    def add(self, contents: Mapping[str, bytes | None]) -> None:
        """Take note of what was kept of a layer on top of those shown so far."""
        self.contents |= contents

    def add_entries(self, entries: Iterable[LayerEntry]) -> None:
        """Take note of a layer that is yet to be written, on top of those shown so far."""
        for entry in entries:
            if not isinstance(entry.content, Folder) and self.wanted(entry.path):
                self.contents[entry.path] = _content(entry)

    def read(self, path: str, paths: LayeredPaths) -> bytes | None:
        """Return the content of what a plain path leads to; empty where nothing is, ``None`` where it is not known."""
        real = paths.led_to(path)
        if real is None or (real != path and not paths.is_file(real)):
            return None  # links run in a circle, or lead to what a running container may bring
        return self.contents.get(real) if paths.is_file(real) else b""

    def unknown_accounts(self, account: str, paths: LayeredPaths) -> Iterator[tuple[str, str]]:
        """Yield the names of ``USER`` or ``USER:GROUP`` that no runtime finds in the files kept, and why."""
        passwd, group = (self.read(path, paths) for path in ("etc/passwd", "etc/group"))
        return unknown_accounts(account, passwd=passwd, group=group)


def _content(entry: LayerEntry) -> bytes | None:
    match entry.content:
        case BytesContent(data=data):
            return data
        case FileContent(path=path) if path.stat().st_size <= _LONGEST:
            return path.read_bytes()
        case _:
            return None
