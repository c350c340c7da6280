"""Judges the entries of one layer as they come: their paths, and the machine code among them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from crosswheel.act.check.binary_kinds import BinaryKind, kind_of
from crosswheel.act.check.machine_faults import HEAD, foreign_words, head_fault, named_foreign_fault
from crosswheel.act.images.layer_pass import LayerDigests
from crosswheel.act.images.layered_paths import PathEntry
from crosswheel.act.images.tar_stream import EntryKind, TarEntry, TarStream
from crosswheel.decide.images.layer_paths import path_fault, plain_path, whiteout_of
from crosswheel.values.platforms import Arch

__all__ = ["LayerCheck"]

_AR_MAGIC, _AR_HEADER = b"!<arch>\n", 60
#: Headers of such a length are all that a file of an ar archive is judged by.
_AR_HEAD = 64


@dataclass(slots=True)
class LayerCheck:
    """What is wrong with a layer; `show` takes its entries one after another.

    Attributes:
        arch: what its binaries must be for; ``None`` where that is not known.
        found: told of each fault: code, path and message.
        inflated: size of the files so far, bytes.
        binaries: number of files of machine code so far.
        entries: those so far whose paths may be in a layer.
    """

    arch: Arch | None
    found: Callable[[str, str, str], None]
    inflated: int = 0
    binaries: int = 0
    entries: list[PathEntry] = field(default_factory=list)
    _paths: set[str] = field(default_factory=set)
    #: Folders that paths lead through, and those paths that can be none.
    _folders: set[str] = field(default_factory=set)
    _no_folders: set[str] = field(default_factory=set)
    _links: dict[str, str] = field(default_factory=dict)
    #: What files in another system's format are, for hard links may give them further names.
    _foreign: dict[str, str] = field(default_factory=dict)

    def show(self, entry: TarEntry, tar: TarStream) -> None:
        """Judge an entry."""
        path = plain_path(entry.path)
        fault = path_fault(entry.path)
        if fault is None and not path and entry.kind is not EntryKind.FOLDER:
            fault = "it is the root, which is a folder"
        if fault is not None:
            self.found("unsafe-path", entry.path, fault)
            return
        if path in self._paths:
            self.found("duplicate-path", path, "the layer holds it twice")
        self._paths.add(path)
        link = entry.link if entry.kind is EntryKind.SYMLINK else None
        self.entries.append(PathEntry(path, link, entry.kind is EntryKind.FOLDER))
        self._check_folders(path, entry)
        removed = whiteout_of(path)
        if isinstance(removed, str):
            self.found("whiteout-invalid", path, removed)
        elif removed is not None and entry.kind is not EntryKind.FILE:
            self.found("whiteout-invalid", path, f"it is a whiteout, yet a {entry.kind.value}")
        elif removed is not None and entry.size:
            self.found("whiteout-invalid", path, "it is a whiteout, yet has content")
        self._check_kind(entry, path)
        if entry.kind is EntryKind.FILE:
            self.inflated += entry.size
            self._check_binary(path, entry, tar)

    def end(self, digests: LayerDigests) -> None:
        """Judge what came after the last entry."""
        if digests.has_more:
            message = "bytes follow the end of its archive, which some readers take for further files"
            self.found("layer-continued", "", message)
        if digests.is_unpadded:
            message = "only the padding after its last file and the end of its archive are missing, as `umoci insert` leaves it: "
            message += "container engines read it whole, tar programs call it cut off"
            self.found("layer-unpadded", "", message)

    def _check_folders(self, path: str, entry: TarEntry) -> None:
        """Tell of a path that is a file and a folder: readers keep one of them, not all the same."""
        kind = entry.kind
        if kind is not EntryKind.FOLDER:
            if path in self._folders:
                self.found(
                    "duplicate-path", path, f"the layer holds it as a {kind.value} and has files below it"
                )
            elif kind is EntryKind.SYMLINK:
                self._links[path] = entry.link
            else:
                self._no_folders.add(path)
        while (path := posixpath.dirname(path)) and path not in self._folders:
            self._folders.add(path)
            if path in self._no_folders:
                self.found("duplicate-path", path, "the layer holds it as a file and has files below it")
            elif (target := self._links.get(path)) is not None:
                message = f"the layer holds it as a symbolic link to {target} and has paths below it: readers put them in different places"
                self.found("folder-missing", path, message)

    def _check_kind(self, entry: TarEntry, path: str) -> None:
        if entry.kind is EntryKind.HARD_LINK:
            if path_fault(entry.link) is not None:
                self.found("unsafe-path", path, f"it is a hard link to {entry.link}")
            elif (target := plain_path(entry.link)) not in self._paths or target == path:
                self.found(
                    "link-dangling",
                    path,
                    f"it is a hard link to {entry.link}, which the layer does not hold before it",
                )
            elif target not in self._no_folders and target not in self._links:
                self.found("link-dangling", path, f"it is a hard link to {entry.link}, which is a folder")
            elif (words := self._foreign.get(target)) is not None:
                self._judge_foreign(path, words)
        elif entry.kind in {EntryKind.SPARSE, EntryKind.UNKNOWN}:
            self.found(
                "special-file", path, f"it is of the kind '{entry.kind.value}', which not every reader knows"
            )

    def _check_binary(self, path: str, entry: TarEntry, tar: TarStream) -> None:
        head = tar.read(HEAD)
        kind = kind_of(head)
        if kind is None:
            return
        self.binaries += 1
        if self.arch is None:
            return
        if kind is BinaryKind.ARCHIVE:
            for member in _object_heads(head, entry.size, tar):
                if kind_of(member) is BinaryKind.ELF and self._judge(path, member, BinaryKind.ELF):
                    return
        else:
            self._judge(path, head, kind)

    def _judge(self, path: str, head: bytes, kind: BinaryKind) -> bool:
        assert self.arch is not None
        if kind is not BinaryKind.ELF:
            self._judge_foreign(path, foreign_words(head, kind))
            return True
        fault = head_fault(path, head, kind, self.arch)
        if fault is not None:
            self.found(fault.code, path, fault.message)
        return fault is not None

    def _judge_foreign(self, path: str, words: str) -> None:
        self._foreign[path] = words
        fault = named_foreign_fault(path, words)
        self.found(fault.code, path, fault.message)


def _object_heads(head: bytes, size: int, tar: TarStream) -> Iterator[bytes]:
    """Yield the first bytes of each file in a static archive; stops quietly at damage, as a linker would."""
    window = head
    start = 0  # where in the archive the window begins

    def ahead(position: int, length: int) -> bytes:
        nonlocal window, start
        if position > start + len(window):
            tar.skip(position - start - len(window))
            window, start = b"", position
        missing = position + length - start - len(window)
        window = window[position - start :] + (tar.read(missing) if missing > 0 else b"")
        start = position
        return window[:length]

    position = len(_AR_MAGIC)
    while position + _AR_HEADER <= size:
        header = ahead(position, _AR_HEADER)
        digits = header[48:58].strip()
        if not digits.isdigit():
            return
        length = int(digits)
        yield ahead(position + _AR_HEADER, min(_AR_HEAD, length))
        position += _AR_HEADER + length + length % 2
