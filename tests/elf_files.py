"""Writes small valid ELF shared objects, right ones and wrong ones, so that tests need no compiler."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["ARCHITECTURES", "Need", "elf_file", "extension_module"]

#: ``(e_machine, bits, byte order, e_flags)`` by architecture, as real files have them.
ARCHITECTURES: dict[str, tuple[int, int, str, int]] = {
    "x86_64": (62, 64, "<", 0),
    "i686": (3, 32, "<", 0),
    "aarch64": (183, 64, "<", 0),
    "armv7l": (40, 32, "<", 0x05000400),
    "ppc64le": (21, 64, "<", 2),
    "s390x": (22, 64, ">", 0),
    "riscv64": (243, 64, "<", 5),
}


@dataclass(frozen=True)
class Need:
    """A symbol taken from a library, with a version or without."""

    symbol: str
    version: str | None = None
    library: str | None = None
    weak: bool = False


def _pair(need: Need) -> tuple[str, str]:
    return need.library or "", need.version or ""


@dataclass
class _Strings:
    data: bytearray = field(default_factory=lambda: bytearray(b"\0"))

    def add(self, text: str) -> int:
        offset = len(self.data)
        self.data += text.encode() + b"\0"
        return offset


def elf_file(
    arch: str = "aarch64",
    *,
    needed: Sequence[str] = ("libc.so.6",),
    imports: Sequence[Need] = (),
    exports: Sequence[str] = (),
    soname: str | None = None,
    run_path: str | None = None,
    rpath: str | None = None,
    interpreter: str | None = None,
    executable_stack: bool = False,
    text_relocations: bool = False,
    sections: Sequence[str] = (),
    section_headers: bool = True,
    x86_isa: int = 0,
    flags: int | None = None,
    file_type: int = 3,
    code: bytes = b"",
    functions: int | None = None,
) -> bytes:
    """Return a file with one segment that maps all of it at address 0; `functions` is what its unwind table counts."""
    machine, bits, order, default_flags = ARCHITECTURES[arch]
    wide = bits == 64
    strings = _Strings()
    indexes = _version_indexes(imports)
    symbols, versym = _symbols(order, wide, strings, imports, exports, indexes)
    verneed, files = _verneed(order, strings, indexes)
    entries = [(1, strings.add(name)) for name in needed]
    entries += [(14, strings.add(soname))] if soname else []
    entries += [(29, strings.add(run_path))] if run_path is not None else []
    entries += [(15, strings.add(rpath))] if rpath is not None else []
    entries += [(22, 0)] if text_relocations else []
    body = _Body(64 + 8 * 56 if wide else 52 + 8 * 32)
    symtab, strtab = body.add(symbols), body.add(bytes(strings.data))
    hashes = body.add(struct.pack(order + ("QQ" if machine == 22 else "II"), 0, len(versym)))
    entries += [(5, strtab), (10, len(strings.data)), (6, symtab), (4, hashes)]
    if indexes:
        entries += [(0x6FFFFFF0, body.add(struct.pack(f"{order}{len(versym)}H", *versym)))]
        entries += [(0x6FFFFFFE, body.add(verneed)), (0x6FFFFFFF, files)]
    pair = struct.Struct(order + ("QQ" if wide else "II"))
    table = b"".join(pair.pack(*entry) for entry in [*entries, (0, 0)])
    dynamic = body.add(table)
    segments = [(2, 6, dynamic, len(table)), (0x6474E551, 7 if executable_stack else 6, 0, 0)]
    segments += _extra_segments(body, interpreter, x86_isa)
    if functions is not None:
        table = struct.pack(order + "BBBBII", 1, 0x1B, 3, 0x3B, 0, functions)
        segments.append((0x6474E550, 4, body.add(table), len(table)))
    text = (body.add(code), len(code))
    headers, table_offset = b"", 0
    if section_headers:
        headers, table_offset = _sections(body, order, wide, sections, (symtab, len(symbols)), text)
    segments.insert(0, (1, 7, 0, body.size))  # writable as well, for the dynamic section
    own_flags = default_flags if flags is None else flags
    start = _header(order, wide, (file_type, machine), own_flags, table_offset, len(segments), headers)
    programs = b"".join(_program(order, wide, *segment) for segment in segments)
    return start + programs + bytes(body.start - len(start) - len(programs)) + bytes(body.data)


def extension_module(name: str, arch: str = "aarch64", *, glibc: str = "2.17", **changes: object) -> bytes:
    """Return a module that exports ``PyInit_<name>`` and takes something from Python and from libc."""
    imports = [Need("PyModule_Create2"), Need("memcpy", f"GLIBC_{glibc}", "libc.so.6")]
    facts: dict[str, object] = {"imports": imports, "exports": [f"PyInit_{name}"], **changes}
    return elf_file(arch, **facts)  # type: ignore[arg-type]  # the caller's names are elf_file's


@dataclass
class _Body:
    start: int
    data: bytearray = field(default_factory=bytearray)

    @property
    def size(self) -> int:
        return self.start + len(self.data)

    def add(self, data: bytes) -> int:
        self.data += bytes(-self.size % 8)
        offset = self.size
        self.data += data
        return offset


def _version_indexes(imports: Sequence[Need]) -> dict[tuple[str, str], int]:
    pairs = dict.fromkeys(_pair(need) for need in imports if need.version)
    return {pair: 2 + number for number, pair in enumerate(pairs)}


def _symbols(
    order: str,
    wide: bool,
    strings: _Strings,
    imports: Sequence[Need],
    exports: Sequence[str],
    indexes: dict[tuple[str, str], int],
) -> tuple[bytes, list[int]]:
    symbols = bytearray(24 if wide else 16)
    versym = [0]
    for need in imports:
        symbols += _symbol(order, wide, strings.add(need.symbol), weak=need.weak, defined=False)
        versym.append(indexes.get(_pair(need), 1))
    for export in exports:
        symbols += _symbol(order, wide, strings.add(export), weak=False, defined=True)
        versym.append(1)
    return bytes(symbols), versym


def _extra_segments(body: _Body, interpreter: str | None, x86_isa: int) -> list[tuple[int, int, int, int]]:
    segments = []
    if interpreter:
        text = interpreter.encode() + b"\0"
        segments.append((3, 4, body.add(text), len(text)))
    if x86_isa:
        note = struct.pack("<III4sIII", 4, 16, 5, b"GNU\0", 0xC0008002, 4, x86_isa) + bytes(4)
        segments.append((0x6474E553, 4, body.add(note), len(note)))
    return segments


def _symbol(order: str, wide: bool, name: int, *, weak: bool, defined: bool) -> bytes:
    info = (2 if weak else 1) << 4 | 2
    section = 1 if defined else 0
    if wide:
        return struct.pack(order + "IBBHQQ", name, info, 0, section, 0, 0)
    return struct.pack(order + "IIIBBH", name, 0, 0, info, 0, section)


def _verneed(order: str, strings: _Strings, indexes: dict[tuple[str, str], int]) -> tuple[bytes, int]:
    libraries = list(dict.fromkeys(library for library, _ in indexes))
    data = bytearray()
    for number, library in enumerate(libraries):
        own = [(version, index) for (name, version), index in indexes.items() if name == library]
        size = 16 + 16 * len(own)
        step = size if number + 1 < len(libraries) else 0
        data += struct.pack(order + "HHIII", 1, len(own), strings.add(library), 16, step)
        for position, (version, index) in enumerate(own):
            data += struct.pack(
                order + "IHHII", 0, 0, index, strings.add(version), 16 if position + 1 < len(own) else 0
            )
    return bytes(data), len(libraries)


def _sections(
    body: _Body,
    order: str,
    wide: bool,
    names: Sequence[str],
    symbols: tuple[int, int],
    text: tuple[int, int],
) -> tuple[bytes, int]:
    texts = _Strings()
    rows = [(0, 0, 0, 0, 0), (texts.add(".dynsym"), 11, 2, *symbols)]
    rows += [(texts.add(".text"), 1, 6, *text)] if text[1] else []
    rows += [(texts.add(name), 1, 0, body.add(b"debug"), 5) for name in names]
    rows.append((texts.add(".shstrtab"), 3, 0, 0, 0))
    offset = body.add(bytes(texts.data))
    rows[-1] = (rows[-1][0], 3, 0, offset, len(texts.data))
    layout = struct.Struct(order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII"))
    table = b"".join(
        layout.pack(name, kind, flags, 0, at, size, 0, 0, 1, 0) for name, kind, flags, at, size in rows
    )
    return table, body.add(table)


def _header(
    order: str, wide: bool, kind: tuple[int, int], flags: int, sections: int, programs: int, table: bytes
) -> bytes:
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    header_size, program_size, section_size = (64, 56, 64) if wide else (52, 32, 40)
    count = len(table) // section_size
    word = "Q" if wide else "I"
    return ident + struct.pack(
        f"{order}HHI{word}{word}{word}IHHHHHH",
        *kind, 1, 0, header_size, sections, flags, header_size, program_size, programs, section_size, count, max(count - 1, 0),
    )  # fmt: skip


def _program(order: str, wide: bool, kind: int, flags: int, offset: int, size: int) -> bytes:
    if wide:
        return struct.pack(order + "IIQQQQQQ", kind, flags, offset, offset, offset, size, size, 8)
    return struct.pack(order + "IIIIIIII", kind, offset, offset, offset, size, size, flags, 8)
