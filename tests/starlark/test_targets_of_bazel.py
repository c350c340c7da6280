"""Target ids in Bazel's terms agree with the core's own tables."""

from __future__ import annotations

from typing import Any, cast

import pytest
import starlark

from crosswheel.target.spellings import parse_target
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import GLIBC_FLOORS, Arch, Glibc, Linux, MacOs, Musl
from crosswheel.values.python_abi import PythonAbi
from starlark_files import function

_FILE = "rules/private/target_ids.bzl"
_VERSIONS = "rules/platforms/versions.bzl"
_PLACE = "@crosswheel//rules/platforms:"


def constraints(target: str) -> list[str]:
    return cast("list[str]", function(_FILE, "constraints_of_target")(target))


@pytest.mark.parametrize("arch", [one for one in Arch if one in GLIBC_FLOORS], ids=lambda one: one.value)
@pytest.mark.parametrize("system", ["glibc_2_40", "musl_1_2"])
def test_every_linux_target_is_taken_apart_as_the_core_does(arch: Arch, system: str) -> None:
    id_ = f"cp311-linux_{arch.value}_{system}"
    found = cast("dict[str, Any]", function(_FILE, "parse_target_id")(id_))
    target = parse_target_id(id_)
    assert isinstance(target.platform.os, Linux)
    libc = target.platform.os.libc
    assert found == {
        "abi": "cp311",
        "arch": arch.value,
        "libc": "glibc" if isinstance(libc, Glibc) else "musl",
        "os": "linux",
        "python": "3.11",
        "version": [libc.major, libc.minor],
    }


def test_the_python_without_the_lock_is_told_apart() -> None:
    found = cast("dict[str, Any]", function(_FILE, "parse_target_id")("cp313t-macos_aarch64_11_0"))
    assert (found["python"], found["os"], found["version"]) == ("3.13t", "macos", [11, 0])


def test_a_target_wants_its_c_library_and_all_older_ones() -> None:
    found = constraints("cp311-linux_aarch64_glibc_2_17")
    assert found[:3] == ["@platforms//os:linux", "@platforms//cpu:aarch64", _PLACE + "glibc"]
    assert found[-1] == _PLACE + "glibc_2_17_or_newer"
    assert set(found) < set(constraints("cp311-linux_aarch64_glibc_2_28"))


def test_what_every_system_of_an_architecture_has_is_not_asked_for() -> None:
    assert constraints("cp311-linux_riscv64_glibc_2_31") == [
        "@platforms//os:linux",
        "@platforms//cpu:riscv64",
        _PLACE + "glibc",
    ]
    (oldest,) = [one for one in GLIBC_FLOORS if GLIBC_FLOORS[one] > 28]
    assert oldest is Arch.RISCV64


@pytest.mark.parametrize("name", ["linux_arm64", "musllinux_aarch64", "macos_arm64"])
def test_a_platform_that_says_nothing_means_what_the_same_name_means_to_the_core(name: str) -> None:
    try:
        target = parse_target(name, python=PythonAbi(major=3, minor=11)).target
    except InputError:
        target = parse_target("musllinux_1_2_aarch64", python=PythonAbi(major=3, minor=11)).target
    match target.platform.os:
        case Linux(libc=Glibc(major=major, minor=minor)):
            kind = "glibc"
        case Linux(libc=Musl(major=major, minor=minor)):
            kind = "musl"
        case MacOs(major=major, minor=minor):
            kind = "macos"
        case _:
            raise AssertionError(target)
    defaults = cast("dict[str, list[int]]", function(_VERSIONS, "default_versions")())
    assert tuple(defaults[kind]) == (major, minor)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (
            "cp311-ios_aarch64_13_0_iphoneos",
            "Bazel's platforms are known for linux, macos, windows; leave it out of the plan",
        ),
        ("cp311-linux_x86_64_glibc_2_99", "the newest glibc known is 2.60; upgrade crosswheel"),
    ],
)
def test_a_target_that_bazel_has_no_words_for_is_refused(target: str, words: str) -> None:
    with pytest.raises(starlark.StarlarkError) as caught:
        constraints(target)
    assert f"cannot use target '{target}': {words}" in str(caught.value)


def test_a_platform_says_of_every_version_whether_it_is_there() -> None:
    found = cast("list[str]", function(_VERSIONS, "values_of_platform")("musl", (1, 1)))
    assert found[:3] == ["musl_1_0_or_newer", "musl_1_1_or_newer", "older_than_musl_1_2"]


def test_the_platform_of_a_target_has_its_c_library_and_no_newer_one() -> None:
    found = cast("list[str]", function(_FILE, "constraints_of_platform")("cp311-linux_aarch64_musl_1_1"))
    assert found[:3] == ["@platforms//os:linux", "@platforms//cpu:aarch64", _PLACE + "musl"]
    assert _PLACE + "musl_1_1_or_newer" in found
    assert _PLACE + "older_than_musl_1_2" in found
    assert function(_FILE, "constraints_of_platform")("cp311-windows_x86_64") == [
        "@platforms//os:windows",
        "@platforms//cpu:x86_64",
    ]
