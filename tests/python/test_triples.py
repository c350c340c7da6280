"""Every architecture's name in every world, whole, so that a wrong cell is seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crosswheel.act.planning.toolchain_wheel import toolchain_release
from crosswheel.target.support import FAMILIES, Support, support_of
from crosswheel.target.targets import parse_target_id
from crosswheel.target.triples import (
    bazel_constraints,
    debian_multiarch,
    gnu_triple,
    minimum_zig_glibc,
    nix_system,
    oci_platform,
    rust_triple,
    sysconfig_platform,
    zig_triple,
)
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Arch, Glibc, Platform

#: platform, GNU, Debian, Rust, zig, OCI, Nix, sysconfig
TABLE = """
linux_x86_64_glibc_2_28 x86_64-linux-gnu x86_64-linux-gnu x86_64-unknown-linux-gnu x86_64-linux-gnu.2.28 linux/amd64 x86_64-linux linux-x86_64
linux_aarch64_glibc_2_17 aarch64-linux-gnu aarch64-linux-gnu aarch64-unknown-linux-gnu aarch64-linux-gnu.2.17 linux/arm64 aarch64-linux linux-aarch64
linux_armv7l_glibc_2_28 arm-linux-gnueabihf arm-linux-gnueabihf armv7-unknown-linux-gnueabihf arm-linux-gnueabihf.2.28 linux/arm/v7 armv7l-linux linux-armv7l
linux_i686_glibc_2_5 i686-linux-gnu i386-linux-gnu i686-unknown-linux-gnu x86-linux-gnu.2.5 linux/386 i686-linux linux-i686
linux_ppc64le_glibc_2_28 powerpc64le-linux-gnu powerpc64le-linux-gnu powerpc64le-unknown-linux-gnu powerpc64le-linux-gnu.2.28 linux/ppc64le powerpc64le-linux linux-ppc64le
linux_s390x_glibc_2_34 s390x-linux-gnu s390x-linux-gnu s390x-unknown-linux-gnu s390x-linux-gnu.2.34 linux/s390x s390x-linux linux-s390x
linux_riscv64_glibc_2_39 riscv64-linux-gnu riscv64-linux-gnu riscv64gc-unknown-linux-gnu riscv64-linux-gnu.2.39 linux/riscv64 riscv64-linux linux-riscv64
linux_x86_64_musl_1_2 x86_64-linux-musl x86_64-linux-musl x86_64-unknown-linux-musl x86_64-linux-musl linux/amd64 x86_64-linux linux-x86_64
linux_armv7l_musl_1_2 arm-linux-musleabihf arm-linux-musleabihf armv7-unknown-linux-musleabihf arm-linux-musleabihf linux/arm/v7 armv7l-linux linux-armv7l
linux_i686_musl_1_2 i686-linux-musl i386-linux-musl i686-unknown-linux-musl x86-linux-musl linux/386 i686-linux linux-i686
macos_aarch64_11_0 aarch64-apple-darwin - aarch64-apple-darwin aarch64-macos.11.0 darwin/arm64 aarch64-darwin macosx-11.0-arm64
macos_x86_64_10_9 x86_64-apple-darwin - x86_64-apple-darwin x86_64-macos.10.9 darwin/amd64 x86_64-darwin macosx-10.9-x86_64
windows_x86_64 x86_64-w64-mingw32 - x86_64-pc-windows-msvc x86_64-windows-gnu windows/amd64 x86_64-windows win-amd64
windows_aarch64 aarch64-w64-mingw32 - aarch64-pc-windows-msvc aarch64-windows-gnu windows/arm64 aarch64-windows win-arm64
windows_i686 i686-w64-mingw32 - i686-pc-windows-msvc x86-windows-gnu windows/386 i686-windows win32
ios_aarch64_iphoneos_13_0 arm64-apple-ios - aarch64-apple-ios aarch64-ios.13.0 - - ios-13.0-arm64-iphoneos
ios_aarch64_iphonesimulator_13_0 arm64-apple-ios-simulator - aarch64-apple-ios-sim aarch64-ios.13.0-simulator - - ios-13.0-arm64-iphonesimulator
ios_x86_64_iphonesimulator_13_0 x86_64-apple-ios-simulator - x86_64-apple-ios x86_64-ios.13.0-simulator - - ios-13.0-x86_64-iphonesimulator
android_aarch64_24 aarch64-linux-android - aarch64-linux-android aarch64-linux-android.24 - - android-24-arm64_v8a
android_armv7l_24 arm-linux-androideabi - armv7-linux-androideabi arm-linux-androideabi.24 - - android-24-armeabi_v7a
android_i686_24 i686-linux-android - i686-linux-android x86-linux-android.24 - - android-24-x86
emscripten_wasm32_2025_0 wasm32-unknown-emscripten - wasm32-unknown-emscripten wasm32-emscripten - - emscripten-4.0.9-wasm32
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
WORLDS: list[Callable[[Platform], str]] = [
    gnu_triple,
    debian_multiarch,
    rust_triple,
    zig_triple,
    oci_platform,
    nix_system,
    sysconfig_platform,
]


