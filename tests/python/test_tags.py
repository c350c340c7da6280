"""Tags against `packaging`, which computes the same wherever it can; the differences stand in the docs."""

from __future__ import annotations

import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging import _manylinux, _musllinux
from packaging import tags as oracle

from crosswheel.target.spellings import parse_target
from crosswheel.target.support import FAMILIES
from crosswheel.target.tags import interpreter_abi_pairs, platform_tags, supported_tags
from crosswheel.target.targets import Target, parse_target_id
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
    Platform,
    Windows,
)
from crosswheel.values.python_abi import PythonAbi

GOLDEN = Path(__file__).parent.parent / "golden" / "tags"

PYTHONS = st.builds(
    lambda minor, free_threaded, debug: PythonAbi(
        major=3, minor=minor, free_threaded=free_threaded and minor >= 13, debug=debug
    ),
    st.integers(8, 20),
    st.booleans(),
    st.booleans(),
)


def expected_tags(python: PythonAbi, platforms: list[str]) -> list[oracle.Tag]:
    version = (python.major, python.minor)
    abis = [str(python)] + ([str(python).removesuffix("d")] if python.debug else [])
    return [
        *oracle.cpython_tags(version, abis, platforms),
        *oracle.compatible_tags(version, f"cp{python.major}{python.minor}", platforms),
    ]


@given(PYTHONS, st.sampled_from(FAMILIES))
def test_tags_of_any_python_are_those_of_packaging_in_its_order(
    python: PythonAbi, platform: Platform
) -> None:
    ours = supported_tags(Target(python=python, platform=platform))
    assert list(ours) == expected_tags(python, list(platform_tags(platform)))


@given(PYTHONS, st.sampled_from(FAMILIES))
def test_no_tag_comes_twice(python: PythonAbi, platform: Platform) -> None:
    tags = supported_tags(Target(python=python, platform=platform))
    assert len(set(tags)) == len(tags)


@pytest.fixture(autouse=True)
def _fake_packaging_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    # packaging asks the running machine: let it find every ABI, and no vetoing _manylinux module.
    monkeypatch.setattr(_manylinux, "_have_compatible_abi", lambda executable, archs: True)
    monkeypatch.setattr(_manylinux, "_get_manylinux_module", lambda: None)


@pytest.mark.parametrize("arch", list(GLIBC_FLOORS))
def test_glibc_platform_tags_are_those_of_packaging(arch: Arch, monkeypatch: pytest.MonkeyPatch) -> None:
    for minor in range(GLIBC_FLOORS[arch], 51):
        monkeypatch.setattr(_manylinux, "_get_glibc_version", lambda minor=minor: (2, minor))
        expected = [f"linux_{arch.value}", *_manylinux.platform_tags([arch.value])]
        assert (
            list(platform_tags(Platform(os=Linux(libc=Glibc(major=2, minor=minor)), arch=arch))) == expected
        )


@pytest.mark.parametrize("arch", list(GLIBC_FLOORS))
def test_musl_platform_tags_are_those_of_packaging(arch: Arch, monkeypatch: pytest.MonkeyPatch) -> None:
    for minor in range(8):
        version = _musllinux._MuslVersion(1, minor)
        monkeypatch.setattr(_musllinux, "_get_musl_version", lambda executable, version=version: version)
        expected = [f"linux_{arch.value}", *_musllinux.platform_tags([arch.value])]
        assert list(platform_tags(Platform(os=Linux(libc=Musl(major=1, minor=minor)), arch=arch))) == expected


def test_packaging_itself_puts_the_linux_tag_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_platform", lambda: "linux-aarch64")
    monkeypatch.setattr(_manylinux, "_get_glibc_version", lambda: (2, 28))
    monkeypatch.setattr(_musllinux, "_get_musl_version", lambda executable: None)
    expected = list(oracle._linux_platforms(is_32bit=False))
    assert list(platform_tags(parse_target_id("cp312-linux_aarch64_glibc_2_28").platform)) == expected


@given(st.integers(4, 16))
def test_macos_10_platform_tags_are_those_of_packaging(minor: int) -> None:
    ours = platform_tags(Platform(os=MacOs(major=10, minor=minor), arch=Arch.X86_64))
    assert list(ours) == list(oracle.mac_platforms((10, minor), "x86_64"))


@given(st.integers(11, 30), st.integers(0, 9), st.sampled_from([Arch.X86_64, Arch.AARCH64]))
def test_macos_platform_tags_are_those_of_packaging(major: int, minor: int, arch: Arch) -> None:
    name = {Arch.X86_64: "x86_64", Arch.AARCH64: "arm64"}[arch]
    ours = platform_tags(Platform(os=MacOs(major=major, minor=minor), arch=arch))
    assert list(ours) == list(oracle.mac_platforms((major, minor), name))


@given(
    st.integers(12, 30),
    st.integers(0, 12),
    st.sampled_from(
        [
            (Arch.AARCH64, "iphoneos", "arm64_iphoneos"),
            (Arch.AARCH64, "iphonesimulator", "arm64_iphonesimulator"),
            (Arch.X86_64, "iphonesimulator", "x86_64_iphonesimulator"),
        ]
    ),
)
def test_ios_platform_tags_are_those_of_packaging(
    major: int, minor: int, kind: tuple[Arch, str, str]
) -> None:
    arch, sdk, multiarch = kind
    ours = platform_tags(Platform(os=Ios(major=major, minor=minor, sdk=sdk), arch=arch))
    assert list(ours) == list(oracle.ios_platforms((major, minor), multiarch))


