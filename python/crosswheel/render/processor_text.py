"""What ``/proc/cpuinfo`` says of a processor: in a build, of the plainest one that the target's programs run on.

Build code reads it to choose instruction sets (py-cpuinfo does, and with it numcodecs, blosc and others): the build
machine's would go into wheels for another. See https://man7.org/linux/man-pages/man5/proc_cpuinfo.5.html; what the lines
are called differs by architecture, for each has its own code in the kernel.
"""

from __future__ import annotations

from crosswheel.values.platforms import Arch

__all__ = ["processor_text"]

_LINES: dict[Arch, dict[str, str]] = {
    Arch.X86_64: {
        "model name": "x86-64 baseline",
        "flags": "fpu tsc cx8 cmov mmx fxsr sse sse2 syscall nx lm",
    },
    Arch.I686: {"model name": "i686 baseline", "flags": "fpu tsc cx8 cmov mmx fxsr sse sse2"},
    Arch.AARCH64: {"Features": "fp asimd", "CPU architecture": "8"},
    Arch.ARMV7L: {
        "model name": "ARMv7 Processor (v7l)",
        "Features": "half thumb fastmult vfp edsp tls vfpv3 vfpv3d16",
        "CPU architecture": "7",
    },
    Arch.PPC64LE: {"cpu": "POWER8, altivec supported"},
    Arch.S390X: {"features": "esan3 zarch stfle msa ldisp eimm dfp"},
    Arch.RISCV64: {"isa": "rv64imafdc"},
    Arch.WASM32: {},
}


def processor_text(arch: Arch) -> str:
    """Return the text of ``/proc/cpuinfo`` on a machine with one such processor.

    >>> processor_text(Arch.RISCV64).split()
    ['processor', ':', '0', 'isa', ':', 'rv64imafdc']
    """
    lines = {"processor": "0", **_LINES[arch]}
    return "".join(f"{name}{_tabs(name)}: {value}\n" for name, value in lines.items()) + "\n"


def _tabs(name: str) -> str:
    return "\t" if len(name) >= 8 else "\t\t"
