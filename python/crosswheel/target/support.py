"""What crosswheel can do for a platform: choose and verify wheels, or build them as well."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import (
    Android,
    Arch,
    Emscripten,
    Glibc,
    Ios,
    Linux,
    MacOs,
    Musl,
    OperatingSystem,
    Platform,
    Windows,
)

from .triples import zig_triple

__all__ = [
    "FAMILIES",
    "Support",
    "refuse_own_toolchain",
    "refuse_without_toolchain",
    "support_of",
    "why_not_built",
]


class Support(Enum):
    """How far crosswheel goes for a platform."""

    SELECT = "select"
    CROSS_BUILD = "select, cross build"


def support_of(platform: Platform) -> Support:
    """Return how far crosswheel goes for `platform`.

    >>> support_of(Platform(os=Windows(), arch=Arch.I686)).value
    'select'
    """
    match platform.os:
        case Linux():
            return Support.CROSS_BUILD if why_not_built(platform) is None else Support.SELECT
        case MacOs() | Windows() if platform.arch in _OTHER_ARCHS:
            return Support.CROSS_BUILD
        case _:
            return Support.SELECT


#: Architectures that macOS and Windows have a CPython of, and crosswheel a description.
_OTHER_ARCHS = frozenset({Arch.AARCH64, Arch.X86_64})


def why_not_built(platform: Platform) -> str | None:
    """Return why nothing is built for this version of a platform whose kind is built for; ``None`` if it is.

    >>> why_not_built(Platform(os=Linux(libc=Glibc(major=2, minor=99)), arch=Arch.AARCH64))
    "the newest glibc zig knows is 2.44; lower the target's glibc to 2.44 or older, or take prebuilt wheels only"
    """
    try:
        zig_triple(platform)
    except InputError as error:
        return f"{error.why}; {error.fix}"
    return None


def refuse_without_toolchain(target: Target) -> None:
    """Raise unless zig compiles for a target.

    Raises:
        InputError: says what else compiles for it, or what to change.
    """
    platform = target.platform
    match platform.os:
        case Ios():
            raise _vendors(target, _IOS, _OTHERWISE)
        case Android() | Emscripten():
            system, tool, option = _VENDORS[type(platform.os)]
            why = f"zig has no C library of {system}, and no toolchain for it is named"
            fix = f"name {tool} ({option}), or {_OTHERWISE}"
            raise _vendors(target, why, fix)
        case _:
            zig_triple(platform)


def refuse_own_toolchain(target: Target) -> None:
    """Raise unless a toolchain of the user's own may compile for a target.

    Raises:
        InputError: says what compiles for it.
    """
    match target.platform.os:
        case Ios():
            raise _vendors(target, _IOS, _OTHERWISE)
        case MacOs() | Windows() as system:
            name = "macOS" if isinstance(system, MacOs) else "Windows"
            raise InputError(
                "use toolchain for",
                target.id,
                why=f"for {name} crosswheel compiles with zig only",
                fix="name the targets that the toolchain is for (--toolchain TARGET=PATH)",
            )


_OTHERWISE = (
    "take prebuilt wheels, or build this one with cibuildwheel where that toolchain is and lock its wheel"
)
_VENDORS: Mapping[type[OperatingSystem], tuple[str, str, str]] = MappingProxyType(
    {
        Android: ("Android", "the NDK", "--toolchain android-ndk-r27"),
        Emscripten: ("Emscripten", "its SDK", "--toolchain emsdk"),
    }
)
_IOS = "only Xcode compiles for iOS, and it runs on macOS, where crosswheel builds nothing"


def _vendors(target: Target, why: str, fix: str) -> InputError:
    return InputError("build for", target.id, why=why, fix=fix)


def _platforms(system: OperatingSystem, *archs: Arch) -> tuple[Platform, ...]:
    return tuple(Platform(os=system, arch=arch) for arch in archs)


_LINUX_ARCHS = (Arch.X86_64, Arch.AARCH64, Arch.ARMV7L, Arch.I686, Arch.PPC64LE, Arch.S390X)
_GLIBC = Linux(libc=Glibc(major=2, minor=28))
_MUSL = Linux(libc=Musl(major=1, minor=2))
_DEVICE = Ios(major=13, minor=0, sdk="iphoneos")
_SIMULATOR = Ios(major=13, minor=0, sdk="iphonesimulator")

#: One platform of every family, at the version a bare name stands for.
FAMILIES: tuple[Platform, ...] = (
    *_platforms(_GLIBC, *_LINUX_ARCHS),
    *_platforms(Linux(libc=Glibc(major=2, minor=31)), Arch.RISCV64),
    *_platforms(_MUSL, *_LINUX_ARCHS, Arch.RISCV64),
    *_platforms(MacOs(major=11, minor=0), Arch.AARCH64, Arch.X86_64),
    *_platforms(Windows(), Arch.X86_64, Arch.AARCH64, Arch.I686),
    *_platforms(_DEVICE, Arch.AARCH64),
    *_platforms(_SIMULATOR, Arch.AARCH64, Arch.X86_64),
    *_platforms(Android(api_level=24), Arch.AARCH64, Arch.ARMV7L, Arch.X86_64, Arch.I686),
    *_platforms(Emscripten(year=2025, patch=0), Arch.WASM32),
)