@given(
    st.integers(16, 40),
    st.sampled_from(
        [
            (Arch.AARCH64, "arm64_v8a"),
            (Arch.ARMV7L, "armeabi_v7a"),
            (Arch.X86_64, "x86_64"),
            (Arch.I686, "x86"),
        ]
    ),
)
def test_android_platform_tags_are_those_of_packaging(level: int, kind: tuple[Arch, str]) -> None:
    arch, abi = kind
    ours = platform_tags(Platform(os=Android(api_level=level), arch=arch))
    assert list(ours) == list(oracle.android_platforms(level, abi))


def test_emscripten_adds_only_pyodides_own_tag_to_those_of_packaging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle, "_get_config_var", lambda name, warn=False: None)
    monkeypatch.setattr(sysconfig, "get_config_var", lambda name: "2025_0")
    monkeypatch.setattr(sysconfig, "get_platform", lambda: "emscripten-4.0.9-wasm32")
    ours = platform_tags(Platform(os=Emscripten(year=2025, patch=0), arch=Arch.WASM32))
    assert [tag for tag in ours if tag != "pyodide_2025_0_wasm32"] == list(oracle._emscripten_platforms())


def test_an_unknown_emscripten_year_has_the_tags_that_follow_from_the_year() -> None:
    ours = platform_tags(Platform(os=Emscripten(year=2031, patch=1), arch=Arch.WASM32))
    assert ours == ("pyemscripten_2031_1_wasm32", "pyodide_2031_1_wasm32")


@pytest.mark.parametrize(
    ("arch", "tag"), [(Arch.X86_64, "win_amd64"), (Arch.AARCH64, "win_arm64"), (Arch.I686, "win32")]
)
def test_windows_has_one_platform_tag(arch: Arch, tag: str) -> None:
    assert platform_tags(Platform(os=Windows(), arch=arch)) == (tag,)


def test_a_glibc_target_never_takes_a_musl_wheel() -> None:
    for platform in FAMILIES:
        tags = " ".join(platform_tags(platform))
        assert not ("manylinux" in tags and "musllinux" in tags), platform.id


def test_a_free_threaded_python_takes_abi3t_and_not_abi3() -> None:
    abis = {tag.abi for tag in supported_tags(parse_target_id("cp315t-linux_x86_64_glibc_2_28"))}
    assert abis == {"cp315t", "abi3t", "none"}


def test_a_gil_python_takes_abi3_and_not_abi3t() -> None:
    abis = {tag.abi for tag in supported_tags(parse_target_id("cp315-linux_x86_64_glibc_2_28"))}
    assert abis == {"cp315", "abi3", "none"}


@pytest.mark.parametrize(
    "name", ["cp312-linux_amd64", "cp314-macosx_15_0_x86_64", "cp315t-linux_amd64", "cp313-win_amd64"]
)
def test_all_tags_of_a_target_cost_little_more_than_the_objects_themselves(name: str) -> None:
    target = parse_target(name, python=PythonAbi(major=3, minor=12)).target
    parts = [(tag.interpreter, tag.abi, tag.platform) for tag in supported_tags(target)]

    def cost(make: Callable[[], object]) -> float:
        supported_tags.cache_clear()
        began = time.thread_time()
        make()
        return time.thread_time() - began

    floor = min(cost(lambda: [oracle.Tag(*part) for part in parts]) for _ in range(50))
    assert min(cost(lambda: supported_tags(target)) for _ in range(50)) < 4 * floor


GOLDEN_IDS = sorted(path.stem for path in GOLDEN.glob("*.txt"))


def golden_text(target: Target) -> str:
    """A list people can read: each interpreter-ABI pair once, and the platform tags once."""
    pairs = [
        f"{interpreter}-{abi}-{'any' if is_any else 'PLATFORM'}"
        for interpreter, abi, is_any in interpreter_abi_pairs(target.python)
    ]
    return "\n".join(
        [
            f"# {target.id}: {len(supported_tags(target))} tags, best first",
            *("# each line with PLATFORM stands for one tag per platform below, in that order", ""),
            *pairs,
            *("", "# PLATFORM", ""),
            *platform_tags(target.platform),
            "",
        ]
    )


@pytest.mark.parametrize("target_id", GOLDEN_IDS)
def test_the_tags_of_a_target_are_the_golden_ones(target_id: str) -> None:
    assert golden_text(parse_target_id(target_id)) == (GOLDEN / f"{target_id}.txt").read_text()


def test_the_golden_lists_cover_every_operating_system() -> None:
    systems = {type(parse_target_id(target_id).platform.os) for target_id in GOLDEN_IDS}
    assert systems == {Linux, MacOs, Windows, Ios, Android, Emscripten}


def spelled_out(text: str) -> Iterator[str]:
    head, _, platforms = text.partition("# PLATFORM\n")
    for line in head.splitlines():
        if line.endswith("-PLATFORM"):
            yield from (line.replace("PLATFORM", platform) for platform in platforms.split())
        elif line and not line.startswith("#"):
            yield line


@pytest.mark.parametrize("target_id", GOLDEN_IDS)
def test_a_golden_list_spelled_out_is_what_supported_tags_returns(target_id: str) -> None:
    text = (GOLDEN / f"{target_id}.txt").read_text()
    assert list(spelled_out(text)) == [str(tag) for tag in supported_tags(parse_target_id(target_id))]
