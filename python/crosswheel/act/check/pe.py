"""What a PE file (Windows: .pyd, .dll, .exe) says of itself: machine, imported and exported names.

Refuses to know what is right for a target; `pe_checks` judges. Follows Microsoft's PE format
(https://learn.microsoft.com/windows/win32/debug/pe-format).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from .byte_reader import ByteReader, DamagedBinaryError
from .file_bytes import FileBytes

__all__ = ["Pe", "PeImport", "PeMachine", "parse_pe"]


class PeMachine(IntEnum):
    """The ``Machine`` values that have a name here."""

    I386 = 0x14C
    ARM = 0x1C4
    AMD64 = 0x8664
    ARM64 = 0xAA64


@dataclass(frozen=True, slots=True)
class PeImport:
    """A library the file takes names from.

    Attributes:
        library: its file name, e.g. ``python313.dll``.
        names: the names taken, without those taken by number.
        delayed: it is loaded when one of the names is first used.
    """

    library: str
    names: tuple[str, ...]
    delayed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Pe:
    """One PE file.

    Attributes:
        machine: ``Machine``.
        is_dll: it is a library, no program.
        timestamp: ``TimeDateStamp``; of a reproducible link it is 0, a hash, or the clock it was told.
        is_managed: it holds .NET code, whose machine number means nothing.
        name: what it calls itself in its export table.
        imports: the libraries it needs, in order.
        exports: the names it offers.
    """

    machine: int
    is_dll: bool
    timestamp: int = 0
    is_managed: bool = False
    name: str | None = None
    imports: tuple[PeImport, ...] = ()
    exports: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class _Section:
    address: int
    size: int
    offset: int
    file_size: int


_DLL = 0x2000
_PE32, _PE32_PLUS = 0x10B, 0x20B
_EXPORTS, _IMPORTS, _DELAYED, _MANAGED = 0, 1, 13, 14
_MOST_SECTIONS = 96
_MOST_LIBRARIES = 4096


def parse_pe(data: FileBytes) -> Pe:
    """Read a PE file.

    Args:
        data: the whole file.

    Returns:
        What it says of itself.

    Raises:
        DamagedBinaryError: it is truncated or contradicts itself.
    """
    return _Reader(data).read()


class _Reader:
    """Reads one file; every offset comes from the file and goes through a `ByteReader`."""

    def __init__(self, data: FileBytes) -> None:
        self.reader = ByteReader(data)
        header = self.reader.number(0x3C, 4)
        if self.reader.part(header, 4) != b"PE\0\0":
            raise DamagedBinaryError("it has no PE header")
        fields = self.reader.numbers("HHIIIHH", header + 4)
        self.machine, self.section_count, self.timestamp, _, _, self.optional_size, self.flags = fields
        self.optional = header + 24
        self.sections: tuple[_Section, ...] = ()

    def read(self) -> Pe:
        if not self.optional_size:  # an object file under a program's header
            return Pe(machine=self.machine, is_dll=bool(self.flags & _DLL), timestamp=self.timestamp)
        magic = self.reader.number(self.optional, 2)
        if magic not in (_PE32, _PE32_PLUS):
            raise DamagedBinaryError("its optional header is of no known kind")
        self.wide = magic == _PE32_PLUS
        self.base = self.reader.number(self.optional + (24 if self.wide else 28), 8 if self.wide else 4)
        self.sections = tuple(self._sections())
        directories = self._directories()
        name, exports = self._exports(directories.get(_EXPORTS, 0))
        return Pe(
            machine=self.machine,
            is_dll=bool(self.flags & _DLL),
            timestamp=self.timestamp,
            is_managed=_MANAGED in directories,
            name=name,
            imports=(
                *self._imports(directories.get(_IMPORTS, 0)),
                *self._delayed(directories.get(_DELAYED, 0)),
            ),
            exports=frozenset(exports),
        )

    def _sections(self) -> Iterator[_Section]:
        if self.section_count > _MOST_SECTIONS:
            raise DamagedBinaryError(f"it claims to have {self.section_count} sections")
        start = self.optional + self.optional_size
        for index in range(self.section_count):
            size, address, file_size, offset = self.reader.numbers("4I", start + 40 * index + 8)
            yield _Section(address, max(size, file_size), offset, file_size)

    def _directories(self) -> dict[int, int]:
        """Return the address of each data directory that is there."""
        count_at = self.optional + (108 if self.wide else 92)
        count = min(self.reader.number(count_at, 4), 16)
        found = {}
        for index in range(count):
            address, size = self.reader.numbers("II", count_at + 4 + 8 * index)
            if address and size:
                found[index] = address
        return found

    def _offset(self, address: int) -> int:
        for section in self.sections:
            if section.address <= address < section.address + section.size:
                within = address - section.address
                if within >= section.file_size:
                    raise DamagedBinaryError(f"address {address:#x} has no bytes in the file")
                return section.offset + within
        raise DamagedBinaryError(f"address {address:#x} is in none of its sections")

    def _text(self, address: int) -> str:
        return self.reader.text(self._offset(address))

    def _exports(self, address: int) -> tuple[str | None, list[str]]:
        if not address:
            return None, []
        start = self._offset(address)
        name = self.reader.number(start + 12, 4)
        count, _, names = self.reader.numbers("3I", start + 24)
        table = self._offset(names) if count else 0
        addresses = [self.reader.number(table + 4 * index, 4) for index in range(count)]
        return (self._text(name) if name else None), [self._text(address) for address in addresses]

    def _imports(self, address: int) -> Iterator[PeImport]:
        if not address:
            return
        start = self._offset(address)
        for index in range(_MOST_LIBRARIES):
            lookup, _, _, name, table = self.reader.numbers("5I", start + 20 * index)
            if not name:
                return
            yield PeImport(self._text(name), tuple(self._names(lookup or table, 0)), delayed=False)
        raise DamagedBinaryError("its import table has no end")

    def _delayed(self, address: int) -> Iterator[PeImport]:
        if not address:
            return
        start = self._offset(address)
        for index in range(_MOST_LIBRARIES):
            attributes, name, _, _, lookup, *_ = self.reader.numbers("8I", start + 32 * index)
            if not name:
                return
            # Before Visual C++ 7 these were addresses in memory, not counted from the image's start.
            base = 0 if attributes & 1 else self.base
            yield PeImport(self._text(name - base), tuple(self._names(lookup - base, base)), delayed=True)
        raise DamagedBinaryError("its table of delayed imports has no end")

    def _names(self, lookup: int, base: int) -> Iterator[str]:
        if lookup <= 0:
            return
        size = 8 if self.wide else 4
        by_number = 1 << (8 * size - 1)
        position = self._offset(lookup)
        while entry := self.reader.number(position, size):
            if not entry & by_number:
                yield self._text(entry - base + 2)
            position += size
