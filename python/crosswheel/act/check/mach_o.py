"""What a Mach-O file says of itself: machine, deployment target, libraries, symbols, signature.

Refuses to know what is right for a target; `mach_o_checks` judges. Follows Apple's ``mach-o/loader.h``, ``nlist.h`` and
``fat.h`` (https://github.com/apple-oss-distributions/xnu/tree/main/EXTERNAL_HEADERS/mach-o).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from .byte_reader import ByteReader, DamagedBinaryError
from .code_signature import Signature, check_signature
from .file_bytes import FileBytes

__all__ = ["MachO", "MachOCpu", "MachOLibrary", "MachOPlatform", "MachOSymbol", "MachOType", "parse_mach_o"]


class MachOCpu(IntEnum):
    """The ``cputype`` values that have a name here."""

    I386 = 7
    ARM = 12
    X86_64 = 0x01000007
    ARM64 = 0x0100000C


class MachOType(IntEnum):
    """The ``filetype`` values of interest."""

    OBJECT = 1
    EXECUTE = 2
    DYLIB = 6
    BUNDLE = 8
    DYLIB_STUB = 9
    DSYM = 10


class MachOPlatform(IntEnum):
    """The platforms of ``LC_BUILD_VERSION``."""

    MACOS = 1
    IOS = 2
    TVOS = 3
    WATCHOS = 4
    MACCATALYST = 6
    IOSSIMULATOR = 7


@dataclass(frozen=True, slots=True)
class MachOLibrary:
    """A library the file loads.

    Attributes:
        name: its install name, e.g. ``/usr/lib/libSystem.B.dylib`` or ``@rpath/libz.dylib``.
        weak: the file loads without it.
    """

    name: str
    weak: bool


@dataclass(frozen=True, slots=True)
class MachOSymbol:
    """A symbol the file expects from elsewhere.

    Attributes:
        name: the symbol as C has it, without the leading underscore.
        weak: the file loads without it.
        library: install name of the library it is taken from; ``None`` when any image of the process may have it.
    """

    name: str
    weak: bool
    library: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MachO:
    """One architecture's part of a Mach-O file.

    Attributes:
        cpu: ``cputype``.
        type: ``filetype``.
        platform: the platform it was linked for, a `MachOPlatform` or any other number; ``None`` if it does not say.
        minimum: the deployment target, ``(major, minor, patch)``.
        install_name: ``LC_ID_DYLIB``.
        libraries: what it loads, in order.
        run_paths: ``LC_RPATH``, in order.
        undefined: the symbols it expects from elsewhere.
        defined: names of the symbols it offers, as C has them.
        signature: whether it is signed, and whether the signature is of these bytes.
    """

    cpu: int
    type: int
    platform: int | None = None
    minimum: tuple[int, int, int] | None = None
    install_name: str | None = None
    libraries: tuple[MachOLibrary, ...] = ()
    run_paths: tuple[str, ...] = ()
    undefined: tuple[MachOSymbol, ...] = ()
    defined: frozenset[str] = field(default_factory=frozenset)
    signature: Signature = Signature.ABSENT


_FAT_ENTRIES = {b"\xca\xfe\xba\xbe": ("IIIII", 20), b"\xca\xfe\xba\xbf": ("IIQQII", 32)}
_MAGICS = {
    b"\xcf\xfa\xed\xfe": ("<", True),
    b"\xce\xfa\xed\xfe": ("<", False),
    b"\xfe\xed\xfa\xcf": (">", True),
    b"\xfe\xed\xfa\xce": (">", False),
}
_MOST_SLICES = 44

_REQUIRED = 0x80000000
_LC_SYMTAB, _LC_LOAD_DYLIB, _LC_ID_DYLIB, _LC_LAZY_LOAD_DYLIB = 0x2, 0xC, 0xD, 0x20
_LC_LOAD_WEAK_DYLIB, _LC_REEXPORT_DYLIB = 0x18 | _REQUIRED, 0x1F | _REQUIRED
_LC_LOAD_UPWARD_DYLIB = 0x23 | _REQUIRED
_LOADS = (
    _LC_LOAD_DYLIB,
    _LC_LAZY_LOAD_DYLIB,
    _LC_LOAD_WEAK_DYLIB,
    _LC_REEXPORT_DYLIB,
    _LC_LOAD_UPWARD_DYLIB,
)
_LC_RPATH, _LC_CODE_SIGNATURE, _LC_BUILD_VERSION = 0x1C | _REQUIRED, 0x1D, 0x32
_LC_DYLD_INFO, _LC_DYLD_EXPORTS_TRIE = 0x22, 0x33 | _REQUIRED
_VERSION_MIN = {
    0x24: MachOPlatform.MACOS,
    0x25: MachOPlatform.IOS,
    0x2F: MachOPlatform.TVOS,
    0x30: MachOPlatform.WATCHOS,
}

_MH_TWOLEVEL = 0x80
_N_STAB, _N_PEXT, _N_TYPE, _N_EXT = 0xE0, 0x10, 0x0E, 0x01
_N_WEAK_REF = 0x40
#: Library ordinals that name no library: the file itself, any image, the program.
_NO_LIBRARY = (0, 0xFE, 0xFF)


def parse_mach_o(data: FileBytes) -> tuple[MachO, ...]:
    """Read a Mach-O file.

    Args:
        data: the whole file.

    Returns:
        What it says of itself, one for each architecture.

    Raises:
        DamagedBinaryError: it is truncated or contradicts itself.
    """
    return tuple(_Slice(part).read() for part in _slices(data))


def _slices(data: FileBytes) -> Iterator[FileBytes]:
    entry = _FAT_ENTRIES.get(data[:4])
    if entry is None:
        yield data
        return
    layout, size = entry
    reader = ByteReader(data, ">")
    count = reader.number(4, 4)
    if count > _MOST_SLICES:
        raise DamagedBinaryError(f"it claims to hold {count} architectures")
    for index in range(count):
        _, _, start, length, *_ = reader.numbers(layout, 8 + index * size)
        yield reader.part(start, length)


class _Slice:
    """Reads one architecture's part; every offset comes from the file and goes through a `ByteReader`."""

    def __init__(self, data: FileBytes) -> None:
        magic = _MAGICS.get(data[:4])
        if magic is None:
            raise DamagedBinaryError("it does not begin with a Mach-O header")
        self.order, self.wide = magic
        self.data = data
        self.reader = ByteReader(data, self.order)
        _, self.cpu, _, self.type, self.count, self.size, self.flags = self.reader.numbers("7I", 0)
        self.install_name: str | None = None
        self.libraries: list[MachOLibrary] = []
        self.run_paths: list[str] = []
        self.versions: list[tuple[int, tuple[int, int, int]]] = []
        self.symbols: tuple[int, ...] = ()
        self.tries: list[tuple[int, int]] = []
        self.signature: tuple[int, int] | None = None

    def read(self) -> MachO:
        for command, offset, size in self._commands():
            self._read_command(command, offset, size)
        undefined, defined = self._symbols()
        for start, length in self.tries:
            defined |= set(self._exports(start, length))
        signature = Signature.ABSENT
        if self.signature is not None:
            signature = check_signature(self.data, *self.signature)
        platform, minimum = self.versions[0] if self.versions else (None, None)
        return MachO(
            cpu=self.cpu,
            type=self.type,
            platform=platform,
            minimum=minimum,
            install_name=self.install_name,
            libraries=tuple(self.libraries),
            run_paths=tuple(self.run_paths),
            undefined=undefined,
            defined=frozenset(defined),
            signature=signature,
        )

    def _commands(self) -> Iterator[tuple[int, int, int]]:
        offset = 32 if self.wide else 28
        end = offset + self.size
        for _ in range(self.count):
            command, size = self.reader.numbers("II", offset)
            if size < 8 or offset + size > end:
                raise DamagedBinaryError("a load command runs past its table")
            yield command, offset, size
            offset += size

    def _read_command(self, command: int, offset: int, size: int) -> None:
        reader = self.reader
        if command in _LOADS or command in (_LC_ID_DYLIB, _LC_RPATH):
            text = reader.text(offset + reader.number(offset + 8, 4), offset + size)
            if command == _LC_ID_DYLIB:
                self.install_name = text
            elif command == _LC_RPATH:
                self.run_paths.append(text)
            else:
                weak = command in (_LC_LOAD_WEAK_DYLIB, _LC_LAZY_LOAD_DYLIB)
                self.libraries.append(MachOLibrary(text, weak))
        elif command == _LC_BUILD_VERSION:
            platform, minimum = reader.numbers("II", offset + 8)
            self.versions.append((platform, _version(minimum)))
        elif command in _VERSION_MIN:
            self.versions.append((_VERSION_MIN[command], _version(reader.number(offset + 8, 4))))
        elif command == _LC_SYMTAB:
            self.symbols = reader.numbers("4I", offset + 8)
        elif command & ~_REQUIRED == _LC_DYLD_INFO:
            start, length = reader.numbers("II", offset + 40)
            self.tries.append((start, length))
        elif command in (_LC_DYLD_EXPORTS_TRIE, _LC_CODE_SIGNATURE):
            start, length = reader.numbers("II", offset + 8)
            if command == _LC_CODE_SIGNATURE:
                self.signature = (start, length)
            else:
                self.tries.append((start, length))

    def _symbols(self) -> tuple[tuple[MachOSymbol, ...], set[str]]:
        if not self.symbols:
            return (), set()
        start, count, names, names_size = self.symbols
        layout = struct.Struct(self.order + ("IBBHQ" if self.wide else "IBBHI"))
        body = self.reader.part(start, count * layout.size)
        undefined: list[MachOSymbol] = []
        defined: set[str] = set()
        for name_at, kind, _, description, value in layout.iter_unpack(body):
            if kind & _N_STAB or not kind & _N_EXT or kind & _N_PEXT or not name_at:
                continue
            name = _c_name(self.reader.text(names + name_at, names + names_size))
            if kind & _N_TYPE or value:
                defined.add(name)
            else:
                undefined.append(
                    MachOSymbol(name, bool(description & _N_WEAK_REF), self._library(description >> 8))
                )
        return tuple(undefined), defined

    def _library(self, ordinal: int) -> str | None:
        if not self.flags & _MH_TWOLEVEL or ordinal in _NO_LIBRARY:
            return None
        return self.libraries[ordinal - 1].name if ordinal <= len(self.libraries) else None

    def _exports(self, start: int, length: int) -> Iterator[str]:
        """Yield the names of an export trie: a node is a terminal's size and data, then labelled edges."""
        trie = ByteReader(self.reader.part(start, length), self.order)
        seen = {0}
        waiting = [(0, "")] if length else []
        while waiting:
            node, name = waiting.pop()
            terminal, position = _uleb128(trie, node)
            trie.spend(len(name))
            if terminal:
                yield _c_name(name)
            position += terminal
            children = trie.number(position, 1)
            position += 1
            for _ in range(children):
                label = trie.text(position)
                position += len(label.encode("utf-8", "surrogateescape")) + 1
                child, position = _uleb128(trie, position)
                if child in seen:
                    raise DamagedBinaryError("its export trie is no tree")
                seen.add(child)
                waiting.append((child, name + label))


def _uleb128(reader: ByteReader, offset: int) -> tuple[int, int]:
    """Return the number at `offset` and the offset behind it."""
    value = shift = 0
    while True:
        byte = reader.number(offset, 1)
        offset += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, offset
        shift += 7
        if shift > 63:
            raise DamagedBinaryError("a number in its export trie is too long")


def _version(number: int) -> tuple[int, int, int]:
    return number >> 16, number >> 8 & 0xFF, number & 0xFF


def _c_name(name: str) -> str:
    return name.removeprefix("_")
