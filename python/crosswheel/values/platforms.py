"""Platforms: operating system, architecture and exactly one C library (or deployment target, or API level).

Knows nothing of the machine it runs on, nor of how other
people name a platform: that is `crosswheel.target.architectures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

from .errors import InputError

__all__ = [
    "GLIBC_FLOORS",
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
    "glibc_floor",
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
    """Where a wheel runs, apart from its Python.

    Raises:
        InputError: no Python of that operating system runs on that architecture, or the version is
            below what the architecture's first release needs.

    >>> Platform(os=Linux(libc=Glibc(major=2, minor=28)), arch=Arch.AARCH64).id
    'linux_aarch64_glibc_2_28'
    """

    os: OperatingSystem
    arch: Arch

    def __post_init__(self) -> None:
        fault = _fault(self.os, self.arch)
        if fault is not None:
            why, fix = fault
            raise InputError("use target platform", self.id, why=why, fix=fix)

    @property
    def id(self) -> str:
        """The canonical platform id, e.g. ``linux_aarch64_glibc_2_28``."""
        arch = self.arch.value
        match self.os:
            case Linux(libc=libc):
                kind = "glibc" if isinstance(libc, Glibc) else "musl"
                return f"linux_{arch}_{kind}_{libc.major}_{libc.minor}"
            case MacOs(major=major, minor=minor):
                return f"macos_{arch}_{major}_{minor}"
            case Windows():
                return f"windows_{arch}"
            case Ios(major=major, minor=minor, sdk=sdk):
                return f"ios_{arch}_{sdk}_{major}_{minor}"
            case Android(api_level=api_level):
                return f"android_{arch}_{api_level}"
            case Emscripten(year=year, patch=patch):
                return f"emscripten_{arch}_{year}_{patch}"

    def __str__(self) -> str:
        return self.id


#: The oldest glibc (2.N) a target of each architecture may name, i.e. the oldest manylinux image there ever was
#: for it: PEP 513 for x86, PEP 599 for the others, the pypa/manylinux images for riscv64.
GLIBC_FLOORS: Mapping[Arch, int] = MappingProxyType(
    {
        Arch.X86_64: 5,
        Arch.I686: 5,
        Arch.AARCH64: 17,
        Arch.ARMV7L: 17,
        Arch.PPC64LE: 17,
        Arch.S390X: 17,
        Arch.RISCV64: 31,
    }
)

_IOS_SDKS: Mapping[str, frozenset[Arch]] = MappingProxyType(
    {
        "iphoneos": frozenset({Arch.AARCH64}),
        "iphonesimulator": frozenset({Arch.AARCH64, Arch.X86_64}),
    }
)

_ANDROID_ARCHS = frozenset({Arch.AARCH64, Arch.ARMV7L, Arch.X86_64, Arch.I686})
_WINDOWS_ARCHS = frozenset({Arch.X86_64, Arch.AARCH64, Arch.I686})

#: The oldest macOS of each architecture Python runs on.
_MACOS_FLOORS: Mapping[Arch, tuple[int, int]] = MappingProxyType(
    {Arch.X86_64: (10, 4), Arch.AARCH64: (11, 0)}
)

#: Bounds the length of a tag list, and catches a slip of the finger such as 2_280.
_LARGEST_VERSION = 99


def glibc_floor(arch: Arch) -> Glibc:
    """Return the oldest glibc a target of `arch` may name.

    Raises:
        InputError: there is no Linux target of `arch`.

    >>> glibc_floor(Arch.RISCV64)
    Glibc(major=2, minor=31)
    """
    if arch not in GLIBC_FLOORS:
        raise InputError(
            "use Linux on", arch.value, why=_no_arch("Linux", GLIBC_FLOORS), fix="use one of these"
        )
    return Glibc(major=2, minor=GLIBC_FLOORS[arch])


def _fault(system: OperatingSystem, arch: Arch) -> tuple[str, str] | None:
    """Return why no target is `system` on `arch`, and what to do; ``None`` when all is well."""
    match system:
        case Linux(libc=libc):
            return _linux_fault(libc, arch)
        case MacOs(major=major, minor=minor):
            return _macos_fault((major, minor), arch)
        case Windows():
            return _arch_fault("Windows", arch, _WINDOWS_ARCHS)
        case Ios(major=major, minor=minor, sdk=sdk):
            return _ios_fault((major, minor), sdk, arch)
        case Android(api_level=api_level):
            if not 16 <= api_level <= _LARGEST_VERSION:
                return f"Python needs an API level from 16 to {_LARGEST_VERSION}", "use for example 24"
            return _arch_fault("Android", arch, _ANDROID_ARCHS)
        case Emscripten(year=year, patch=patch):
            if not (2023 <= year <= 2099 and 0 <= patch <= _LARGEST_VERSION):
                return "a PyEmscripten version is a year and a patch number", "use for example 2025_0"
            return _arch_fault("Emscripten", arch, {Arch.WASM32})


def _linux_fault(libc: Glibc | Musl, arch: Arch) -> tuple[str, str] | None:
    fault = _arch_fault("Linux", arch, GLIBC_FLOORS)
    if fault is not None:
        return fault
    if isinstance(libc, Musl):
        if libc.major != 1 or not 0 <= libc.minor <= _LARGEST_VERSION:
            return "musl versions are 1.0 and newer 1.x", "use for example musl 1.2"
        return None
    if libc.major != 2 or libc.minor > _LARGEST_VERSION:
        return "glibc versions are 2.x", "use for example glibc 2.28"
    floor = GLIBC_FLOORS[arch]
    if libc.minor < floor:
        return f"{arch.value} starts at glibc 2.{floor}", f"use glibc 2.{floor} or newer"
    return None


def _macos_fault(version: tuple[int, int], arch: Arch) -> tuple[str, str] | None:
    fault = _arch_fault("macOS", arch, _MACOS_FLOORS)
    if fault is not None:
        return fault
    floor = _MACOS_FLOORS[arch]
    if version < floor:
        first = f"{floor[0]}.{floor[1]}"
        return f"{arch.value} starts at macOS {first}", f"use macOS {first} or newer"
    if version[0] > _LARGEST_VERSION or not 0 <= version[1] <= _LARGEST_VERSION:
        return "there is no such macOS", "use for example macOS 11.0"
    return None


def _ios_fault(version: tuple[int, int], sdk: str, arch: Arch) -> tuple[str, str] | None:
    if sdk not in _IOS_SDKS:
        return "the SDKs are iphoneos and iphonesimulator", "use one of these"
    if not (12, 0) <= version <= (_LARGEST_VERSION, _LARGEST_VERSION) or version[1] > _LARGEST_VERSION:
        return f"Python needs an iOS from 12.0 to {_LARGEST_VERSION}", "use for example iOS 13.0"
    return _arch_fault(f"the SDK {sdk}", arch, _IOS_SDKS[sdk])


def _arch_fault(
    system: str, arch: Arch, archs: Mapping[Arch, object] | frozenset[Arch] | set[Arch]
) -> tuple[str, str] | None:
    return None if arch in archs else (_no_arch(system, archs), "use one of these")


def _no_arch(system: str, archs: Mapping[Arch, object] | frozenset[Arch] | set[Arch]) -> str:
    return f"the architectures of {system} are {', '.join(arch.value for arch in Arch if arch in archs)}"
