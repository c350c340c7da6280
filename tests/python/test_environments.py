"""The marker environment is complete, has each system's own strings, and says what nobody can know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Environment, Marker

from crosswheel.target.environments import (
    MARKER_KEYS,
    marker_environment,
    undecided_markers,
    unknowable_markers,
)
from crosswheel.target.support import FAMILIES
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Platform
from crosswheel.values.python_abi import PythonAbi

LINUX = parse_target_id("cp312-linux_aarch64_glibc_2_28")
MAC = parse_target_id("cp312-macos_aarch64_11_0")


def test_the_keys_are_all_those_packaging_knows() -> None:
    assert set(MARKER_KEYS) == set(Environment.__annotations__)


@pytest.mark.parametrize("platform", FAMILIES, ids=str)
def test_no_key_is_missing_on_any_platform(platform: Platform) -> None:
    environment = marker_environment(Target(python=PythonAbi(major=3, minor=13), platform=platform))
    assert tuple(environment) == MARKER_KEYS


@pytest.mark.parametrize(
    ("platform", "os_name", "sys_platform", "system", "machine", "release", "version"),
    [
        ("linux_x86_64_glibc_2_28", "posix", "linux", "Linux", "x86_64", "", ""),
        ("linux_aarch64_musl_1_2", "posix", "linux", "Linux", "aarch64", "", ""),
        ("linux_armv7l_glibc_2_28", "posix", "linux", "Linux", "armv7l", "", ""),
        ("linux_i686_glibc_2_28", "posix", "linux", "Linux", "i686", "", ""),
        ("linux_ppc64le_glibc_2_28", "posix", "linux", "Linux", "ppc64le", "", ""),
        ("linux_s390x_glibc_2_28", "posix", "linux", "Linux", "s390x", "", ""),
        ("linux_riscv64_glibc_2_39", "posix", "linux", "Linux", "riscv64", "", ""),
        ("macos_aarch64_11_0", "posix", "darwin", "Darwin", "arm64", "20.0.0", ""),
        ("macos_x86_64_10_15", "posix", "darwin", "Darwin", "x86_64", "19.0.0", ""),
        ("macos_aarch64_15_0", "posix", "darwin", "Darwin", "arm64", "24.0.0", ""),
        ("macos_aarch64_16_0", "posix", "darwin", "Darwin", "arm64", "25.0.0", ""),
        ("macos_aarch64_26_0", "posix", "darwin", "Darwin", "arm64", "25.0.0", ""),
        ("macos_aarch64_27_0", "posix", "darwin", "Darwin", "arm64", "26.0.0", ""),
        ("windows_x86_64", "nt", "win32", "Windows", "AMD64", "10", ""),
        ("windows_aarch64", "nt", "win32", "Windows", "ARM64", "10", ""),
        ("windows_i686", "nt", "win32", "Windows", "x86", "10", ""),
        ("ios_aarch64_iphoneos_13_0", "posix", "ios", "iOS", "arm64", "13.0", ""),
        ("ios_x86_64_iphonesimulator_16_4", "posix", "ios", "iOS", "x86_64", "16.4", ""),
        ("android_aarch64_24", "posix", "android", "Android", "aarch64", "7.0", ""),
        ("android_armv7l_30", "posix", "android", "Android", "armv7l", "11", ""),
        ("android_i686_16", "posix", "android", "Android", "i686", "4.1", ""),
        ("android_x86_64_32", "posix", "android", "Android", "x86_64", "12", ""),
        ("android_x86_64_34", "posix", "android", "Android", "x86_64", "14", ""),
        ("android_x86_64_36", "posix", "android", "Android", "x86_64", "16", ""),
        ("emscripten_wasm32_2024_0", "posix", "emscripten", "Emscripten", "wasm32", "3.1.58", "#1"),
        ("emscripten_wasm32_2025_0", "posix", "emscripten", "Emscripten", "wasm32", "4.0.9", "#1"),
        ("emscripten_wasm32_2031_0", "posix", "emscripten", "Emscripten", "wasm32", "", "#1"),
    ],
)
def test_each_system_says_of_itself_what_its_python_says(
    platform: str, os_name: str, sys_platform: str, system: str, machine: str, release: str, version: str
) -> None:
    environment = marker_environment(parse_target_id(f"cp312-{platform}"))
    assert environment == {
        "implementation_name": "cpython",
        "implementation_version": "3.12.0",
        "os_name": os_name,
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": release,
        "platform_system": system,
        "platform_version": version,
        "python_full_version": "3.12.0",
        "python_version": "3.12",
        "sys_platform": sys_platform,
    }


def test_a_known_patch_release_is_told() -> None:
    environment = marker_environment(LINUX, python_full_version="3.12.7")
    assert environment["python_full_version"] == environment["implementation_version"] == "3.12.7"


@pytest.mark.parametrize("version", ["3.11.4", "3.12", "3.1.2", "3.120.0"])
def test_a_patch_release_of_another_python_is_refused(version: str) -> None:
    with pytest.raises(InputError) as caught:
        marker_environment(LINUX, python_full_version=version)
    assert (
        str(caught.value)
        == f"cannot use Python '{version}': the target's Python is 3.12; use a release of that Python"
    )


@pytest.mark.parametrize(
    ("target_id", "unknowable"),
    [
        ("cp312-linux_aarch64_glibc_2_28", {"platform_release", "platform_version"}),
        ("cp312-windows_x86_64", {"platform_release", "platform_version"}),
        ("cp312-macos_aarch64_11_0", {"platform_release", "platform_version"}),
        ("cp312-ios_aarch64_iphoneos_13_0", {"platform_release", "platform_version", "platform_system"}),
        ("cp312-android_aarch64_24", {"platform_release", "platform_version"}),
        ("cp312-emscripten_wasm32_2025_0", set()),
        ("cp312-emscripten_wasm32_2031_0", {"platform_release"}),
    ],
)
def test_what_depends_on_the_machine_is_named(target_id: str, unknowable: set[str]) -> None:
    assert unknowable_markers(parse_target_id(target_id)) == unknowable


@pytest.mark.parametrize(
    ("marker", "names"),
    [
        ("platform_release >= '5'", {"platform_release"}),
        ("platform_release != '5'", {"platform_release"}),
        ("'amd64' in platform_release", {"platform_release"}),
        ("platform_version == '#1' or sys_platform == 'win32'", {"platform_version"}),
        (
            "platform_release >= '5' and platform_version >= '1'",
            {"platform_release", "platform_version"},
        ),
        ("platform_release >= '5' and sys_platform == 'darwin'", set()),
        ("platform_release >= '20.0' or sys_platform == 'linux'", set()),
        ("sys_platform == 'linux'", set()),
        ("sys_platform == 'platform_release'", set()),
        ("python_full_version < '3.12'", set()),
        ("python_full_version >= '3.12'", set()),
        ("python_full_version <= '3.11.0a6'", set()),
        ("python_full_version >= '3.13.2'", set()),
        ("python_full_version >= '3.12.4'", {"python_full_version"}),
        ("python_full_version == '3.12.*'", set()),
        ("python_full_version != '3.12.1'", {"python_full_version"}),
        ("implementation_version >= '3.12.4'", {"implementation_version"}),
        ("'gui' in extras and platform_release >= '5'", set()),
    ],
)
def test_a_marker_is_undecided_only_where_an_unknown_fact_turns_it(marker: str, names: set[str]) -> None:
    assert undecided_markers(Marker(marker), LINUX) == names


@pytest.mark.parametrize(
    ("marker", "names"),
    [
        ("platform_release >= '20.0'", set()),
        ("platform_release >= '19.0' and sys_platform == 'darwin'", set()),
        ("platform_release < '20.0'", set()),
        ("platform_release >= '21.0'", {"platform_release"}),
        ("platform_release == '20.0.0'", {"platform_release"}),
    ],
)
def test_a_system_newer_than_the_oldest_of_a_target_may_turn_a_marker(marker: str, names: set[str]) -> None:
    assert undecided_markers(Marker(marker), parse_target_id("cp312-macos_aarch64_11_0")) == names


def test_a_marker_with_too_many_open_combinations_counts_every_open_fact_it_reads() -> None:
    text = " or ".join(f"platform_release == 'r{n}' or platform_version == 'v{n}'" for n in range(100))
    marker = Marker(f"({text}) and sys_platform == 'win32'")
    assert undecided_markers(marker, LINUX) == {"platform_release", "platform_version"}


def test_a_marker_that_compares_what_cannot_be_compared_is_an_input_error() -> None:
    with pytest.raises(InputError) as caught:
        undecided_markers(Marker("platform_release ~= 'x'"), LINUX)
    assert (
        str(caught.value) == "cannot evaluate marker 'platform_release ~= \"x\"': "
        "it compares with ~= what is no version; correct the marker"
    )


def test_extras_asked_for_bring_their_markers_into_play() -> None:
    marker = Marker("'gui' in extras and platform_release >= '5'")
    assert undecided_markers(marker, LINUX, extras=frozenset({"gui"})) == {"platform_release"}


def test_a_mac_decides_its_release_by_its_deployment_target() -> None:
    marker = Marker("platform_release >= '20.0' and sys_platform == 'darwin'")
    assert undecided_markers(marker, MAC) == frozenset()
    assert marker.evaluate(dict(marker_environment(MAC)))


@pytest.mark.parametrize(
    ("marker", "names"),
    [("platform_system == 'iOS'", {"platform_system"}), ("platform_system == 'Windows'", set())],
)
def test_an_ipad_and_an_iphone_differ_only_in_their_own_names(marker: str, names: set[str]) -> None:
    ios = parse_target_id("cp313-ios_aarch64_iphoneos_13_0")
    assert undecided_markers(Marker(marker), ios) == names


@given(
    st.sampled_from(MARKER_KEYS),
    st.sampled_from(["==", "!=", "<", ">=", "in"]),
    st.text("abc.019", max_size=5),
)
def test_no_marker_falls_back_on_the_running_interpreter(key: str, operator: str, literal: str) -> None:
    marker = Marker(f"{key} {operator} '{literal}'")
    elsewhere = {name: f"poison {name}" for name in MARKER_KEYS}
    environment = marker_environment(LINUX)
    assert marker.evaluate(dict(environment)) == marker.evaluate({**elsewhere, **environment})
