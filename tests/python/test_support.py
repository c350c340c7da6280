"""What compiles for a target: zig, a toolchain of the user's own, or nothing crosswheel can use."""

from __future__ import annotations

import pytest

from crosswheel.target.support import refuse_own_toolchain, refuse_without_toolchain
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError

OTHERWISE = (
    "take prebuilt wheels, or build this one with cibuildwheel where that toolchain is and lock its wheel"
)
XCODE = f"only Xcode compiles for iOS, and it runs on macOS, where crosswheel builds nothing; {OTHERWISE}"
NDK = (
    "zig has no C library of Android, and no toolchain for it is named; "
    f"name the NDK (--toolchain android-ndk-r27), or {OTHERWISE}"
)
EMSDK = (
    "zig has no C library of Emscripten, and no toolchain for it is named; "
    f"name its SDK (--toolchain emsdk), or {OTHERWISE}"
)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("cp313-ios_aarch64_iphoneos_13_0", XCODE),
        ("cp313-android_aarch64_24", NDK),
        ("cp313-emscripten_wasm32_2025_0", EMSDK),
    ],
)
def test_what_only_a_vendors_toolchain_compiles_for_needs_one(target: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        refuse_without_toolchain(parse_target_id(target))
    assert str(caught.value) == f"cannot build for '{target}': {told}"


def test_a_c_library_zig_has_not_needs_a_toolchain() -> None:
    with pytest.raises(InputError, match=r"zig links ppc64le against glibc 2\.19 and newer only"):
        refuse_without_toolchain(parse_target_id("cp311-linux_ppc64le_glibc_2_17"))


@pytest.mark.parametrize(
    "target",
    ["cp311-linux_aarch64_glibc_2_28", "cp311-macos_aarch64_11_0", "cp311-windows_x86_64"],
)
def test_zig_compiles_for_the_rest(target: str) -> None:
    refuse_without_toolchain(parse_target_id(target))


@pytest.mark.parametrize(
    "target",
    ["cp311-linux_ppc64le_glibc_2_17", "cp313-android_aarch64_24", "cp313-emscripten_wasm32_2025_0"],
)
def test_a_toolchain_of_the_users_own_compiles_for_these(target: str) -> None:
    refuse_own_toolchain(parse_target_id(target))


@pytest.mark.parametrize(
    ("target", "system"), [("macos_aarch64_11_0", "macOS"), ("windows_x86_64", "Windows")]
)
def test_and_for_these_only_zig_does(target: str, system: str) -> None:
    with pytest.raises(InputError) as caught:
        refuse_own_toolchain(parse_target_id(f"cp311-{target}"))
    assert str(caught.value) == (
        f"cannot use toolchain for 'cp311-{target}': for {system} crosswheel compiles with zig only; "
        "name the targets that the toolchain is for (--toolchain TARGET=PATH)"
    )


def test_no_toolchain_helps_with_ios() -> None:
    with pytest.raises(InputError) as caught:
        refuse_own_toolchain(parse_target_id("cp313-ios_aarch64_iphoneos_13_0"))
    assert caught.value.why == XCODE.partition(";")[0]
