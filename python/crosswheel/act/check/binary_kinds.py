"""What kind of machine code a file holds, told by its first bytes and never by its name."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from .file_bytes import FileBytes, FilePart, PartBytes, part_of

__all__ = ["BinaryKind", "archive_members", "kind_of", "leftover_of", "machine_name", "machine_names"]


class BinaryKind(Enum):
    """The container formats of machine code."""

    ELF = "ELF"
    MACH_O = "Mach-O"
    PE = "PE"
    COFF = "COFF"
    ARCHIVE = "static archive"
    WASM = "WebAssembly"


_MACH_O = {b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xfe\xed\xfa\xce"}
_FAT = {b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"}
_ARCHIVES = (b"!<arch>\n", b"!<thin>\n")
_ARCHIVE_HEADER = 60

_ELF_MACHINES = {
    3: "i686",
    8: "MIPS",
    21: "ppc64",
    22: "s390x",
    40: "ARM",
    62: "x86_64",
    94: "Xtensa",
    183: "aarch64",
    190: "NVIDIA CUDA",
    224: "AMD GPU",
    243: "RISC-V",
    247: "BPF",
    258: "LoongArch",
}
_PE_MACHINES = {0x14C: "x86", 0x8664: "amd64", 0xAA64: "arm64", 0x1C4: "arm"}
_MACH_O_CPUS = {7: "i386", 0x01000007: "x86_64", 12: "arm", 0x0100000C: "arm64"}


def kind_of(data: PartBytes) -> BinaryKind | None:
    r"""Return what machine code `data` holds, or ``None`` for anything else.

    >>> kind_of(b"\x7fELF...").value
    'ELF'
    """
    start = data[:4]
    if start == b"\x7fELF":
        return BinaryKind.ELF
    if start in _MACH_O:
        return BinaryKind.MACH_O
    # Java class files share the magic of fat Mach-O; a fat file has few slices, a class a major version >= 45.
    if start in _FAT and len(data) >= 8 and int.from_bytes(data[4:8], "big") < 45:
        return BinaryKind.MACH_O
    if data[:8] in _ARCHIVES:
        return BinaryKind.ARCHIVE
    if start == b"\0asm":
        return BinaryKind.WASM
    if start[:2] == b"MZ" and _pe_offset(data) is not None:
        return BinaryKind.PE
    return None


def machine_name(data: FileBytes, kind: BinaryKind) -> str:
    """Return a word for the machine of `data`, e.g. ``aarch64``; a number where it has no name here."""
    if kind is BinaryKind.ELF and len(data) >= 20:
        number = int.from_bytes(data[18:20], "little" if data[5] == 1 else "big")
        return _ELF_MACHINES.get(number, f"ELF machine {number}")
    if kind is BinaryKind.MACH_O and len(data) >= 12:
        if data[:4] in _FAT:
            return "several architectures"
        number = int.from_bytes(data[4:8], "little" if data[:1] in (b"\xcf", b"\xce") else "big")
        return _MACH_O_CPUS.get(number, f"Mach-O CPU {number:#x}")
    if kind is BinaryKind.PE:
        offset = _pe_offset(data)
        if offset is not None and len(data) >= offset + 6:
            number = int.from_bytes(data[offset + 4 : offset + 6], "little")
            return _PE_MACHINES.get(number, f"PE machine {number:#x}")
    return "an unknown machine"


def machine_names(data: FileBytes, kind: BinaryKind) -> tuple[str, ...]:
    """Return words for all machines of `data`; several for a universal Mach-O file."""
    if kind is not BinaryKind.MACH_O or data[:4] not in _FAT:
        return (machine_name(data, kind),)
    # struct fat_arch of 20 bytes, fat_arch_64 of 32; both begin with the CPU, big-endian.
    step = 20 if data[:4] == b"\xca\xfe\xba\xbe" else 32
    starts = range(8, min(8 + step * int.from_bytes(data[4:8], "big"), len(data) - 3), step)
    numbers = [int.from_bytes(data[start : start + 4], "big") for start in starts]
    return tuple(_MACH_O_CPUS.get(number, f"Mach-O CPU {number:#x}") for number in numbers)


def _pe_offset(data: PartBytes) -> int | None:
    if len(data) < 0x40:
        return None
    offset = int.from_bytes(data[0x3C:0x40], "little")
    return offset if data[offset : offset + 4] == b"PE\0\0" else None


def archive_members(data: FileBytes) -> Iterator[tuple[str, bytes | FilePart]]:
    """Yield name and bytes of each file in a static archive (``ar``), without its symbol and name tables.

    Stops quietly at damage: a linker would not get further either. Thin archives hold no bytes.
    """
    if data[:8] != _ARCHIVES[0]:
        return
    position = len(_ARCHIVES[0])
    long_names = b""
    while position + _ARCHIVE_HEADER <= len(data):
        header = data[position : position + _ARCHIVE_HEADER]
        name, size_text = header[:16].rstrip(), header[48:58].strip()
        if not size_text.isdigit():
            return
        size = int(size_text)
        body = part_of(data, position + _ARCHIVE_HEADER, position + _ARCHIVE_HEADER + size)
        position += _ARCHIVE_HEADER + size + size % 2
        if name == b"//":
            long_names = body[:]
        elif name not in (b"/", b"/SYM64/", b"__.SYMDEF") and not name.startswith(b"__.SYMDEF"):
            yield _archive_name(name, long_names), body


def _archive_name(name: bytes, long_names: bytes) -> str:
    if name[:1] == b"/" and name[1:].isdigit():
        name = long_names[int(name[1:]) :].split(b"\n", 1)[0]
    return name.rstrip(b"/").decode("utf-8", "replace")


_COFF_MACHINES = (b"\x64\x86", b"\x4c\x01", b"\x64\xaa")


def leftover_of(path: str, data: FileBytes) -> str | None:
    """Say which by-product of compiling or linking `data` is, or ``None``; a name alone convicts nothing.

    ``.pdb`` is also a format of chemistry and ``.obj`` one of 3-D models, so the bytes decide.

    >>> leftover_of("pkg/x.obj", b"v 0 0 0") is None
    True
    """
    lower = path.lower()
    if data[:24] == b"Microsoft C/C++ MSF 7.00":
        return "a debug database of a Windows linker"
    if data[:4] == b"\x7fELF" and len(data) >= 18:
        return (
            "an object file"
            if int.from_bytes(data[16:18], "little" if data[5] == 1 else "big") == 1
            else None
        )
    if data[:8] in _ARCHIVES and lower.endswith((".lib", ".dll.a")):
        return "an import library of Windows"
    if lower.endswith((".obj", ".o", ".exp")) and data[:2] in _COFF_MACHINES:
        return "an object file of Windows"
    if lower.endswith((".la", ".lo")) and b"libtool" in data[:200]:
        return "a libtool file"
    if lower.endswith((".gch", ".pch")) and data[:4] in (b"gpch", b"CPCH"):
        return "a precompiled header"
    return None
