"""What an ELF file says of itself: machine, needed libraries, dynamic symbols and their versions, notes.

Refuses to know what is right for a target; `elf_checks` judges. Follows the System V gABI and the
GNU extensions for symbol versions (https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from enum import IntEnum

from .byte_reader import ByteReader, DamagedBinaryError
from .file_bytes import PartBytes
from .symbol_names import CompactNames

__all__ = [
    "Elf",
    "ElfType",
    "Machine",
    "UndefinedSymbol",
    "VersionNeed",
    "parse_elf",
    "parse_elf_header",
    "program_loader",
]


class Machine(IntEnum):
    """The ``e_machine`` values that have a name here."""

    I386 = 3
    PPC64 = 21
    S390 = 22
    ARM = 40
    X86_64 = 62
    AARCH64 = 183
    CUDA = 190
    AMDGPU = 224
    RISCV = 243
    BPF = 247


class ElfType(IntEnum):
    """The ``e_type`` values of interest."""

    RELOCATABLE = 1
    EXECUTABLE = 2
    SHARED = 3


@dataclass(frozen=True, slots=True)
class UndefinedSymbol:
    """A dynamic symbol the file expects from another one.

    Attributes:
        name: the symbol.
        version: the symbol version it is bound to, e.g. ``GLIBC_2.17``; ``None`` without one.
        library: the needed library that version belongs to.
        weak: the file loads without it.
    """

    name: str
    version: str | None
    library: str | None
    weak: bool


@dataclass(frozen=True, slots=True)
class VersionNeed:
    """One symbol version that a needed library must define, or the file does not load."""

    library: str
    version: str
    weak: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Elf:
    """One ELF file.

    Attributes:
        bits: 32 or 64.
        byteorder: ``"little"`` or ``"big"``.
        machine: ``e_machine``.
        flags: ``e_flags``.
        os_abi: ``EI_OSABI``.
        type: ``e_type``.
        dynamic: it has a dynamic section.
        needed: ``DT_NEEDED``, in order.
        soname: ``DT_SONAME``.
        run_paths: entries of ``DT_RPATH`` and ``DT_RUNPATH``.
        interpreter: ``PT_INTERP``, the program loader.
        undefined: dynamic symbols expected from elsewhere.
        defined: names of the dynamic symbols it offers.
        version_needs: the symbol versions its libraries must define.
        executable_stack: it asks for an executable stack.
        text_relocations: it must be relocated in its code (``DT_TEXTREL``).
        debug_sections: names of its DWARF sections.
        code_size: bytes of its executable sections; ``None`` where its section headers are stripped. Not of its
            executable segments, where some linkers put read-only data as well.
        functions: how many functions its unwind table (``PT_GNU_EH_FRAME``) knows; ``None`` without one.
        x86_isa: bits of ``GNU_PROPERTY_X86_ISA_1_NEEDED``.
        comment: the strings of its ``.comment`` section, i.e. the compilers.
    """

    bits: int
    byteorder: str
    machine: int
    flags: int
    type: int
    os_abi: int = 0
    dynamic: bool = False
    needed: tuple[str, ...] = ()
    soname: str | None = None
    run_paths: tuple[str, ...] = ()
    interpreter: str | None = None
    undefined: tuple[UndefinedSymbol, ...] = ()
    defined: AbstractSet[str] = field(default_factory=frozenset)
    version_needs: tuple[VersionNeed, ...] = ()
    executable_stack: bool = False
    text_relocations: bool = False
    debug_sections: tuple[str, ...] = ()
    code_size: int | None = None
    functions: int | None = None
    x86_isa: int = 0
    comment: tuple[str, ...] = ()


_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_PT_GNU_EH_FRAME, _PT_GNU_STACK, _PT_GNU_PROPERTY = 0x6474E550, 0x6474E551, 0x6474E553
# Of the DWARF pointer encodings, the size is in the low four bits: four bytes, unsigned or signed.
_FOUR_BYTES = (0x3, 0xB)
_PF_X = 1
_SHT_NOBITS, _SHT_DYNSYM = 8, 11
_SHF_EXECINSTR = 4
_DT_NEEDED, _DT_HASH, _DT_STRTAB, _DT_SYMTAB, _DT_STRSZ = 1, 4, 5, 6, 10
_DT_SONAME, _DT_RPATH, _DT_TEXTREL, _DT_RUNPATH, _DT_FLAGS = 14, 15, 22, 29, 30
_DT_GNU_HASH, _DT_VERSYM, _DT_VERNEED, _DT_VERNEEDNUM = 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFFE, 0x6FFFFFFF
_DF_TEXTREL = 4
_STB_LOCAL, _STB_WEAK = 0, 2
_VER_FLG_WEAK = 2
_NT_GNU_PROPERTY = 5
_X86_ISA_1_NEEDED = 0xC0008002


@dataclass(frozen=True, slots=True)
class _Segment:
    type: int
    flags: int
    offset: int
    address: int
    size: int
    memory_size: int


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    type: int
    flags: int
    offset: int
    size: int


_OTHER_ORDER = {1: "big", 2: "little"}
_CURRENT_VERSION, _SWAPPED_VERSION = 1, 0x01000000


def parse_elf(data: PartBytes, *, compact: bool = False) -> Elf:
    """Read an ELF file.

    Args:
        data: the whole file.
        compact: keep what it defines as `CompactNames`.

    Returns:
        What it says of itself.

    Raises:
        DamagedBinaryError: it is truncated or contradicts itself.
    """
    return _Reader(data, compact=compact).read()


def parse_elf_header(head: bytes) -> Elf:
    """Read what the header alone says: class, byte order, machine, flags and type.

    Args:
        head: the file's first bytes, 64 of them or all there are.

    Raises:
        DamagedBinaryError: they are no ELF header.
    """
    return _Reader(head).identity()


def program_loader(head: bytes) -> str | None:
    """Return the program loader that a file asks for by its first bytes; ``None`` where these name none, or are damaged."""
    try:
        return _Reader(head).interpreter()
    except DamagedBinaryError:
        return None


class _Reader:
    """Reads one file; every offset comes from the file and goes through a `ByteReader` or is cut off by slicing."""

    def __init__(self, data: PartBytes, *, compact: bool = False) -> None:
        if len(data) < (64 if data[4:5] == b"\2" else 52) or data[:4] != b"\x7fELF":
            raise DamagedBinaryError("it is shorter than an ELF header")
        if data[4] not in (1, 2) or data[5] not in (1, 2):
            raise DamagedBinaryError("its class or byte order is none that ELF defines")
        self.data, self.compact = data, compact
        self.wide = data[4] == 2
        self.order = "<" if data[5] == 1 else ">"
        self.reader = ByteReader(data, self.order)
        word = "Q" if self.wide else "I"
        header = self.reader.numbers(f"HHI{word}{word}{word}IHHHHHH", 16)
        self.type, self.machine, version, _, self.phoff, self.shoff, self.flags, _, *rest = header
        self.phentsize, self.phnum, self.shentsize, self.shnum, self.shstrndx = rest
        if version == _SWAPPED_VERSION:
            raise DamagedBinaryError(
                f"its numbers are {_OTHER_ORDER[data[5]]}-endian, which its header denies"
            )
        if version != _CURRENT_VERSION:
            raise DamagedBinaryError(f"it is of version {version}, which no ELF is")
        #: Where the dynamic strings are: offset and end.
        self.strings = (0, 0)

    def identity(self) -> Elf:
        """Return what the header says."""
        return Elf(
            bits=64 if self.wide else 32,
            byteorder="little" if self.order == "<" else "big",
            machine=self.machine,
            flags=self.flags,
            type=self.type,
            os_abi=self.data[7],
        )

    def read(self) -> Elf:
        self.segments: list[_Segment] = []
        for segment in self._segments():
            if segment.type == _PT_LOAD and segment.offset + segment.size > len(self.data):
                raise DamagedBinaryError("a segment of it ends after the file does")
            self.segments.append(segment)
        sections = self._sections()
        dynamic = self._dynamic()
        tags = dict(reversed(dynamic))
        self.strings = self._dynamic_strings(tags)
        needs, versions = self._version_needs(tags)
        undefined, defined = self._symbols(tags, sections, versions)
        run_paths = (v for tag, v in dynamic if tag in (_DT_RPATH, _DT_RUNPATH))
        return replace(
            self.identity(),
            dynamic=bool(dynamic),
            needed=tuple(self._string(value) for tag, value in dynamic if tag == _DT_NEEDED),
            soname=self._string(tags[_DT_SONAME]) if _DT_SONAME in tags else None,
            run_paths=tuple(path for value in run_paths for path in self._string(value).split(":") if path),
            interpreter=self.interpreter(),
            undefined=undefined,
            defined=defined,
            version_needs=needs,
            executable_stack=any(s.type == _PT_GNU_STACK and s.flags & _PF_X for s in self.segments),
            text_relocations=_DT_TEXTREL in tags or bool(tags.get(_DT_FLAGS, 0) & _DF_TEXTREL),
            debug_sections=tuple(
                s.name for s in sections if s.name.startswith((".debug_", ".zdebug_")) and s.size
            ),
            code_size=_code_size(sections),
            functions=self._functions(),
            x86_isa=self._x86_isa(),
            comment=self._comment(sections),
        )

    def _segments(self) -> Iterator[_Segment]:
        layout = "IIQQQQQQ" if self.wide else "IIIIIIII"
        for index in range(self.phnum):
            fields = self.reader.numbers(layout, self.phoff + index * self.phentsize)
            if self.wide:
                kind, flags, offset, address, _, size, memory_size, _ = fields
            else:
                kind, offset, address, _, size, memory_size, flags, _ = fields
            yield _Segment(kind, flags, offset, address, size, memory_size)

    def _sections(self) -> tuple[_Section, ...]:
        # Section headers are optional in a loadable file, and some packers leave a dangling offset.
        if not self.shoff or self.shoff >= len(self.data):
            return ()
        layout = "IIQQQQIIQQ" if self.wide else "IIIIIIIIII"
        count, names_index = self.shnum, self.shstrndx
        first = self.reader.numbers(layout, self.shoff)
        count = count or first[5]
        names_index = first[6] if names_index == 0xFFFF else names_index
        if count * self.shentsize > len(self.data):
            raise DamagedBinaryError("its section table is larger than the file")
        raw = [self.reader.numbers(layout, self.shoff + i * self.shentsize) for i in range(count)]
        if names_index >= len(raw):
            return ()
        start, size = raw[names_index][4:6]
        return tuple(
            _Section(self.reader.text(start + r[0], start + size), r[1], r[2], r[4], r[5]) for r in raw
        )

    def _offset(self, address: int) -> int:
        for segment in self.segments:
            if segment.type == _PT_LOAD and segment.address <= address < segment.address + segment.size:
                return address - segment.address + segment.offset
        raise DamagedBinaryError(f"address {address:#x} is in none of its segments")

    def _dynamic(self) -> list[tuple[int, int]]:
        segment = next((s for s in self.segments if s.type == _PT_DYNAMIC), None)
        if segment is None or not segment.size:
            return []
        layout = struct.Struct(self.order + ("QQ" if self.wide else "II"))
        body = self.data[segment.offset : segment.offset + segment.size]
        entries = []
        for tag, value in layout.iter_unpack(body[: len(body) - len(body) % layout.size]):
            if tag == 0:
                break
            entries.append((tag, value))
        return entries

    def _dynamic_strings(self, tags: dict[int, int]) -> tuple[int, int]:
        if _DT_STRTAB not in tags:
            return 0, 0
        start = self._offset(tags[_DT_STRTAB])
        return start, start + tags.get(_DT_STRSZ, 0)

    def _string(self, offset: int) -> str:
        start, end = self.strings
        return self.reader.text(start + offset, end)

    def _version_needs(self, tags: dict[int, int]) -> tuple[tuple[VersionNeed, ...], dict[int, VersionNeed]]:
        if _DT_VERNEED not in tags:
            return (), {}
        needs: list[VersionNeed] = []
        by_index: dict[int, VersionNeed] = {}
        offset = self._offset(tags[_DT_VERNEED])
        for _ in range(tags.get(_DT_VERNEEDNUM, 0)):
            _, count, library, auxiliary, step = self.reader.numbers("HHIII", offset)
            position = offset + auxiliary
            for _ in range(count):
                _, flags, index, name, next_step = self.reader.numbers("IHHII", position)
                need = VersionNeed(self._string(library), self._string(name), bool(flags & _VER_FLG_WEAK))
                needs.append(need)
                by_index[index & 0x7FFF] = need
                position += next_step
            if not step:
                break
            offset += step
        return tuple(needs), by_index

    def _symbols(
        self,
        tags: dict[int, int],
        sections: tuple[_Section, ...],
        versions: dict[int, VersionNeed],
    ) -> tuple[tuple[UndefinedSymbol, ...], AbstractSet[str]]:
        if _DT_SYMTAB not in tags:
            return (), frozenset()
        layout = struct.Struct(self.order + ("IBBHQQ" if self.wide else "IIIBBH"))
        start = self._offset(tags[_DT_SYMTAB])
        count = self._symbol_count(tags, sections, layout.size)
        body = self.reader.part(start, count * layout.size)
        indexes: tuple[int, ...] = ()
        if _DT_VERSYM in tags:
            indexes = self.reader.numbers(f"{count}H", self._offset(tags[_DT_VERSYM]))
        info_at, section_at = (1, 3) if self.wide else (3, 5)
        undefined: list[UndefinedSymbol] = []
        defined: set[str] | CompactNames = CompactNames() if self.compact else set()
        for number, entry in enumerate(layout.iter_unpack(body)):
            binding = entry[info_at] >> 4
            if binding == _STB_LOCAL or not entry[0]:
                continue
            name = self._string(entry[0])
            if entry[section_at]:
                defined.add(name)
                continue
            need = versions.get(indexes[number] & 0x7FFF) if indexes else None
            undefined.append(
                UndefinedSymbol(
                    name, need.version if need else None, need.library if need else None, binding == _STB_WEAK
                )
            )
        return tuple(undefined), frozenset(defined) if isinstance(defined, set) else defined

    def _symbol_count(self, tags: dict[int, int], sections: tuple[_Section, ...], entry_size: int) -> int:
        # The section header is exact; a stripped-off section table leaves the hash tables, and a GNU hash
        # without exports counts no symbol at all, which leaves the distance to the string table.
        for section in sections:
            if section.type == _SHT_DYNSYM:
                return section.size // entry_size
        if _DT_HASH in tags:
            # https://refspecs.linuxfoundation.org/ELF/zSeries/lzsabi0_zSeries.html: 64-bit entries on s390x.
            wide = self.machine == Machine.S390 and self.wide
            return self.reader.numbers("QQ" if wide else "II", self._offset(tags[_DT_HASH]))[1]
        if tags.get(_DT_STRTAB, 0) > tags[_DT_SYMTAB]:
            return (tags[_DT_STRTAB] - tags[_DT_SYMTAB]) // entry_size
        raise DamagedBinaryError("the length of its dynamic symbol table cannot be known")

    def interpreter(self) -> str | None:
        """Return the program loader that it asks for, if that is named within the bytes there are."""
        segment = next((s for s in self._segments() if s.type == _PT_INTERP), None)
        if segment is None or segment.offset + segment.size > len(self.data):
            return None
        name = self.data[segment.offset : segment.offset + segment.size]
        return name.rstrip(b"\0").decode("utf-8", "replace")

    def _functions(self) -> int | None:
        """Read the count of the table that unwinders search (Linux Standard Base, section "The .eh_frame_hdr")."""
        segment = next((s for s in self.segments if s.type == _PT_GNU_EH_FRAME), None)
        head = b"" if segment is None else self.data[segment.offset : segment.offset + min(segment.size, 12)]
        if len(head) < 12 or head[0] != 1 or head[1] & 0xF not in _FOUR_BYTES or head[2] != 0x3:
            return None
        return int(struct.unpack_from(self.order + "I", head, 8)[0])

    def _x86_isa(self) -> int:
        segment = next((s for s in self.segments if s.type == _PT_GNU_PROPERTY), None)
        if segment is None or self.machine not in (Machine.X86_64, Machine.I386):
            return 0
        name_size, size, kind = self.reader.numbers("III", segment.offset)
        if kind != _NT_GNU_PROPERTY:
            return 0
        position = segment.offset + 12 + name_size
        end = min(position + size, segment.offset + segment.size)
        step = 8 if self.wide else 4
        while position + 8 <= end:
            property_type, length = self.reader.numbers("II", position)
            if property_type == _X86_ISA_1_NEEDED and length == 4:
                return self.reader.number(position + 8, 4)
            position += 8 + (length + step - 1) // step * step
        return 0

    def _comment(self, sections: tuple[_Section, ...]) -> tuple[str, ...]:
        for section in sections:
            if section.name == ".comment" and section.type != _SHT_NOBITS:
                body = self.data[section.offset : section.offset + section.size]
                return tuple(part.decode("utf-8", "replace") for part in body.split(b"\0") if part)
        return ()


def _code_size(sections: tuple[_Section, ...]) -> int | None:
    code = [s.size for s in sections if s.flags & _SHF_EXECINSTR and s.type != _SHT_NOBITS]
    return sum(code) if code else None
