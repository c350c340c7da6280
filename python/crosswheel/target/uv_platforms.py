"""What uv's ``--python-platform`` values mean (uv 0.13): the one list of them.

A lock resolved by ``uv pip compile --python-platform NAME`` and a target named NAME must agree, so uv's own
words keep uv's own versions, also where crosswheel's rule for a bare name would give an older one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from crosswheel.values.platforms import (
    Android,
    Arch,
    Emscripten,
    Glibc,
    Ios,
    Linux,
    MacOs,
    Musl,
    Platform,
    Windows,
)

__all__ = ["UV_PLATFORMS", "UV_RULE"]

#: The rule reported when a uv value leaves a version open; to be formatted with the platform's id.
UV_RULE = "this name is one of uv's --python-platform values and means what uv means: {}"

_X86, _ARM = Arch.X86_64, Arch.AARCH64


def _glibc(arch: Arch, minor: int) -> Platform:
    return Platform(os=Linux(libc=Glibc(major=2, minor=minor)), arch=arch)


def _musl(arch: Arch) -> Platform:
    return Platform(os=Linux(libc=Musl(major=1, minor=2)), arch=arch)


def _macos(arch: Arch) -> Platform:
    return Platform(os=MacOs(major=13, minor=0), arch=arch)


def _ios(arch: Arch, sdk: str) -> Platform:
    return Platform(os=Ios(major=13, minor=0, sdk=sdk), arch=arch)


def _entries() -> Iterator[tuple[str, Platform]]:
    yield "windows", Platform(os=Windows(), arch=_X86)
    yield "linux", _glibc(_X86, 28)
    yield "macos", _macos(_ARM)
    for arch in (_X86, _ARM, Arch.I686):
        yield f"{arch.value}-pc-windows-msvc", Platform(os=Windows(), arch=arch)
    yield "riscv64-unknown-linux", _glibc(Arch.RISCV64, 39)
    for arch in (_X86, _ARM):
        yield f"{arch.value}-unknown-linux-gnu", _glibc(arch, 28)
        yield f"{arch.value}-unknown-linux-musl", _musl(arch)
        yield f"{arch.value}-apple-darwin", _macos(arch)
        yield f"{arch.value}-manylinux2014", _glibc(arch, 17)
        for minor in (17, 28, *range(31, 41)):
            yield f"{arch.value}-manylinux_2_{minor}", _glibc(arch, minor)
        yield f"{arch.value}-linux-android", Platform(os=Android(api_level=24), arch=arch)
    for year in (2024, 2025):
        yield f"wasm32-pyodide{year}", Platform(os=Emscripten(year=year, patch=0), arch=Arch.WASM32)
    yield "arm64-apple-ios", _ios(_ARM, "iphoneos")
    yield "arm64-apple-ios-simulator", _ios(_ARM, "iphonesimulator")
    yield "x86_64-apple-ios-simulator", _ios(_X86, "iphonesimulator")


#: uv's value -> what it means.
UV_PLATFORMS: Mapping[str, Platform] = MappingProxyType(dict(_entries()))
