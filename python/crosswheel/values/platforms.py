"""Platforms: operating system, architecture and exactly one C library (or deployment target, or API level).

The one place for what is known of an architecture. Knows nothing of the machine it runs on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

__all__ = [
    "Android",
    "Arch",
    "Emscripten",
    "Glibc",
    "Ios",
    "Linux",
    "MacOs",
    "Musl",
    "OperatingSystem",
    "Platform",
    "Windows",
]


class Arch(Enum):
    """An instruction set, named as Linux's ``uname -m`` names it."""

    X86_64 = "x86_64"
    AARCH64 = "aarch64"
    ARMV7L = "armv7l"
    I686 = "i686"
    PPC64LE = "ppc64le"
    S390X = "s390x"
    RISCV64 = "riscv64"
    WASM32 = "wasm32"

    @property
    def pointer_width(self) -> int:
        """Width of a pointer in bits."""
        return 32 if self in {Arch.ARMV7L, Arch.I686, Arch.WASM32} else 64

    @property
    def byteorder(self) -> str:
        """``"little"`` or ``"big"``, as `sys.byteorder` spells it."""
        return "big" if self is Arch.S390X else "little"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Glibc:
    """The GNU C library at a version: the newest symbol version the target is sure to have (PEP 600)."""

    major: int
    minor: int


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Musl:
    """The musl C library at a version (PEP 656)."""

    major: int
    minor: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Linux:
    """Linux with exactly one C library."""

    libc: Glibc | Musl


@dataclass(frozen=True, kw_only=True, slots=True)
class MacOs:
    """macOS with its deployment target."""

    major: int
    minor: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Windows:
    """Windows; wheels carry no version of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ios:
    """iOS with its deployment target and SDK, ``iphoneos`` or ``iphonesimulator`` (PEP 730)."""

    major: int
    minor: int
    sdk: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Android:
    """Android with its API level (PEP 738)."""

    api_level: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Emscripten:
    """Emscripten with its PyEmscripten platform version, a year and a patch number (PEP 783)."""

    year: int
    patch: int


OperatingSystem: TypeAlias = Linux | MacOs | Windows | Ios | Android | Emscripten


@dataclass(frozen=True, kw_only=True, slots=True)
class Platform:
    """Where a wheel runs, apart from its Python."""

    os: OperatingSystem
    arch: Arch
