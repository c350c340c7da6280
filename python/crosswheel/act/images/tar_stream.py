"""A tar archive read once from front to back, in little memory, believing nothing of it.

Formats: ustar and pax (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html) and GNU's long names and
base-256 numbers (https://www.gnu.org/software/tar/manual/html_node/Standard.html). Python's tarfile keeps every header it
has read, and takes headers of any length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import IO

__all__ = ["DamagedTarError", "EntryKind", "TarEntry", "TarStream"]

_BLOCK = 512
_PIECE = 1 << 20
#: No path, link or extended attribute needs a longer header.
_LONGEST_HEADER = 1 << 20
_NOTHING = bytes(_BLOCK)
#: No size, user or time has more digits: 64 bits.
_LONGEST_NUMBER = 20


class DamagedTarError(ValueError):
    """It is no tar archive, or its headers contradict each other; the text is a clause."""


class EntryKind(Enum):
    """What an entry of an archive becomes, by its type flag."""

    FILE = "file"
    HARD_LINK = "hard link"
    SYMLINK = "symbolic link"
    CHARACTER_DEVICE = "character device"
    BLOCK_DEVICE = "block device"
    FOLDER = "folder"
    PIPE = "named pipe"
    SPARSE = "sparse file"
    UNKNOWN = "unknown"


_KINDS: Mapping[bytes, EntryKind] = {
    b"0": EntryKind.FILE,
    b"\0": EntryKind.FILE,
    b"7": EntryKind.FILE,
    b"1": EntryKind.HARD_LINK,
    b"2": EntryKind.SYMLINK,
    b"3": EntryKind.CHARACTER_DEVICE,
    b"4": EntryKind.BLOCK_DEVICE,
    b"5": EntryKind.FOLDER,
    b"6": EntryKind.PIPE,
    b"S": EntryKind.SPARSE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TarEntry:
    """One entry.

    Attributes:
        path: as the archive has it.
        kind: what it is.
        mode: permission bits.
        uid: number of the owning user.
        gid: number of the owning group.
        size: of its content, bytes.
        link: what a link leads to.
        header: the block that says so, with times, names of the owner and numbers of devices.
        records: what extended headers say.
    """

    path: str
    kind: EntryKind
    mode: int
    uid: int
    gid: int
    size: int
    link: str = ""
    header: bytes = b""
    records: Mapping[str, str] = field(default_factory=dict)


class TarStream:
    """The entries of an archive, and the content of the one that was yielded last.

    Args:
        stream: the uncompressed archive; read to its end by the iteration, whatever follows the archive included.

    Attributes:
        has_more: whether something else than zeros follows the end of the archive; known after the iteration.
        is_unpadded: whether it ends right after the content of its last entry, within the block that this fills; known after
            the iteration.
        watch: is shown all content of the entry that was yielded last as it is read, or passed over.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = 0  # of the content of the entry
        self._padding = 0
        self._ahead = b""  # of the content: looked at, not yet read
        self.has_more = False
        self.is_unpadded = False
        self.watch: Callable[[bytes], None] | None = None
        self._global: dict[str, str] = {}

    def __iter__(self) -> Iterator[TarEntry]:
        """Yield every entry.

        Raises:
            DamagedTarError: the archive cannot be read any further.
        """
        extended = _Extended()
        while (header := self._header()) is not None:
            flag = header[156:157]
            size = _number(header[124:136], "size")
            if flag in b"xgLK":
                data = self._body(size)
                match flag:
                    case b"x":
                        extended.records.update(_pax_records(data))
                    case b"g":
                        self._global.update(_pax_records(data))
                    case b"L":
                        extended = replace(extended, path=_text(data))
                    case _:
                        extended = replace(extended, link=_text(data))
                continue
            entry = _entry(header, self._global, extended)
            extended = _Extended()
            # Links and folders have no content, whatever their size says (pax, "size").
            has_content = entry.kind in {EntryKind.FILE, EntryKind.SPARSE, EntryKind.UNKNOWN}
            self._begin(entry.size if has_content else 0)
            yield entry
            self.skip()
        while data := self._stream.read(_PIECE):
            self.has_more = self.has_more or data.count(0) < len(data)

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes of the content, fewer at its end, which stay to be read.

        Raises:
            DamagedTarError: the archive ends before.
        """
        missing = min(size, self._left) - len(self._ahead)
        if missing > 0:
            self._ahead += self._exactly(missing)
        return self._ahead[:size]

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes of the content, fewer at its end.

        Raises:
            DamagedTarError: the archive ends before.
        """
        wanted = min(size, self._left)
        data, self._ahead = self._ahead[:wanted], self._ahead[wanted:]
        if len(data) < wanted:
            data += self._exactly(wanted - len(data))
        self._left -= wanted
        return data

    def skip(self, size: int | None = None) -> None:
        """Pass over the next `size` bytes of the content, or over all that is left of it."""
        left = self._left if size is None else min(size, self._left)
        while left:
            left -= len(self.read(min(left, _PIECE)))
        if size is None and self._padding:
            self.is_unpadded = len(self._block(self._padding)) < self._padding
            self._padding = 0

    def _begin(self, size: int) -> None:
        self._left, self._padding = size, -size % _BLOCK
        self.watch = None

    def _body(self, size: int) -> bytes:
        if size > _LONGEST_HEADER:
            raise DamagedTarError(f"a header of {size} bytes is longer than any path needs")
        self._begin(size)
        data = self.read(size)
        self._exactly(self._padding)
        return data

    def _header(self) -> bytes | None:
        """Return the next header; ``None`` at the end of the archive, which is a block of zeros or nothing."""
        header = self._block()
        if not header:
            return None
        if len(header) < _BLOCK:
            raise DamagedTarError("it ends within a header")
        if header == _NOTHING:
            if self._block().strip(b"\0"):  # Go's reader refuses that, others end there, or read on
                raise DamagedTarError("a header follows a single block of zeros")
            return None
        wanted = _number(header[148:156], "checksum")
        if sum(header[:148]) + 8 * 32 + sum(header[156:]) != wanted:
            raise DamagedTarError("the checksum of a header is wrong")
        return header

    def _block(self, size: int = _BLOCK) -> bytes:
        """Return the next block, or `size` bytes of one, less at the end."""
        block = self._stream.read(size)
        while block and len(block) < size:
            more = self._stream.read(size - len(block))
            if not more:
                break
            block += more
        return block

    def _exactly(self, size: int) -> bytes:
        data = self._stream.read(size) if size else b""
        while len(data) < size:
            more = self._stream.read(size - len(data))
            if not more:
                raise DamagedTarError("it ends within an entry")
            data += more
        if self.watch is not None and data:
            self.watch(data)
        return data


