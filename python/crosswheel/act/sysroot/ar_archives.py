"""Archives of object files (ar(5)): their members, and the same archive with its symbols hidden.

A symbol of a static library that an extension module exports can take the place of another module's (two OpenSSLs in
one process), so every symbol an archive defines is made ``STV_HIDDEN``: modules still link to it, none exports it.
GNU's linker does that with ``--exclude-libs``, zig's has no such option (https://github.com/ziglang/zig/issues/15113).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["ArMember", "ArchiveFormatError", "ObjectSymbols", "ar_members", "hide_symbols", "object_symbols"]

_MAGIC = b"!<arch>\n"
_THIN = b"!<thin>\n"
_HEADER = 60
_SYMTAB, _DYNSYM = 2, 11
_GLOBAL, _WEAK = 1, 2
_HIDDEN = 2


class ArchiveFormatError(ValueError):
    """The file is not what it is taken for; its text is a clause."""


@dataclass(frozen=True, slots=True)
class ArMember:
    """A member: its name, where its data begins in the archive, and its data."""

    name: str
    offset: int
    data: bytes


@dataclass(slots=True)
class ObjectSymbols:
    """The global symbols of one ELF file.

    Attributes:
        machine: ELF machine number and whether it is 64-bit and little-endian.
        defined: names it defines.
        undefined: names it needs, but for weak references.
        places: where in the file the visibility of each defined symbol stands.
    """

    machine: tuple[int, bool, bool] = (0, True, True)
    defined: set[str] = field(default_factory=set)
    undefined: set[str] = field(default_factory=set)
    places: list[int] = field(default_factory=list)


def ar_members(data: bytes) -> Iterator[ArMember]:
    """Yield the members of an archive, but for its symbol index and its table of names.

    Raises:
        ArchiveFormatError: it is no archive, a thin one, or cut short.
    """
    if data.startswith(_THIN):
        raise ArchiveFormatError("it is a thin archive, whose members are elsewhere")
    if not data.startswith(_MAGIC):
        raise ArchiveFormatError("it is no ar archive")
    offset, names = len(_MAGIC), b""
    while offset + _HEADER <= len(data):
        header = data[offset : offset + _HEADER]
        if header[58:60] != b"`\n":
            raise ArchiveFormatError(f"there is no member at byte {offset}")
        try:
            size = int(header[48:58])
        except ValueError:
            raise ArchiveFormatError(f"the member at byte {offset} has no size") from None
        begin = offset + _HEADER
        if begin + size > len(data):
            raise ArchiveFormatError("it is cut short")
        name, body = header[:16].rstrip(), data[begin : begin + size]
        offset = begin + size + size % 2
        if name == b"//":
            names = body
        elif name in {b"/", b"/SYM64/"}:
            continue
        elif name.startswith(b"#1/"):  # BSD's way
            length = int(name[3:])
            yield ArMember(
                body[:length].rstrip(b"\0").decode(errors="replace"), begin + length, body[length:]
            )
        else:
            if name[:1] == b"/" and name[1:].isdigit():
                name = names[int(name[1:]) :].partition(b"\n")[0]
            yield ArMember(name.rstrip(b"/").decode(errors="replace"), begin, body)


def object_symbols(data: bytes) -> ObjectSymbols | None:
    """Return the global symbols of an ELF object (its symbol table) or shared library (its dynamic one).

    Returns:
        ``None`` for what is no ELF file.

    Raises:
        ArchiveFormatError: its tables lead out of it.
    """
    if data[:4] != b"\x7fELF":
        return None
    try:
        return _symbols(data)
    except (struct.error, IndexError, ValueError):
        raise ArchiveFormatError("an object file in it is damaged: its tables lead out of the file") from None


def _symbols(data: bytes) -> ObjectSymbols:
    wide, little = data[4] == 2, data[5] == 1
    order = "<" if little else ">"
    (kind, machine) = struct.unpack_from(f"{order}HH", data, 16)
    found = ObjectSymbols(machine=(machine, wide, little))
    sections, size, count = (
        (struct.unpack_from(f"{order}Q", data, 40)[0], *struct.unpack_from(f"{order}HH", data, 58))
        if wide
        else (struct.unpack_from(f"{order}I", data, 32)[0], *struct.unpack_from(f"{order}HH", data, 46))
    )
    if sections and not count:  # more sections than fit: the first one holds their number
        count = struct.unpack_from(
            f"{order}Q" if wide else f"{order}I", data, sections + (32 if wide else 20)
        )[0]
    form = f"{order}IIQQQQIIQQ" if wide else f"{order}10I"
    heads = [struct.unpack_from(form, data, sections + index * size) for index in range(count)]
    wanted = _DYNSYM if kind == 3 else _SYMTAB
    table = next((head for head in heads if head[1] == wanted), None)
    if table is None:
        return found
    offset, length, strings = table[4], table[5], heads[table[6]]
    texts = data[strings[4] : strings[4] + strings[5]]
    entry = 24 if wide else 16
    for place in range(offset + entry, offset + length, entry):
        if wide:
            name, info, other, section = struct.unpack_from(f"{order}IBBH", data, place)
        else:
            name, _, _, info, other, section = struct.unpack_from(f"{order}IIIBBH", data, place)
        if info >> 4 not in {_GLOBAL, _WEAK, 10}:  # 10 is GNU's unique
            continue
        text = texts[name : texts.index(b"\0", name)].decode(errors="replace")
        if section == 0:
            if info >> 4 == _GLOBAL:
                found.undefined.add(text)
        else:
            found.defined.add(text)
            if other & 3 == 0:
                found.places.append(place + (5 if wide else 13))
    return found


def hide_symbols(archive: bytes) -> bytes:
    """Return the archive with every symbol its members define made hidden.

    Raises:
        ArchiveFormatError: it is none.
    """
    result = bytearray(archive)
    for member in ar_members(archive):
        symbols = object_symbols(member.data)
        for place in () if symbols is None else symbols.places:
            result[member.offset + place] |= _HIDDEN
    return bytes(result)
