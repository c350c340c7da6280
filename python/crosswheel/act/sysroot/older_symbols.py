"""Shared libraries bound to the functions of an older glibc than the one they were linked with.

glibc 2.27 and 2.29 gave some functions of libm a new version, without the error handling of System V that no
program compiled since can ask for. A library that needs the new one for no other reason loads on an older glibc when
the name of the version in it is the old one's. A function that an older glibc does not have at all can be had from
another library, when the one that calls it asks for it without a version; then the system's own counts where there is one.
https://sourceware.org/git/?p=glibc.git;a=blob;f=NEWS (2.27 and 2.29: "no longer ... SVID error handling")
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from crosswheel.values.platforms import Arch, Glibc

__all__ = ["glibc_of_version", "with_free_functions", "with_older_symbols"]

#: Functions by the glibc that brought their second version; all of libm.so.6.
_SECOND_VERSIONS: Mapping[Glibc, frozenset[str]] = MappingProxyType(
    {
        Glibc(major=2, minor=27): frozenset({"exp2f", "expf", "log2f", "logf", "powf"}),
        Glibc(major=2, minor=29): frozenset({"exp", "exp2", "log", "log2", "pow"}),
    }
)
#: The version that the first glibc of an architecture gave to all of its functions; riscv64's is newer than 2.27.
_FIRST_VERSIONS: Mapping[Arch, str] = MappingProxyType(
    {
        Arch.X86_64: "GLIBC_2.2.5",
        Arch.I686: "GLIBC_2.0",
        Arch.AARCH64: "GLIBC_2.17",
        Arch.ARMV7L: "GLIBC_2.4",
        Arch.PPC64LE: "GLIBC_2.17",
        Arch.S390X: "GLIBC_2.2",
        Arch.RISCV64: "GLIBC_2.27",
    }
)
_LOAD, _DYNAMIC, _DYNSYM = 1, 2, 11
#: Tags of the dynamic section (System V gABI; GNU's symbol versions).
_STRINGS, _SYMBOLS, _STRINGS_SIZE, _VERSIONS, _NEEDS = 5, 6, 10, 0x6FFFFFF0, 0x6FFFFFFE
#: The number that means no version.
_ANY_VERSION = 1
_VERSION = re.compile(r"GLIBC_(\d+)\.(\d+)")


def with_older_symbols(library: bytes, arch: Arch, floor: Glibc) -> bytes:
    """Return a shared library that needs no second version newer than `floor`, or the same bytes.

    Args:
        library: the file.
        arch: its architecture.
        floor: the oldest glibc it has to load on.
    """
    first = _FIRST_VERSIONS.get(arch)
    wanted = {
        f"GLIBC_{glibc.major}.{glibc.minor}": names
        for glibc, names in _SECOND_VERSIONS.items()
        if glibc > floor
    }
    if first is None or not any(name.encode() in library for name in wanted):
        return library
    try:
        versions = _Versions(library)
        for need in versions.needs():
            of_libm = need.file == "libm.so.6" and bool(need.symbols)
            if of_libm and set(need.symbols.values()) <= wanted.get(need.version, frozenset()):
                versions.rename(need, first)
    except (struct.error, IndexError, KeyError, ValueError):
        return library  # whoever reads it next says what is wrong with it
    return bytes(versions.data)


def with_free_functions(
    library: bytes, arch: Arch, floor: Glibc, offered: frozenset[str]
) -> tuple[bytes, frozenset[str]]:
    """Return a shared library that asks for functions newer than `floor` without saying of which glibc.

    Only functions that are `offered` elsewhere are asked for in that way, and only where no other function of the same
    version is needed: it would refuse to load anyway.

    Args:
        library: the file.
        arch: its architecture.
        floor: the oldest glibc it has to load on.
        offered: the functions.

    Returns:
        The file, the same bytes where nothing changed, and the functions it now needs from whoever offers them.
    """
    first = _FIRST_VERSIONS.get(arch)
    if first is None or not offered:
        return library, frozenset()
    freed: set[str] = set()
    try:
        versions = _Versions(library)
        for need in versions.needs():
            brought_by = glibc_of_version(need.version)
            if brought_by is None or brought_by <= floor:
                continue
            if need.symbols and set(need.symbols.values()) <= offered and versions.rename(need, first):
                versions.free(need)
                freed.update(need.symbols.values())
    except (struct.error, IndexError, KeyError, ValueError):
        return library, frozenset()  # whoever reads it next says what is wrong with it
    return (bytes(versions.data), frozenset(freed)) if freed else (library, frozenset())


def glibc_of_version(version: str) -> Glibc | None:
    """Return the glibc that brought a version of symbols; ``None`` for one that is not glibc's, or is its private one.

    >>> glibc_of_version("GLIBC_2.34"), glibc_of_version("GLIBC_PRIVATE")
    (Glibc(major=2, minor=34), None)
    """
    found = _VERSION.fullmatch(version)
    return None if found is None else Glibc(major=int(found[1]), minor=int(found[2]))


@dataclass(frozen=True, slots=True)
class _Need:
    """A version of a needed library's symbols: where it is told, and the symbols bound to it by their number."""

    place: int
    file: str
    version: str
    symbols: Mapping[int, str]


