"""Whether a processor runs a file at all: told by the first bytes of it, so that files of any size can be judged."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crosswheel.values.platforms import Arch

from .binary_kinds import BinaryKind, machine_names
from .byte_reader import DamagedBinaryError
from .elf import Elf, Machine, parse_elf_header
from .elf_machines import ARM_SOFT_FLOAT, ELF_MACHINES
from .modules import Suffix, parse_module_path

__all__ = [
    "HEAD",
    "MachineFault",
    "foreign_fault",
    "foreign_words",
    "head_fault",
    "machine_fault",
    "machine_words",
    "named_foreign_fault",
]

#: Bytes of a file that suffice: the headers of PE files and of universal Mach-O files lie within.
HEAD = 4096
_ACCELERATORS = {Machine.CUDA, Machine.AMDGPU, Machine.BPF}
#: What glibc's program loader takes for EI_OSABI: none, GNU, and on ARM its own two.
_LINUX_ABIS = frozenset({0, 3, 64, 97})
_SYSTEMS = {1: "HP-UX", 2: "NetBSD", 6: "Solaris", 7: "AIX", 8: "IRIX", 9: "FreeBSD", 12: "OpenBSD"}
#: Names under which Linux loads code, and folders from which it starts programs.
_LOADED = re.compile(r"(?:.*/)?(?:[^/]+\.so(?:\.[\w.]+)?|s?bin/[^/.]+)")


@dataclass(frozen=True, slots=True)
class MachineFault:
    """Why a processor does not run a file.

    Attributes:
        code: the finding's code.
        message: what is wrong.
    """

    code: str
    message: str


def machine_fault(elf: Elf, arch: Arch) -> MachineFault | None:
    """Judge class, byte order, machine and ABI flags for Linux on `arch`; ``None`` when they fit."""
    if elf.machine in _ACCELERATORS:
        return MachineFault(
            "accelerator-code",
            f"it holds code for an accelerator (ELF machine {elf.machine}), not for the CPU",
        )
    wanted, name = ELF_MACHINES.get(arch), machine_words(elf)
    if wanted is None:
        return MachineFault("wrong-machine", f"it is a Linux binary for {name}, the target is {arch.value}")
    if wanted.secondary is not None and elf.machine == wanted.secondary:
        return MachineFault(
            "secondary-machine",
            f"it is a 32-bit binary for {name} beside the target's {arch.value}; only 32-bit processes can load it",
        )
    if elf.machine == wanted.machine and (elf.bits, elf.byteorder) != (wanted.bits, arch.byteorder):
        kind = f"{wanted.bits}-bit, {arch.byteorder}-endian"
        return MachineFault(
            "wrong-machine", f"it is a binary for {name}, and those of {arch.value} are {kind}"
        )
    if elf.machine != wanted.machine:
        return MachineFault(
            "wrong-machine",
            f"it is a binary for {name}, the target is {arch.value}; it was compiled for another machine",
        )
    if elf.os_abi not in _LINUX_ABIS:
        system = _SYSTEMS.get(elf.os_abi, f"the system of ELF's number {elf.os_abi}")
        return MachineFault("wrong-machine", f"it is a binary for {system}, which Linux does not load")
    flags = elf.flags & wanted.flag_mask
    if flags not in wanted.flag_values or (elf.machine == Machine.ARM and elf.flags & ARM_SOFT_FLOAT):
        meaning = "the hard-float calling convention" if elf.machine == Machine.ARM else wanted.flag_meaning
        message = f"its ELF flags {elf.flags:#x} exclude {meaning}, which {arch.value} wheels need"
        return MachineFault("wrong-machine", message)
    return None


def head_fault(path: str, head: bytes, kind: BinaryKind, arch: Arch) -> MachineFault | None:
    """Judge a file of an image for Linux.

    Args:
        path: where it is.
        head: its first `HEAD` bytes, or all there are.
        kind: what `kind_of` says of them; not an archive.
        arch: what the image runs on.
    """
    if kind is not BinaryKind.ELF:
        return foreign_fault(path, head, kind)
    try:
        fault = machine_fault(parse_elf_header(head), arch)
    except DamagedBinaryError as error:
        return MachineFault("damaged-binary", f"it begins like an ELF file, but {error}")
    if fault is not None and fault.code == "secondary-machine" and _is_extension_module(path):
        return MachineFault("wrong-machine", f"{fault.message}; an extension module is no helper")
    return fault


def _is_extension_module(path: str) -> bool:
    """Tell whether a file has a suffix of Python's own: the image's Python looks for it, and no other program."""
    module = parse_module_path(path.rpartition("/")[2])
    return module is not None and module.kind is not Suffix.BARE


def foreign_fault(path: str, head: bytes, kind: BinaryKind) -> MachineFault:
    """Judge a file in another system's format: a fault where Linux would load it, else a mere fact."""
    return named_foreign_fault(path, foreign_words(head, kind))


def foreign_words(head: bytes, kind: BinaryKind) -> str:
    """Return words for a file in another system's format."""
    machines = "" if kind is BinaryKind.WASM else f" for {', '.join(machine_names(head, kind))}"
    return f"a {kind.value} file{machines}"


def named_foreign_fault(path: str, words: str) -> MachineFault:
    """Judge a file of which `foreign_words` are known, under one of its names."""
    if _LOADED.fullmatch(path) is not None:
        return MachineFault("wrong-format", f"it is {words} under a name that Linux loads or runs")
    return MachineFault("foreign-format", f"it is {words}, which Linux carries but cannot run")


_MACHINE_WORDS = {
    Machine.I386: "i686",
    Machine.PPC64: "ppc64",
    Machine.S390: "s390x",
    Machine.ARM: "ARM",
    Machine.X86_64: "x86_64",
    Machine.AARCH64: "aarch64",
    Machine.RISCV: "RISC-V",
}


def machine_words(elf: Elf) -> str:
    """Return words for the machine of an ELF file, with its class and byte order."""
    name: str | None = {int(key): word for key, word in _MACHINE_WORDS.items()}.get(elf.machine)
    if elf.machine == Machine.PPC64 and elf.byteorder == "little":
        name = "ppc64le"
    word = name or f"ELF machine {elf.machine}"
    return f"{word} ({elf.bits}-bit, {elf.byteorder}-endian)"
