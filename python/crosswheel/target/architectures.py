"""How each architecture is called elsewhere: the one table of architecture names.

Knows names only; which of them make a platform's name is said in `triples` and `spellings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from crosswheel.values.platforms import Arch

__all__ = ["ARCH_ALIASES", "ARCH_NAMES", "ArchNames"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchNames:
    """One architecture's names; a name is ``None`` where that world does not have the architecture.

    Attributes:
        gnu: CPU of a GNU triple.
        debian: CPU of Debian's multiarch tuple, where it differs from GNU's in being the baseline CPU.
        rust: CPU of a Rust target.
        zig: CPU of a zig target.
        oci: GOARCH and variant, as in ``linux/<oci>``.
        nix: CPU of a Nix system.
        bazel: name below ``@platforms//cpu``.
        windows: platform tag.
        windows_machine: `platform.machine` on Windows.
        apple: as Apple and macOS platform tags spell it.
        android: Android ABI.
        eabi: float ABI suffix of GNU, Rust and zig C library names.
        also: other names people type.
    """

    gnu: str
    debian: str
    rust: str
    zig: str
    nix: str
    bazel: str
    oci: str | None = None
    windows: str | None = None
    windows_machine: str | None = None
    apple: str | None = None
    android: str | None = None
    eabi: str = ""
    also: tuple[str, ...] = ()


ARCH_NAMES: Mapping[Arch, ArchNames] = MappingProxyType(
    {
        Arch.X86_64: ArchNames(
            gnu="x86_64",
            debian="x86_64",
            rust="x86_64",
            zig="x86_64",
            nix="x86_64",
            bazel="x86_64",
            oci="amd64",
            windows="win_amd64",
            windows_machine="AMD64",
            apple="x86_64",
            android="x86_64",
            also=("x64",),
        ),
        Arch.AARCH64: ArchNames(
            gnu="aarch64",
            debian="aarch64",
            rust="aarch64",
            zig="aarch64",
            nix="aarch64",
            bazel="aarch64",
            oci="arm64",
            windows="win_arm64",
            windows_machine="ARM64",
            apple="arm64",
            android="arm64_v8a",
            also=("arm64/v8", "arm64v8"),
        ),
        Arch.ARMV7L: ArchNames(
            gnu="arm",
            debian="arm",
            rust="armv7",
            zig="arm",
            nix="armv7l",
            bazel="armv7",
            oci="arm/v7",
            android="armeabi_v7a",
            eabi="eabihf",
            also=("armhf", "armv7a", "armv7hl", "arm32v7"),
        ),
        Arch.I686: ArchNames(
            gnu="i686",
            debian="i386",
            rust="i686",
            zig="x86",
            nix="i686",
            bazel="x86_32",
            oci="386",
            windows="win32",
            windows_machine="x86",
            android="x86",
            also=("i586",),
        ),
        Arch.PPC64LE: ArchNames(
            gnu="powerpc64le",
            debian="powerpc64le",
            rust="powerpc64le",
            zig="powerpc64le",
            nix="powerpc64le",
            bazel="ppc64le",
            oci="ppc64le",
            also=("ppc64el",),
        ),
        Arch.S390X: ArchNames(
            gnu="s390x", debian="s390x", rust="s390x", zig="s390x", nix="s390x", bazel="s390x", oci="s390x"
        ),
        Arch.RISCV64: ArchNames(
            gnu="riscv64",
            debian="riscv64",
            rust="riscv64gc",
            zig="riscv64",
            nix="riscv64",
            bazel="riscv64",
            oci="riscv64",
        ),
        Arch.WASM32: ArchNames(
            gnu="wasm32", debian="wasm32", rust="wasm32", zig="wasm32", nix="wasm32", bazel="wasm32"
        ),
    }
)


def _folded(name: str) -> str:
    return name.lower().replace("-", "_").replace("/", "_")


def _aliases() -> dict[str, Arch]:
    aliases: dict[str, Arch] = {}
    for arch, names in ARCH_NAMES.items():
        known = (
            *(names.gnu, names.debian, names.rust, names.zig, names.nix, names.bazel, names.oci),
            *(names.windows_machine, names.apple, names.android, *names.also),
        )
        for name in (arch.value, *filter(None, known)):
            owner = aliases.setdefault(_folded(name), arch)
            if owner is not arch:  # pragma: no cover - a fault of the table above, seen on the first import
                raise AssertionError(f"{name} names both {owner.value} and {arch.value}")
    return aliases


#: Every name of every architecture, lower case with ``_`` between its parts.
ARCH_ALIASES: Mapping[str, Arch] = MappingProxyType(_aliases())
