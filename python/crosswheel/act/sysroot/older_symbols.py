"""Shared libraries bound to the older version of functions that glibc has in two, where that is the same to a library.

glibc 2.27 and 2.29 gave some functions of libm a new version, without the error handling of System V that no
program compiled since can ask for. A library that needs the new one for no other reason loads on an older glibc when
the name of the version in it is the old one's.
https://sourceware.org/git/?p=glibc.git;a=blob;f=NEWS (2.27 and 2.29: "no longer ... SVID error handling")
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from types import MappingProxyType

from crosswheel.values.platforms import Arch, Glibc

__all__ = ["with_older_symbols"]

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
        return _rebound(library, wanted, first.encode())
    except (struct.error, IndexError, KeyError, ValueError):
        return library  # whoever reads it next says what is wrong with it


def _rebound(library: bytes, wanted: Mapping[str, frozenset[str]], first: bytes) -> bytes:
    wide, order = library[4] == 2, "<" if library[5] == 1 else ">"
    tables = _tables(library, wide, order)
    strings, versions = tables[_STRINGS], tables[_VERSIONS]
    texts = library[strings : strings + tables[_STRINGS_SIZE]]
    place = texts.find(b"\0" + first + b"\0") + 1

    def text(offset: int) -> str:
        return texts[offset : texts.index(b"\0", offset)].decode()

    result = bytearray(library)
    entry = 24 if wide else 16
    used: dict[int, set[str]] = {}
    for index in range(_symbol_count(library, wide, order, tables[_SYMBOLS])):
        (name,) = struct.unpack_from(f"{order}I", library, tables[_SYMBOLS] + index * entry)
        (version,) = struct.unpack_from(f"{order}H", library, versions + index * 2)
        used.setdefault(version & 0x7FFF, set()).add(text(name))
    at = tables[_NEEDS]
    while place:
        _, count, file, aux, following = struct.unpack_from(f"{order}HHIII", library, at)
        inner = at + aux
        for _ in range(count if text(file) == "libm.so.6" else 0):
            _, _, other, name, step = struct.unpack_from(f"{order}IHHII", library, inner)
            if used.get(other, {""}) <= wanted.get(text(name), frozenset()):
                struct.pack_into(f"{order}I", result, inner, _hash(first))
                struct.pack_into(f"{order}I", result, inner + 8, place)
            inner += step
        if not following:
            break
        at += following
    return bytes(result)


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