@dataclass(frozen=True, slots=True)
class _Extended:
    """What headers before an entry say of it."""

    records: dict[str, str] = field(default_factory=dict)
    path: str | None = None
    link: str | None = None


def _entry(header: bytes, common: Mapping[str, str], extended: _Extended) -> TarEntry:
    # A record without a value is one that is not there (pax, "Extended Header").
    records = {key: value for key, value in {**common, **extended.records}.items() if value}
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
    name = _text(header[:100])
    kind = _KINDS.get(header[156:157], EntryKind.UNKNOWN)
    path = records.get("path", extended.path or (f"{prefix}/{name}" if prefix else name))
    if kind is EntryKind.FILE and path.endswith("/"):
        kind = EntryKind.FOLDER  # so did archives before ustar
    if any(key.startswith("GNU.sparse.") for key in records):
        kind = EntryKind.SPARSE
    return TarEntry(
        path=path,
        kind=kind,
        mode=_number(header[100:108], "mode") & 0o7777,
        uid=_recorded(records, "uid", header[108:116]),
        gid=_recorded(records, "gid", header[116:124]),
        size=_recorded(records, "size", header[124:136]),
        link=records.get("linkpath", extended.link or _text(header[157:257])),
        header=header,
        records=records,
    )


def _recorded(records: Mapping[str, str], key: str, field_: bytes) -> int:
    value = records.get(key)
    if value is None:
        return _number(field_, key)
    if not (value.isascii() and value.isdecimal()) or len(value) > _LONGEST_NUMBER:
        raise DamagedTarError(f"the {key} in an extended header is no number")
    return int(value)


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _number(field_: bytes, what: str) -> int:
    """Return a number: octal digits, or with the first bit set base 256 (GNU)."""
    if field_[0] & 0x80:
        if field_[0] & 0x40:
            raise DamagedTarError(f"the {what} of an entry is negative")
        return int.from_bytes(bytes([field_[0] & 0x3F]) + field_[1:], "big")
    digits = field_.strip(b" \0")
    try:
        return int(digits or b"0", 8)
    except ValueError:
        raise DamagedTarError(f"the {what} of an entry is no number") from None


def _pax_records(data: bytes) -> dict[str, str]:
    """Return the records of an extended header, each a line that begins with its own length."""
    records: dict[str, str] = {}
    position = 0
    while position < len(data) and data[position : position + 1] != b"\0":
        digits, space, _ = data[position : position + 21].partition(b" ")
        length = int(digits) if space and digits.isdigit() else 0
        line = data[position : position + length]
        key, equals, value = line[len(digits) + 1 : -1].partition(b"=")
        if not equals or len(line) < length:
            raise DamagedTarError("an extended header is damaged")
        if b"\0" in value and key in {b"path", b"linkpath"}:
            raise DamagedTarError("a path in an extended header holds a NUL")
        records[key.decode("utf-8", "surrogateescape")] = value.decode("utf-8", "surrogateescape")
        position += length
    return records
