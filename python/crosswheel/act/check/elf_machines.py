"""How ELF files and CPython's suffixes spell each architecture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from crosswheel.values.platforms import Arch

from .elf import Machine

__all__ = ["ARM_SOFT_FLOAT", "ELF_MACHINES", "MACHINE_SUFFIX_WORDS", "ElfMachine"]


@dataclass(frozen=True, slots=True)
class ElfMachine:
    """How ELF spells an architecture.

    Attributes:
        machine: ``e_machine``.
        bits: 32 or 64.
        flag_mask: the bits of ``e_flags`` that must have a value.
        flag_values: the values that fit.
        flag_meaning: what they mean, for messages.
        secondary: a 32-bit machine the same processors run; its files are helpers, not extension modules.
    """

    machine: Machine
    bits: int
    flag_mask: int = 0
    flag_values: tuple[int, ...] = (0,)
    flag_meaning: str = ""
    secondary: Machine | None = None


#: By architecture. ARM: EABI version 5 (the float ABI bits are absent from shared objects of older linkers, so only
#: a soft-float mark is a contradiction, see `elf_checks`). POWER: ELFv2 ABI, or none said. RISC-V: double-float ABI (lp64d).
ELF_MACHINES: Mapping[Arch, ElfMachine] = MappingProxyType(
    {
        Arch.X86_64: ElfMachine(Machine.X86_64, 64, secondary=Machine.I386),
        Arch.I686: ElfMachine(Machine.I386, 32),
        Arch.AARCH64: ElfMachine(Machine.AARCH64, 64, secondary=Machine.ARM),
        Arch.ARMV7L: ElfMachine(Machine.ARM, 32, 0xFF000000, (0x05000000,), "the EABI version 5"),
        Arch.PPC64LE: ElfMachine(Machine.PPC64, 64, 0x3, (0x0, 0x2), "the ELFv2 ABI"),
        Arch.S390X: ElfMachine(Machine.S390, 64),
        Arch.RISCV64: ElfMachine(Machine.RISCV, 64, 0x6, (0x4,), "the double-float ABI (lp64d)"),
    }
)

#: ``e_flags`` bit of an ARM file built for the soft-float calling convention.
ARM_SOFT_FLOAT = 0x00000200

#: First words of the multiarch triplets CPython puts into extension suffixes, by architecture
#: (https://wiki.debian.org/Multiarch/Tuples).
MACHINE_SUFFIX_WORDS: Mapping[Arch, str] = MappingProxyType(
    {
        Arch.X86_64: "x86_64",
        Arch.I686: "i386",
        Arch.AARCH64: "aarch64",
        Arch.ARMV7L: "arm",
        Arch.PPC64LE: "powerpc64le",
        Arch.S390X: "s390x",
        Arch.RISCV64: "riscv64",
    }
)
