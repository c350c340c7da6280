"""Changes what an ELF file asks of the dynamic loader: needed libraries, its own name, where to look for libraries.

The new strings, and the dynamic section where it must grow, are put behind the last segment that is loaded, which
becomes longer. So no program header is added or moved, no address changes but that of the string table, and no page
size matters: the bytes lie in a segment that was aligned for the target already. Follows the System V gABI
(https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.dynamic.html); why it is written here and not taken from a
library is told in docs/decisions/0009-grafting.md.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

__all__ = ["ElfEdit", "ElfEditError", "edit_elf"]


class ElfEditError(ValueError):
    """The file cannot be changed that way; the text is a clause that says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ElfEdit:
    """What to change; what is not named stays.

    Attributes:
        needed: new name by old name of a needed library (``DT_NEEDED``, and the versions needed of it); ``None``
            drops it. Names the file does not need are passed over.
        added: further needed libraries, looked for after all others.
        soname: new ``DT_SONAME``; ``None`` leaves it.
        run_path: new ``DT_RUNPATH`` in place of any ``DT_RPATH`` and ``DT_RUNPATH``; empty removes both; ``None``
            leaves them.
    """

    needed: Mapping[str, str | None] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    soname: str | None = None
    run_path: tuple[str, ...] | None = None


def edit_elf(data: bytes, edit: ElfEdit) -> bytes:
    """Return the file with `edit` made; the same input gives the same bytes.

    Strings that nothing refers to any more, such as an old run path, are wiped.

    Args:
        data: a shared object or a program with a dynamic section; 32 or 64 bits, either byte order.
        edit: what to change.

    Returns:
        The changed file; `data` itself when there is nothing to change.

    Raises:
        ElfEditError: it has no dynamic section, is damaged, or is laid out in a way no linker uses.
    """
    try:
        return _Editor(data).edited(edit)
    except (struct.error, IndexError) as error:
        raise ElfEditError("it is damaged: its tables lead out of the file") from error


_PT_LOAD, _PT_DYNAMIC = 1, 2
_PF_W = 2
_SHT_STRTAB, _SHT_DYNAMIC, _SHT_NOBITS, _SHT_DYNSYM, _SHT_PROGBITS = 3, 6, 8, 11, 1
_SHF_ALLOC, _SHF_TLS = 2, 0x400
_DT_NEEDED, _DT_STRTAB, _DT_SYMTAB, _DT_STRSZ = 1, 5, 6, 10
_DT_SONAME, _DT_RPATH, _DT_RUNPATH = 14, 15, 29
_DT_VERDEF, _DT_VERDEFNUM, _DT_VERNEED, _DT_VERNEEDNUM = 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
#: Tags whose value is a string: NEEDED, SONAME, RPATH, RUNPATH, CONFIG, DEPAUDIT, AUDIT, AUXILIARY, FILTER.
_STRING_TAGS = frozenset([1, 14, 15, 29, 0x6FFFFEFA, 0x6FFFFEFB, 0x6FFFFEFC, 0x7FFFFFFD, 0x7FFFFFFF])
#: What a string table and a dynamic section are aligned to, enough for either class.
_ALIGNMENT = 16


@dataclass(slots=True)
class _Segment:
    type: int
    flags: int
    offset: int
    address: int
    physical: int
    size: int
    memory_size: int
    alignment: int

    @property
    def end(self) -> int:
        return self.address + self.memory_size

    def holds(self, address: int) -> bool:
        return self.address <= address < self.end


@dataclass(slots=True)
class _Section:
    name: int
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int


