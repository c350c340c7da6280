"""Platforms that cannot exist are refused when made, with the reason."""

from __future__ import annotations

import pytest

from crosswheel.values.errors import InputError
from crosswheel.values.platforms import (
    GLIBC_FLOORS,
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
    glibc_floor,
)

LINUX_ARCHS = "x86_64, aarch64, armv7l, i686, ppc64le, s390x, riscv64"


@pytest.mark.parametrize(
    ("system", "arch", "text"),
    [
        (
            Linux(libc=Glibc(major=2, minor=16)),
            Arch.AARCH64,
            (
                "cannot use target platform 'linux_aarch64_glibc_2_16': aarch64 starts at glibc 2.17; "
                "use glibc 2.17 or newer"
            ),
        ),
        (
            Linux(libc=Glibc(major=2, minor=30)),
            Arch.RISCV64,
            (
                "cannot use target platform 'linux_riscv64_glibc_2_30': riscv64 starts at glibc 2.31; "
                "use glibc 2.31 or newer"
            ),
        ),
        (
            Linux(libc=Glibc(major=3, minor=0)),
            Arch.X86_64,
            "cannot use target platform 'linux_x86_64_glibc_3_0': glibc versions are 2.x; use for example glibc 2.28",
        ),
        (
            Linux(libc=Musl(major=2, minor=0)),
            Arch.X86_64,
            (
                "cannot use target platform 'linux_x86_64_musl_2_0': musl versions are 1.0 and newer 1.x; "
                "use for example musl 1.2"
            ),
        ),
        (
            Linux(libc=Musl(major=1, minor=2)),
            Arch.WASM32,
            (
                f"cannot use target platform 'linux_wasm32_musl_1_2': the architectures of Linux are {LINUX_ARCHS}; "
                "use one of these"
            ),
        ),
        (
            MacOs(major=10, minor=15),
            Arch.AARCH64,
            "cannot use target platform 'macos_aarch64_10_15': aarch64 starts at macOS 11.0; use macOS 11.0 or newer",
        ),
        (
            MacOs(major=11, minor=0),
            Arch.I686,
            (
                "cannot use target platform 'macos_i686_11_0': the architectures of macOS are x86_64, aarch64; "
                "use one of these"
            ),
        ),
        (
            MacOs(major=111, minor=0),
            Arch.AARCH64,
            "cannot use target platform 'macos_aarch64_111_0': there is no such macOS; use for example macOS 11.0",
        ),
        (
            Windows(),
            Arch.S390X,
            (
                "cannot use target platform 'windows_s390x': the architectures of Windows are x86_64, aarch64, i686; "
                "use one of these"
            ),
        ),
        (
            Ios(major=13, minor=0, sdk="iphoneos"),
            Arch.X86_64,
            (
                "cannot use target platform 'ios_x86_64_iphoneos_13_0': the architectures of the SDK iphoneos are "
                "aarch64; use one of these"
            ),
        ),
        (
            Ios(major=11, minor=0, sdk="iphoneos"),
            Arch.AARCH64,
            (
                "cannot use target platform 'ios_aarch64_iphoneos_11_0': Python needs an iOS from 12.0 to 99; "
                "use for example iOS 13.0"
            ),
        ),
        (
            Ios(major=13, minor=0, sdk="watchos"),
            Arch.AARCH64,
            (
                "cannot use target platform 'ios_aarch64_watchos_13_0': the SDKs are iphoneos and iphonesimulator; "
                "use one of these"
            ),
        ),
        (
            Android(api_level=15),
            Arch.AARCH64,
            (
                "cannot use target platform 'android_aarch64_15': Python needs an API level from 16 to 99; "
                "use for example 24"
            ),
        ),
        (
            Android(api_level=24),
            Arch.RISCV64,
            (
                "cannot use target platform 'android_riscv64_24': the architectures of Android are x86_64, aarch64, "
                "armv7l, i686; use one of these"
            ),
        ),
        (
            Emscripten(year=25, patch=0),
            Arch.WASM32,
            (
                "cannot use target platform 'emscripten_wasm32_25_0': a PyEmscripten version is a year and a patch "
                "number; use for example 2025_0"
            ),
        ),
        (
            Emscripten(year=2025, patch=0),
            Arch.X86_64,
            (
                "cannot use target platform 'emscripten_x86_64_2025_0': the architectures of Emscripten are wasm32; "
                "use one of these"
            ),
        ),
    ],
)
def test_a_platform_that_cannot_exist_is_refused(system: OperatingSystem, arch: Arch, text: str) -> None:
    with pytest.raises(InputError) as caught:
        Platform(os=system, arch=arch)
    assert str(caught.value) == text


@pytest.mark.parametrize("arch", GLIBC_FLOORS)
def test_the_floor_itself_is_a_platform(arch: Arch) -> None:
    Platform(os=Linux(libc=glibc_floor(arch)), arch=arch)


def test_every_architecture_but_wasm32_has_a_glibc_floor() -> None:
    assert set(Arch) - set(GLIBC_FLOORS) == {Arch.WASM32}


def test_asking_for_the_glibc_of_wasm32_is_an_error() -> None:
    with pytest.raises(InputError) as caught:
        glibc_floor(Arch.WASM32)
    assert (
        str(caught.value)
        == f"cannot use Linux on 'wasm32': the architectures of Linux are {LINUX_ARCHS}; use one of these"
    )


def test_only_s390x_is_big_endian() -> None:
    assert [arch for arch in Arch if arch.byteorder == "big"] == [Arch.S390X]


def test_pointers_are_32_bits_wide_on_three_architectures() -> None:
    assert {arch for arch in Arch if arch.pointer_width == 32} == {Arch.ARMV7L, Arch.I686, Arch.WASM32}


def test_c_library_versions_order_by_number() -> None:
    assert Glibc(major=2, minor=5) < Glibc(major=2, minor=17) < Glibc(major=2, minor=28)
