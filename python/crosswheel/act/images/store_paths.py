"""Paths of the stores of Nix and Guix that the user's own files name: where an image runs, there is no such store.

Their own scan for references does not see them in an image, whose layers are compressed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from crosswheel.act.check.file_bytes import FileBytes, looked_through, map_file
from crosswheel.act.images.image_findings import ImageFinding
from crosswheel.act.images.layered_paths import LayeredPaths
from crosswheel.act.images.ready_layers import ReadyLayer
from crosswheel.act.images.tar_stream import EntryKind, TarEntry, TarStream
from crosswheel.act.layers.layer_entries import FileContent, LayerEntry
from crosswheel.decide.images.layer_paths import plain_path

__all__ = ["StoreNames", "store_findings", "store_names"]

_SIGN = b"/store/"
_BEFORE = len(b"/nix")
_PATH = re.compile(rb"/(?:nix|gnu)/store/[0-9a-z]{32}-[\w.+?=-]{1,211}")
#: No path that is looked for is longer.
_LONGEST = 256
#: As many different ones of a file are kept, for nothing in a layer shall fill the memory.
_MOST = 1000


def store_names(data: FileBytes) -> Iterator[tuple[int, str]]:
    """Yield the paths right below a store that some bytes hold, each with its place there.

    >>> list(store_names(b"#!/nix/store/" + b"0" * 32 + b"-bash-5.2/bin/sh -e /nix/store/readme"))
    [(2, '/nix/store/00000000000000000000000000000000-bash-5.2')]
    """
    position = data.find(_SIGN)
    while position >= 0:
        start = max(position - _BEFORE, 0)
        found = _PATH.match(data[start : start + _LONGEST])
        if found is not None:
            # A name does not end as a sentence does.
            yield start, found[0].rstrip(b".?").decode()
        position = data.find(_SIGN, position + 1)


@dataclass(slots=True)
class StoreNames:
    """What the files of an archive name of a store, taken note of as they are read.

    Attributes:
        found: by the file's plain path.
    """

    found: dict[str, dict[str, None]] = field(default_factory=dict)
    _path: str = ""
    #: The end of what was read of the file: a name may begin in it and end in the next piece.
    _rest: bytes = b""

    def show(self, entry: TarEntry, tar: TarStream) -> None:
        """Take note of an entry, whose content is still to be read afterwards, by whomever."""
        self.end()
        self._path = plain_path(entry.path)
        if entry.kind is EntryKind.SYMLINK:
            self._rest = entry.link.encode("utf-8", "surrogateescape")
        tar.watch = self._add

    def end(self) -> None:
        """Take note that nothing follows."""
        self._keep(self._rest, len(self._rest))
        self._rest = b""

    def _add(self, piece: bytes) -> None:
        window = self._rest + piece
        self._rest = window[-_LONGEST:]
        self._keep(window, len(window) - _LONGEST)

    def _keep(self, window: bytes, end: int) -> None:
        for position, name in store_names(window):
            if position >= end:
                return
            names = self.found.setdefault(self._path, {})
            if len(names) < _MOST:
                names[name] = None


def store_findings(
    entries: Iterable[LayerEntry], layers: Iterable[ReadyLayer], paths: LayeredPaths
) -> Iterator[ImageFinding]:
    """Yield a finding for each file that names paths of a store which the image lacks.

    Args:
        entries: of the application.
        layers: those that another tool made.
        paths: those of the image.
    """
    told = ((str(layer.path), path, names) for layer in layers for path, names in layer.stored.items())
    for place, path, names in chain(_named_by(entries), told):
        lacking = next((name for name in names if paths.real(name) is None), None)
        if lacking is not None:
            message = f"it names {lacking}, which is not in the image"
            yield ImageFinding(code="store-path", place=place, file=path, message=message)


def _named_by(entries: Iterable[LayerEntry]) -> Iterator[tuple[str, str, Iterable[str]]]:
    for entry in entries:
        if isinstance(entry.content, FileContent):
            data = map_file(entry.content.path)
            with looked_through(data):
                names = dict.fromkeys(name for _, name in store_names(data))
            yield "the application", entry.path, names