def _up(value: int, alignment: int) -> int:
    return -(-value // max(alignment, 1)) * max(alignment, 1)


class _Editor:
    """One file, taken apart; `edited` puts it together again."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 52 or data[:4] != b"\x7fELF" or data[4] not in (1, 2) or data[5] not in (1, 2):
            raise ElfEditError("it is no ELF file")
        self.source = data
        self.data = bytearray(data)
        self.wide = data[4] == 2
        self.order = "<" if data[5] == 1 else ">"
        word = "Q" if self.wide else "I"
        self.header = struct.Struct(f"{self.order}HHI{word}{word}{word}IHHHHHH")
        self.header_fields = list(self.header.unpack_from(data, 16))
        self.pair = struct.Struct(self.order + word * 2)
        self.program = struct.Struct(self.order + ("IIQQQQQQ" if self.wide else "IIIIIIII"))
        self.heading = struct.Struct(self.order + ("IIQQQQIIQQ" if self.wide else "IIIIIIIIII"))
        self.segments = [self._segment(i) for i in range(self.header_fields[9])]
        self.sections = self._sections()
        self._read_dynamic()

    # Reading.

    def _segment(self, index: int) -> _Segment:
        fields = self.program.unpack_from(self.source, self.header_fields[4] + index * self.header_fields[8])
        if self.wide:
            return _Segment(*fields)
        kind, offset, address, physical, size, memory_size, flags, alignment = fields
        return _Segment(kind, flags, offset, address, physical, size, memory_size, alignment)

    def _sections(self) -> list[_Section]:
        start, size, count = self.header_fields[5], self.header_fields[10], self.header_fields[11]
        # Section headers are optional in a file that is only loaded.
        if not start or start >= len(self.source):
            return []
        count = count or self.heading.unpack_from(self.source, start)[5]
        return [_Section(*self.heading.unpack_from(self.source, start + i * size)) for i in range(count)]

    def _read_dynamic(self) -> None:
        found = next((s for s in self.segments if s.type == _PT_DYNAMIC and s.size), None)
        if found is None:
            raise ElfEditError("it has no dynamic section")
        self.dynamic = found
        self.entries: list[tuple[int, int]] = []
        self.capacity = found.size // self.pair.size
        for index in range(self.capacity):
            tag, value = self.pair.unpack_from(self.source, found.offset + index * self.pair.size)
            if tag == 0:
                break
            self.entries.append((tag, value))
        tags = dict(reversed(self.entries))
        if _DT_STRTAB not in tags or _DT_STRSZ not in tags:
            raise ElfEditError("it has no dynamic string table")
        self.tags = tags
        self.strings_offset = self._offset(tags[_DT_STRTAB])
        self.strings = bytearray(self.source[self.strings_offset : self.strings_offset + tags[_DT_STRSZ]])

    def _offset(self, address: int) -> int:
        for segment in self.segments:
            if segment.type == _PT_LOAD and segment.address <= address < segment.address + segment.size:
                return address - segment.address + segment.offset
        raise ElfEditError(f"address {address:#x} is in none of its segments")

    def _text(self, offset: int) -> str:
        end = self.strings.find(b"\0", offset)
        if end < 0:
            raise ElfEditError("a string runs past its table")
        return self.strings[offset:end].decode("utf-8", "surrogateescape")

    def _version_needs(self) -> Iterator[tuple[int, list[int]]]:
        """Yield where each needed library's versions are told in the file, and where each of its versions."""
        yield from self._versions(
            _DT_VERNEED, _DT_VERNEEDNUM, struct.Struct(self.order + "HHIII"), (1, 3, 4), 12
        )

    def _version_definitions(self) -> Iterator[tuple[int, list[int]]]:
        layout = struct.Struct(self.order + "HHHHIII")
        yield from self._versions(_DT_VERDEF, _DT_VERDEFNUM, layout, (3, 5, 6), 4)

    def _versions(
        self, tag: int, number: int, layout: struct.Struct, fields: tuple[int, int, int], next_at: int
    ) -> Iterator[tuple[int, list[int]]]:
        if tag not in self.tags:
            return
        offset = self._offset(self.tags[tag])
        link = struct.Struct(self.order + "I")
        for _ in range(self.tags.get(number, 0)):
            row = layout.unpack_from(self.source, offset)
            count, auxiliary, step = (row[i] for i in fields)
            places, position = [], offset + auxiliary
            for _ in range(count):
                places.append(position)
                position += link.unpack_from(self.source, position + next_at)[0]
            yield offset, places
            if not step:
                return
            offset += step

    # Changing.

    def edited(self, edit: ElfEdit) -> bytes:
        entries = self._changed_entries(edit)
        renamed = self._rename_version_needs(edit)
        if entries == self.entries and not renamed:
            return self.source
        self._wipe(entries)
        added = len(self.strings) != self.tags[_DT_STRSZ]
        longer = len(entries) + 1 > self.capacity
        if added or longer:
            entries = self._append(entries, dynamic_too=longer)
        else:
            self._put(self.strings_offset, self.strings)
        table = b"".join(self.pair.pack(*entry) for entry in entries)
        self._put(self.dynamic.offset, table.ljust(self.dynamic.size, b"\0"))
        self._write_headers()
        return bytes(self.data)

    def _changed_entries(self, edit: ElfEdit) -> list[tuple[int, int]]:
        entries: list[tuple[int, int]] = []
        names: set[str] = set()
        for tag, value in self.entries:
            if tag == _DT_NEEDED:
                old = self._text(value)
                new = edit.needed.get(old, old)
                if new is None or new in names:
                    continue
                names.add(new)
                entries.append((tag, value if new == old else self._string(new)))
            elif (tag in (_DT_RPATH, _DT_RUNPATH) and edit.run_path is not None) or (
                tag == _DT_SONAME and edit.soname is not None
            ):
                continue
            else:
                entries.append((tag, value))
        entries += [(_DT_NEEDED, self._string(name)) for name in edit.added if name not in names]
        if edit.soname is not None:
            entries.append((_DT_SONAME, self._string(edit.soname)))
        if edit.run_path:
            entries.append((_DT_RUNPATH, self._string(":".join(edit.run_path))))
        return self.entries if self._says(entries) == self._says(self.entries) else entries

    def _says(self, entries: list[tuple[int, int]]) -> list[tuple[int, int | str]]:
        return sorted(
            ((tag, self._text(value) if tag in _STRING_TAGS else value) for tag, value in entries), key=str
        )

    def _rename_version_needs(self, edit: ElfEdit) -> bool:
        word = struct.Struct(self.order + "I")
        renamed = False
        for place, _ in self._version_needs():
            old = self._text(word.unpack_from(self.source, place + 4)[0])
            new = edit.needed.get(old, old)
            if new is None:
                raise ElfEditError(f"it is bound to versions of {old}, so it needs that library")
            if new != old:
                word.pack_into(self.data, place + 4, self._string(new))
                renamed = True
        return renamed

    def _string(self, text: str) -> int:
        """Return the offset of `text` in the string table, adding it where it is not the end of any string there."""
        body = text.encode("utf-8", "surrogateescape") + b"\0"
        if len(body) < 2 or b"\0" in body[:-1]:
            raise ElfEditError(f"{text!r} cannot be a name in an ELF file")
        found = self.strings.find(body)
        if found < 0:
            found = len(self.strings)
            self.strings += body
        return found

    def _wipe(self, entries: list[tuple[int, int]]) -> None:
        """Overwrite strings that only the old entries referred to."""
        used = self._references(entries)
        if used is None:
            return
        for tag, value in self.entries:
            if tag not in _STRING_TAGS or value in used or (value and self.strings[value - 1]):
                continue
            # Linkers let one string be the end of another.
            end = min((u for u in used if u > value), default=len(self.strings))
            end = min(end, self.strings.find(b"\0", value))
            self.strings[value:end] = bytes(end - value)

    def _references(self, entries: list[tuple[int, int]]) -> set[int] | None:
        word = struct.Struct(self.order + "I")
        used = {value for tag, value in entries if tag in _STRING_TAGS}
        for place, versions in self._version_needs():
            used.add(word.unpack_from(self.data, place + 4)[0])
            used.update(word.unpack_from(self.data, at + 8)[0] for at in versions)
        for _, versions in self._version_definitions():
            used.update(word.unpack_from(self.data, at)[0] for at in versions)
        if _DT_SYMTAB in self.tags:
            symbols = next((s for s in self.sections if s.type == _SHT_DYNSYM), None)
            if symbols is None:
                return None
            size = 24 if self.wide else 16
            used.update(
                word.unpack_from(self.data, at)[0]
                for at in range(symbols.offset, symbols.offset + symbols.size, size)
            )
        return used

    def _append(self, entries: list[tuple[int, int]], *, dynamic_too: bool) -> list[tuple[int, int]]:
        """Put the strings, and the dynamic section if it must grow, behind the last segment."""
        size = (len(entries) + 1) * self.pair.size if dynamic_too else 0
        strings_at = _up(size, _ALIGNMENT)
        old, old_size = self.tags[_DT_STRTAB], self.tags[_DT_STRSZ]
        self._put(self.strings_offset, bytes(old_size))
        address, offset = self._grow(strings_at + len(self.strings), writable=dynamic_too)
        self._put(offset + strings_at, self.strings)
        for section in self.sections:
            if section.type == _SHT_STRTAB and section.flags & _SHF_ALLOC and section.address == old:
                section.address, section.offset = address + strings_at, offset + strings_at
                section.size = len(self.strings)
            elif section.type == _SHT_DYNAMIC and dynamic_too:
                section.address, section.offset, section.size = address, offset, size
        if dynamic_too:
            moved = self.dynamic
            self._put(moved.offset, bytes(moved.size))
            moved.address = moved.physical = address
            moved.offset, moved.size, moved.memory_size = offset, size, size
        changes = {_DT_STRTAB: address + strings_at, _DT_STRSZ: len(self.strings)}
        return [(tag, changes.get(tag, value)) for tag, value in entries]

    def _grow(self, size: int, *, writable: bool) -> tuple[int, int]:
        """Make the last loaded segment `size` bytes longer; return address and offset of the new bytes."""
        loaded = [s for s in self.segments if s.type == _PT_LOAD]
        last = max(loaded, key=lambda s: s.address)
        if any(s.end > last.address for s in loaded if s is not last):
            raise ElfEditError("its segments overlap")
        # The loader writes into the dynamic section of a file that was linked for it.
        if writable and self.dynamic.flags & _PF_W and not last.flags & _PF_W:
            raise ElfEditError("its last segment cannot be written to")
        start = _up(last.end, _ALIGNMENT)
        file_size = start - last.address + size
        if last.size == 0:
            # Nothing of it is in the file yet, so its place there is free to choose.
            here = len(self.data)
            last.offset = here + (last.address - here) % max(last.alignment, _ALIGNMENT)
            shift_from, delta = last.offset, 0
            self.data += bytes(last.offset - here + file_size)
        else:
            shift_from = last.offset + last.size
            delta = self._make_room(loaded, last, file_size - last.size)
        self._move_sections(last, shift_from, delta)
        last.size = last.memory_size = file_size
        return start, last.offset + start - last.address

    def _make_room(self, loaded: list[_Segment], last: _Segment, size: int) -> int:
        end = last.offset + last.size
        if end > len(self.data):
            raise ElfEditError("it is cut off")
        for section in self.sections:
            if section.type not in (0, _SHT_NOBITS) and section.offset < end < section.offset + section.size:
                raise ElfEditError("a section crosses the end of its last segment")
        headers = self.header_fields
        for start, length in (
            (headers[4], headers[8] * headers[9]),
            (headers[5], headers[10] * len(self.sections)),
        ):
            if start < end < start + length:
                raise ElfEditError("a header table crosses the end of its last segment")
        alignments = [s.alignment for s in self.sections if s.offset >= end and s.type]
        # A segment's place in the file and in memory agree modulo its alignment, which must stay so.
        alignments += [s.alignment for s in loaded if s is not last and s.offset >= end]
        delta = _up(size, max([_ALIGNMENT, *alignments]))
        self.data[end:end] = bytes(delta)
        for segment in self.segments:
            if segment.offset >= end and segment is not last and not last.holds(segment.address):
                segment.offset += delta
        for position in (4, 5):
            if headers[position] >= end:
                headers[position] += delta
        return delta

    def _move_sections(self, last: _Segment, shift_from: int, delta: int) -> None:
        for section in self.sections:
            inside = section.flags & _SHF_ALLOC and last.address <= section.address <= last.end
            if inside:
                if section.type == _SHT_NOBITS and not section.flags & _SHF_TLS:
                    # Its zeros are in the file now.
                    section.type = _SHT_PROGBITS
                    section.offset = last.offset + section.address - last.address
            elif section.offset >= shift_from and section.type:
                section.offset += delta

    # Writing.

    def _put(self, offset: int, body: bytes | bytearray) -> None:
        self.data[offset : offset + len(body)] = body

    def _write_headers(self) -> None:
        fields = self.header_fields
        self.header.pack_into(self.data, 16, *fields)
        for index, s in enumerate(self.segments):
            rest = (s.offset, s.address, s.physical, s.size, s.memory_size)
            row = (
                (s.type, s.flags, *rest, s.alignment) if self.wide else (s.type, *rest, s.flags, s.alignment)
            )
            self.program.pack_into(self.data, fields[4] + index * fields[8], *row)
        for index, c in enumerate(self.sections):
            self.heading.pack_into(
                self.data, fields[5] + index * fields[10],
                c.name, c.type, c.flags, c.address, c.offset, c.size, c.link, c.info, c.alignment, c.entry_size,
            )  # fmt: skip
