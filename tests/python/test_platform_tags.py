"""Platform tags taken apart."""

from __future__ import annotations

import pytest

from crosswheel.decide.locks.platform_tags import read_platform_tag


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("manylinux_2_28_aarch64", ("manylinux", "Linux", "glibc", (2, 28), "aarch64")),
        ("manylinux1_i686", ("manylinux", "Linux", "glibc", (2, 5), "i686")),
        ("manylinux2010_x86_64", ("manylinux", "Linux", "glibc", (2, 12), "x86_64")),
        ("manylinux2014_s390x", ("manylinux", "Linux", "glibc", (2, 17), "s390x")),
        ("musllinux_1_2_riscv64", ("musllinux", "Linux", "musl", (1, 2), "riscv64")),
        ("linux_armv7l", ("linux", "Linux", None, (), "armv7l")),
        ("macosx_11_0_universal2", ("macosx", "macOS", "macOS", (11, 0), "universal2")),
        ("ios_13_0_arm64_iphoneos", ("ios", "iOS", "iOS", (13, 0), "arm64_iphoneos")),
        ("android_24_arm64_v8a", ("android", "Android", "Android API level", (24,), "arm64_v8a")),
        ("win32", ("win", "Windows", None, (), "32")),
        ("win_amd64", ("win", "Windows", None, (), "amd64")),
        ("pyodide_2025_0_wasm32", ("pyodide", "Emscripten", "Pyodide", (2025, 0), "wasm32")),
        ("emscripten_4_0_9_wasm32", ("emscripten", "Emscripten", "Emscripten", (4, 0), "wasm32")),
        ("freebsd_14_amd64", ("freebsd", "freebsd", None, (), "14_amd64")),
    ],
)
def test_a_tag_says_what_it_asks_for(tag: str, expected: tuple[object, ...]) -> None:
    read = read_platform_tag(tag)
    assert read is not None
    assert (read.family, read.system, read.library, read.version, read.arch) == expected


def test_any_asks_for_nothing() -> None:
    assert read_platform_tag("any") is None