class _Versions:
    """The symbol versions that a shared library needs, to be changed in `data`."""

    def __init__(self, library: bytes) -> None:
        self.wide, self.order = library[4] == 2, "<" if library[5] == 1 else ">"
        self.tables = _tables(library, self.wide, self.order)
        strings = self.tables[_STRINGS]
        self.texts = library[strings : strings + self.tables[_STRINGS_SIZE]]
        self.library = library
        self.data = bytearray(library)

    def needs(self) -> Iterator[_Need]:
        """Yield the versions."""
        symbols, at = self._symbols(), self.tables[_NEEDS]
        while True:
            _, count, file, aux, following = struct.unpack_from(f"{self.order}HHIII", self.library, at)
            place = at + aux
            for _ in range(count):
                _, _, number, name, step = struct.unpack_from(f"{self.order}IHHII", self.library, place)
                yield _Need(place, self._text(file), self._text(name), symbols.get(number, {}))
                place += step
            if not following:
                return
            at += following

    def rename(self, need: _Need, version: str) -> bool:
        """Let it be another version that the library names already; tell whether it names it."""
        place = self.texts.find(b"\0" + version.encode() + b"\0") + 1
        if place:
            struct.pack_into(f"{self.order}I", self.data, need.place, _hash(version.encode()))
            struct.pack_into(f"{self.order}I", self.data, need.place + 8, place)
        return bool(place)

    def free(self, need: _Need) -> None:
        """Take the version from its symbols: whoever defines them will do."""
        for index in need.symbols:
            struct.pack_into(f"{self.order}H", self.data, self.tables[_VERSIONS] + index * 2, _ANY_VERSION)

    def _symbols(self) -> dict[int, dict[int, str]]:
        """Return the symbols by the number of their version, each by its own number."""
        found: dict[int, dict[int, str]] = {}
        entry = 24 if self.wide else 16
        count = _symbol_count(self.library, self.wide, self.order, self.tables[_SYMBOLS])
        for index in range(count):
            (name,) = struct.unpack_from(
                f"{self.order}I", self.library, self.tables[_SYMBOLS] + index * entry
            )
            (version,) = struct.unpack_from(
                f"{self.order}H", self.library, self.tables[_VERSIONS] + index * 2
            )
            found.setdefault(version & 0x7FFF, {})[index] = self._text(name)
        return found

    def _text(self, offset: int) -> str:
        return self.texts[offset : self.texts.index(b"\0", offset)].decode()


def _tables(library: bytes, wide: bool, order: str) -> dict[int, int]:
    """Return the values of the dynamic section by tag, addresses as offsets in the file."""
    (start,) = struct.unpack_from(f"{order}Q" if wide else f"{order}I", library, 32 if wide else 28)
    size, count = struct.unpack_from(f"{order}HH", library, 54 if wide else 42)
    loaded: list[tuple[int, int, int]] = []
    dynamic = 0
    for index in range(count):
        at = start + index * size
        if wide:
            kind, _, offset, address, _, length = struct.unpack_from(f"{order}IIQQQQ", library, at)
        else:
            kind, offset, address, _, length = struct.unpack_from(f"{order}IIIII", library, at)
        if kind == _LOAD:
            loaded.append((address, length, offset))
        dynamic = offset if kind == _DYNAMIC else dynamic
    found: dict[int, int] = {}
    pair = struct.Struct(f"{order}qQ" if wide else f"{order}iI")
    for place in range(dynamic, len(library) - pair.size, pair.size):
        tag, value = pair.unpack_from(library, place)
        if tag == 0:
            break
        if tag != _STRINGS_SIZE:
            value = next(
                (value - at + offset for at, length, offset in loaded if at <= value < at + length), value
            )
        found.setdefault(tag, value)
    return found


def _symbol_count(library: bytes, wide: bool, order: str, symbols: int) -> int:
    """Return how many symbols there are, which the section of that name says alone."""
    (start,) = struct.unpack_from(f"{order}Q" if wide else f"{order}I", library, 40 if wide else 32)
    size, count = struct.unpack_from(f"{order}HH", library, 58 if wide else 46)
    form = f"{order}IIQQQQ" if wide else f"{order}6I"
    for index in range(count):
        _, kind, _, _, offset, length = struct.unpack_from(form, library, start + index * size)
        if kind == _DYNSYM and offset == symbols:
            return int(length) // (24 if wide else 16)
    raise ValueError("it has no section with its symbols")


def _hash(name: bytes) -> int:
    """Return the hash of the System V gABI."""
    value = 0
    for byte in name:
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ (high >> 24)) & ~high & 0xFFFFFFFF
    return value
