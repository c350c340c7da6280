"""The musl libc that wheels are linked against: the symbols of a musl release, under the name it has on musl systems.

musl's symbols have no versions, so a link against the musl that zig brings finds what the target's may lack. zig makes
its ``libc.so`` from one assembly file that lists all symbols; without the newer ones a link, and every configure script
that tries one, sees the target's musl.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from crosswheel.target.musl_symbols import musl_symbol_version
from crosswheel.values.platforms import Arch

__all__ = ["libc_source", "libc_source_defines", "musl_soname"]

#: Names of architectures in ``libc.musl-<arch>.so.1``, Alpine's, where they are not ours. auditwheel expects them
#: (https://github.com/pypa/auditwheel/blob/main/src/auditwheel/policy/__init__.py, `_fixup_musl_libc_soname`).
_ALPINE: Mapping[Arch, str] = MappingProxyType({Arch.ARMV7L: "armv7", Arch.I686: "x86"})

#: What zig's compilation of the file defines (zig's ``src/libs/musl.zig``), by architecture.
_DEFINES: Mapping[Arch, tuple[str, ...]] = MappingProxyType(
    {
        Arch.X86_64: ("PTR64", "FAMILY_x86", "ARCH_x86_64"),
        Arch.AARCH64: ("PTR64", "FAMILY_aarch64", "ARCH_aarch64"),
        Arch.ARMV7L: ("TIME32", "FAMILY_arm", "ARCH_arm"),
        Arch.I686: ("TIME32", "FAMILY_x86", "ARCH_i386"),
        Arch.PPC64LE: ("PTR64", "FAMILY_powerpc", "ARCH_powerpc64"),
        Arch.S390X: ("PTR64", "FAMILY_s390x", "ARCH_s390x"),
        Arch.RISCV64: ("PTR64", "FAMILY_riscv", "ARCH_riscv64"),
    }
)

_SYMBOL = re.compile(r"^\S+ (?P<name>\w+)\n(?:\.\w+ (?P=name),.*\n)+(?P=name):\n", re.MULTILINE)


def musl_soname(arch: Arch) -> str:
    """Return the file name of musl's libc on musl distributions, which PEP 656's wheels link.

    >>> musl_soname(Arch.ARMV7L)
    'libc.musl-armv7.so.1'
    """
    return f"libc.musl-{_ALPINE.get(arch, arch.value)}.so.1"


def libc_source(text: str, version: tuple[int, int]) -> str:
    r"""Return zig's list of musl's symbols without those that are newer than the first release of `version`.

    A tag ``musllinux_X_Y`` speaks for every musl X.Y.z, so only what X.Y.0 has is sure to be there.

    Args:
        text: zig's ``lib/libc/musl/libc.S``.
        version: the target's musl, e.g. ``(1, 2)``.

    >>> libc_source(".weak statx\n.type statx, %function;\nstatx:\n", (1, 2))
    ''
    """

    def kept(match: re.Match[str]) -> str:
        return "" if musl_symbol_version(match["name"]) > (*version, 0) else match[0]

    return _SYMBOL.sub(kept, text)


def libc_source_defines(arch: Arch) -> Sequence[str]:
    """Return the preprocessor symbols zig's list of musl's symbols is compiled with."""
    return _DEFINES[arch]