def platform_of(platform_id: str) -> Platform:
    return parse_target_id(f"cp313-{platform_id}").platform


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_platform_has_its_names(row: list[str]) -> None:
    for name_in, expected in zip(WORLDS, row[1:], strict=True):
        if expected != "-":
            assert name_in(platform_of(row[0])) == expected


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_world_without_a_name_says_so(row: list[str]) -> None:
    for name_in, expected in zip(WORLDS, row[1:], strict=True):
        if expected == "-":
            with pytest.raises(InputError, match=f"of '{row[0]}': it has none; use "):
                name_in(platform_of(row[0]))


def test_the_whole_text_of_a_missing_name() -> None:
    with pytest.raises(InputError) as caught:
        debian_multiarch(platform_of("windows_x86_64"))
    assert (
        str(caught.value)
        == "cannot give the Debian multiarch tuple of 'windows_x86_64': it has none; use Linux"
    )


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        (
            "linux_ppc64le_glibc_2_17",
            (
                "cannot compile with zig for target platform 'linux_ppc64le_glibc_2_17': zig links ppc64le against "
                "glibc 2.19 and newer only; raise the target's glibc to 2.19"
            ),
        ),
        (
            "linux_armv7l_musl_1_1",
            (
                "cannot compile with zig for target platform 'linux_armv7l_musl_1_1': zig's musl has 64-bit time_t, "
                "which 32-bit musl has since 1.2 only; raise the target's musl to 1.2"
            ),
        ),
        (
            "linux_aarch64_glibc_2_99",
            (
                "cannot compile with zig for target platform 'linux_aarch64_glibc_2_99': the newest glibc zig knows "
                "is 2.44; lower the target's glibc to 2.44 or older, or take prebuilt wheels only"
            ),
        ),
    ],
)
def test_zig_refuses_a_c_library_it_does_not_have(platform: str, text: str) -> None:
    with pytest.raises(InputError) as caught:
        zig_triple(platform_of(platform))
    assert str(caught.value) == text


def test_zig_takes_its_newest_glibc() -> None:
    assert zig_triple(platform_of("linux_aarch64_glibc_2_44")) == "aarch64-linux-gnu.2.44"


def test_the_newest_glibc_was_read_from_the_zig_that_is_pinned() -> None:
    # Another release: read the last version of its lib/libc/glibc/abilists into NEWEST_ZIG_GLIBC.
    assert toolchain_release() == "ziglang==0.17.0"


def test_what_zig_cannot_reach_is_selected_for_but_not_built_for() -> None:
    assert support_of(platform_of("linux_aarch64_glibc_2_99")) is Support.SELECT
    assert support_of(platform_of("linux_aarch64_glibc_2_44")) is Support.CROSS_BUILD
    assert support_of(platform_of("linux_armv7l_musl_1_1")) is Support.SELECT
    assert support_of(platform_of("linux_aarch64_musl_1_1")) is Support.CROSS_BUILD


def test_zig_takes_its_oldest_glibc() -> None:
    assert zig_triple(platform_of("linux_ppc64le_glibc_2_19")) == "powerpc64le-linux-gnu.2.19"


def test_only_two_architectures_start_later_in_zig_than_in_pep_599() -> None:
    known = {arch: minimum_zig_glibc(arch) for arch in Arch}
    assert {arch: floor for arch, floor in known.items() if floor is not None} == {
        Arch.PPC64LE: Glibc(major=2, minor=19),
        Arch.RISCV64: Glibc(major=2, minor=27),
    }


@pytest.mark.parametrize(
    ("platform", "system", "cpu"),
    [
        ("linux_x86_64_glibc_2_28", "linux", "x86_64"),
        ("linux_aarch64_musl_1_2", "linux", "aarch64"),
        ("linux_armv7l_glibc_2_28", "linux", "armv7"),
        ("linux_i686_glibc_2_28", "linux", "x86_32"),
        ("linux_ppc64le_glibc_2_28", "linux", "ppc64le"),
        ("linux_s390x_glibc_2_28", "linux", "s390x"),
        ("linux_riscv64_glibc_2_31", "linux", "riscv64"),
        ("macos_aarch64_11_0", "macos", "aarch64"),
        ("windows_i686", "windows", "x86_32"),
        ("ios_aarch64_iphoneos_13_0", "ios", "aarch64"),
        ("android_armv7l_24", "android", "armv7"),
        ("emscripten_wasm32_2025_0", "emscripten", "wasm32"),
    ],
)
def test_bazel_constraints_are_those_of_the_platforms_module(platform: str, system: str, cpu: str) -> None:
    assert bazel_constraints(platform_of(platform)) == (f"@platforms//os:{system}", f"@platforms//cpu:{cpu}")


def test_every_family_has_names_in_the_worlds_that_name_everything() -> None:
    for platform in FAMILIES:
        for name_in in (gnu_triple, rust_triple, zig_triple, sysconfig_platform):
            assert name_in(platform)


def test_an_unknown_emscripten_has_no_sysconfig_name() -> None:
    with pytest.raises(InputError) as caught:
        sysconfig_platform(platform_of("emscripten_wasm32_2031_0"))
    assert (
        str(caught.value) == "cannot give the sysconfig platform of 'emscripten_wasm32_2031_0': it has none; "
        "use a PyEmscripten version known to crosswheel"
    )
