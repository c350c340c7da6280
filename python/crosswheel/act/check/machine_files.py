"""The machine code of a wheel for a system other than Linux, read by its format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from crosswheel.target.targets import Target
from crosswheel.values.platforms import Android, Arch, Emscripten, Ios, MacOs, OperatingSystem, Windows

from .binary_kinds import BinaryKind, machine_names
from .byte_reader import DamagedBinaryError
from .elf import Elf, parse_elf
from .file_bytes import FileBytes
from .mach_o import MachO, MachOCpu, parse_mach_o
from .modules import ModuleSymbols, parse_module_path
from .pe import Pe, parse_pe

__all__ = ["Image", "MachineFile", "native_kind", "native_word", "read_machine_file", "symbols_of"]

#: What one file says of itself for one machine.
Image: TypeAlias = "MachO | Pe | Elf"

_NATIVE: Mapping[type[OperatingSystem], BinaryKind] = MappingProxyType(
    {
        Windows: BinaryKind.PE,
        MacOs: BinaryKind.MACH_O,
        Ios: BinaryKind.MACH_O,
        Android: BinaryKind.ELF,
        Emscripten: BinaryKind.WASM,
    }
)
_WORDS: Mapping[tuple[BinaryKind, Arch], str] = MappingProxyType(
    {
        (BinaryKind.PE, Arch.I686): "x86",
        (BinaryKind.PE, Arch.X86_64): "amd64",
        (BinaryKind.PE, Arch.AARCH64): "arm64",
        (BinaryKind.PE, Arch.ARMV7L): "arm",
        (BinaryKind.MACH_O, Arch.X86_64): "x86_64",
        (BinaryKind.MACH_O, Arch.AARCH64): "arm64",
        (BinaryKind.MACH_O, Arch.I686): "i386",
        (BinaryKind.ELF, Arch.I686): "i686",
        (BinaryKind.ELF, Arch.X86_64): "x86_64",
        (BinaryKind.ELF, Arch.AARCH64): "aarch64",
        (BinaryKind.ELF, Arch.ARMV7L): "ARM",
        (BinaryKind.WASM, Arch.WASM32): "WebAssembly",
    }
)
_CPUS: Mapping[Arch, MachOCpu] = MappingProxyType(
    {Arch.X86_64: MachOCpu.X86_64, Arch.AARCH64: MachOCpu.ARM64, Arch.I686: MachOCpu.I386}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFile:
    """A file of machine code.

    Attributes:
        path: the member.
        kind: its format.
        machines: words of the format for the machines it holds code for.
        is_module: it has an extension module's name.
        image: what it says of itself for the target's machine; ``None`` where it has no code for it, or its format
            is not the target's. Of .NET code, which has no machine, always there.
        sanitizer: a sanitizer's symbol name found in its bytes, ``None`` without one.
    """

    path: str
    kind: BinaryKind
    machines: tuple[str, ...]
    is_module: bool
    image: Image | None = None
    sanitizer: str | None = None


def native_kind(target: Target) -> BinaryKind | None:
    """Return the format of the target's binaries."""
    return _NATIVE.get(type(target.platform.os))


def native_word(target: Target) -> str | None:
    """Return the format's word for the target's machine."""
    kind = native_kind(target)
    return None if kind is None else _WORDS.get((kind, target.platform.arch))


def read_machine_file(
    path: str, data: FileBytes, kind: BinaryKind, target: Target, *, sanitizer: str | None = None
) -> MachineFile:
    """Read a file of machine code.

    Args:
        path: the member.
        data: its bytes.
        kind: its format.
        target: not Linux.
        sanitizer: a sanitizer's name found in its bytes.

    Raises:
        DamagedBinaryError: its format is the target's, and it cannot be read.
    """
    image: Image | None = None
    machines = ("WebAssembly",) if kind is BinaryKind.WASM else machine_names(data, kind)
    if kind is native_kind(target) and native_word(target) in machines:
        image = _image(data, kind, target.platform.arch)
    elif kind is BinaryKind.PE:
        image = _managed(data)
    return MachineFile(
        path=path,
        kind=kind,
        machines=machines,
        is_module=parse_module_path(path) is not None,
        image=image,
        sanitizer=sanitizer,
    )


def _image(data: FileBytes, kind: BinaryKind, arch: Arch) -> Image | None:
    if kind is BinaryKind.MACH_O:
        return next((part for part in parse_mach_o(data) if part.cpu == _CPUS.get(arch)), None)
    if kind is BinaryKind.PE:
        return parse_pe(data)
    return parse_elf(data) if kind is BinaryKind.ELF else None


def _managed(data: FileBytes) -> Pe | None:
    try:
        pe = parse_pe(data)
    except DamagedBinaryError:
        return None
    return pe if pe.is_managed else None


def symbols_of(image: Image) -> ModuleSymbols:
    """Return the names an image offers and needs."""
    if isinstance(image, Pe):
        needed = (name for library in image.imports for name in library.names if not library.delayed)
        return ModuleSymbols(exports=image.exports, needs=frozenset(needed))
    needs = frozenset(symbol.name for symbol in image.undefined if not symbol.weak)
    return ModuleSymbols(exports=image.defined, needs=needs)
