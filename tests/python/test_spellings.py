"""Names people know give the target they mean and print back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswheel.target.spelling_forms import FORMS, RULES, Form, fold
from crosswheel.target.spellings import parse_build_platform, parse_platform, parse_target, spellings_of
from crosswheel.target.support import FAMILIES
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.target.uv_platforms import UV_PLATFORMS
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
    Platform,
    Windows,
)
from crosswheel.values.python_abi import PythonAbi

GOLDEN = Path(__file__).parent.parent / "golden" / "spellings"

PYTHON = PythonAbi(major=3, minor=12)

#: Every possible value `uv pip compile --help` (0.13.8) lists for --python-platform.
UV_VALUES = (GOLDEN / "uv_python_platforms.txt").read_text().split()


@st.composite
def platforms(draw: st.DrawFn) -> Platform:
    arch = draw(st.sampled_from(list(GLIBC_FLOORS)))
    mac_arch = draw(st.sampled_from([Arch.X86_64, Arch.AARCH64]))
    minor = draw(st.integers(0, 20))
    return draw(
        st.sampled_from(
            [
                Platform(os=Linux(libc=Glibc(major=2, minor=GLIBC_FLOORS[arch] + minor)), arch=arch),
                Platform(os=Linux(libc=Musl(major=1, minor=minor)), arch=arch),
                Platform(os=MacOs(major=11 + minor, minor=minor // 3), arch=mac_arch),
                Platform(os=MacOs(major=10, minor=4 + minor % 12), arch=Arch.X86_64),
                Platform(os=Windows(), arch=mac_arch),
                Platform(os=Ios(major=12 + minor, minor=minor % 5, sdk="iphonesimulator"), arch=mac_arch),
                Platform(os=Ios(major=12 + minor, minor=minor % 5, sdk="iphoneos"), arch=Arch.AARCH64),
                Platform(os=Android(api_level=16 + minor), arch=mac_arch),
                Platform(os=Emscripten(year=2023 + minor, patch=minor % 3), arch=Arch.WASM32),
            ]
        )
    )


TARGETS = st.builds(
    lambda minor, threads, platform: Target(
        python=PythonAbi(major=3, minor=minor, free_threaded=threads and minor >= 13), platform=platform
    ),
    st.integers(8, 16),
    st.booleans(),
    platforms(),
)


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("linux_arm64", "linux_aarch64_glibc_2_28"),
        ("linux_amd64", "linux_x86_64_glibc_2_28"),
        ("linux-x86_64", "linux_x86_64_glibc_2_28"),
        ("Linux/ARM64", "linux_aarch64_glibc_2_28"),
        ("linux/arm64/v8", "linux_aarch64_glibc_2_28"),
        ("linux/arm/v7", "linux_armv7l_glibc_2_28"),
        ("linux/arm", "linux_armv7l_glibc_2_28"),
        ("linux/386", "linux_i686_glibc_2_28"),
        ("linux_riscv64", "linux_riscv64_glibc_2_31"),
        ("linux_arm64_musl", "linux_aarch64_musl_1_2"),
        ("linux_aarch64_glibc", "linux_aarch64_glibc_2_28"),
        ("aarch64-linux", "linux_aarch64_glibc_2_28"),
        ("armv7l-linux", "linux_armv7l_glibc_2_28"),
        ("i686-linux", "linux_i686_glibc_2_28"),
        ("aarch64-linux-gnu", "linux_aarch64_glibc_2_28"),
        ("aarch64-linux-gnu.2.17", "linux_aarch64_glibc_2_17"),
        ("i386-linux-gnu", "linux_i686_glibc_2_28"),
        ("x86-linux-gnu.2.5", "linux_i686_glibc_2_5"),
        ("x86_64-pc-linux-gnu", "linux_x86_64_glibc_2_28"),
        ("x86_64-redhat-linux-gnu", "linux_x86_64_glibc_2_28"),
        ("arm-linux-gnueabihf.2.28", "linux_armv7l_glibc_2_28"),
        ("armv7-unknown-linux-musleabihf", "linux_armv7l_musl_1_2"),
        ("powerpc64le-linux-gnu.2.28", "linux_ppc64le_glibc_2_28"),
        ("riscv64gc-unknown-linux-gnu", "linux_riscv64_glibc_2_31"),
        ("riscv64-unknown-linux", "linux_riscv64_glibc_2_39"),
        ("s390x-alpine-linux-musl", "linux_s390x_musl_1_2"),
        ("manylinux_2_28_aarch64", "linux_aarch64_glibc_2_28"),
        ("manylinux2014_aarch64", "linux_aarch64_glibc_2_17"),
        ("manylinux2010_i686", "linux_i686_glibc_2_12"),
        ("manylinux1_x86_64", "linux_x86_64_glibc_2_5"),
        ("musllinux_1_2_x86_64", "linux_x86_64_musl_1_2"),
        ("s390x-manylinux_2_34", "linux_s390x_glibc_2_34"),
        ("macosx_11_0_arm64", "macos_aarch64_11_0"),
        ("macosx_10_9_x86_64", "macos_x86_64_10_9"),
        ("macosx-11.0-arm64", "macos_aarch64_11_0"),
        ("arm64-apple-darwin", "macos_aarch64_11_0"),
        ("arm64-apple-darwin20.6.0", "macos_aarch64_11_0"),
        ("x86_64-apple-darwin19", "macos_x86_64_10_15"),
        ("arm64-apple-darwin25.0.0", "macos_aarch64_26_0"),
        ("aarch64-apple-darwin", "macos_aarch64_13_0"),
        ("aarch64-darwin", "macos_aarch64_11_0"),
        ("aarch64-macos.14.2", "macos_aarch64_14_2"),
        ("arm64-apple-macosx12", "macos_aarch64_12_0"),
        ("macos_arm64", "macos_aarch64_11_0"),
        ("darwin/amd64", "macos_x86_64_11_0"),
        ("win_amd64", "windows_x86_64"),
        ("win32", "windows_i686"),
        ("win-arm64", "windows_aarch64"),
        ("windows/amd64", "windows_x86_64"),
        ("x86_64-w64-mingw32", "windows_x86_64"),
        ("aarch64-windows-gnu", "windows_aarch64"),
        ("ios_13_0_arm64_iphoneos", "ios_aarch64_iphoneos_13_0"),
        ("ios_16_4_x86_64_iphonesimulator", "ios_x86_64_iphonesimulator_16_4"),
        ("arm64-apple-ios17.0-simulator", "ios_aarch64_iphonesimulator_17_0"),
        ("aarch64-apple-ios-sim", "ios_aarch64_iphonesimulator_13_0"),
        ("x86_64-apple-ios", "ios_x86_64_iphonesimulator_13_0"),
        ("aarch64-ios.15.0", "ios_aarch64_iphoneos_15_0"),
        ("android_24_arm64_v8a", "android_aarch64_24"),
        ("android-30-armeabi_v7a", "android_armv7l_30"),
        ("aarch64-linux-android21", "android_aarch64_21"),
        ("armv7a-linux-androideabi", "android_armv7l_24"),
        ("pyemscripten_2025_0_wasm32", "emscripten_wasm32_2025_0"),
        ("pyodide_2024_0_wasm32", "emscripten_wasm32_2024_0"),
        ("emscripten-4.0.9-wasm32", "emscripten_wasm32_2025_0"),
        ("emscripten_3_1_58_wasm32", "emscripten_wasm32_2024_0"),
        ("wasm32-unknown-emscripten", "emscripten_wasm32_2024_0"),
        ("emscripten", "emscripten_wasm32_2024_0"),
        ("  linux_arm64 ", "linux_aarch64_glibc_2_28"),
    ],
)
def test_a_name_means_its_platform(name: str, platform: str) -> None:
    assert parse_target(name, python=PYTHON).target.id == f"cp312-{platform}"


@pytest.mark.parametrize("name", ["cp314t-linux_arm64", "CP314T-linux_aarch64_glibc_2_28"])
def test_an_abi_tag_before_the_name_is_the_target_python(name: str) -> None:
    assert parse_target(name, python=PYTHON).target.id == "cp314t-linux_aarch64_glibc_2_28"


@given(TARGETS)
def test_a_canonical_id_reads_back(target: Target) -> None:
    assert parse_target_id(target.id) == target


@given(TARGETS)
def test_a_canonical_id_is_a_spelling_that_leaves_nothing_open(target: Target) -> None:
    parsed = parse_target(target.id, python=PYTHON)
    assert (parsed.target, parsed.rule) == (target, None)


@given(TARGETS)
def test_the_canonical_name_reads_back(target: Target) -> None:
    name = spellings_of(target)["canonical"]
    assert parse_target(name, python=target.python).target == target


@given(TARGETS)
def test_the_wheel_tag_reads_back_as_a_platform_with_the_same_wheel_tag(target: Target) -> None:
    name = spellings_of(target)["wheel tag"]
    again = parse_target(name, python=target.python)
    assert spellings_of(again.target)["wheel tag"] == name
    assert again.rule is None


@given(TARGETS)
def test_every_name_reads_back_or_says_which_rule_filled_it(target: Target) -> None:
    for world, name in spellings_of(target).items():
        parsed = parse_target(name, python=target.python)
        assert type(parsed.target.platform.os) is type(target.platform.os), (world, name)
        assert parsed.target.platform.arch is target.platform.arch, (world, name)
        if parsed.target != target:
            assert parsed.rule is not None or world in {"wheel tag", "zig"}, (world, name)


@given(TARGETS, st.sampled_from(["upper", "title", "swapcase"]))
def test_case_does_not_matter(target: Target, change: str) -> None:
    for name in spellings_of(target).values():
        changed = getattr(name, change)()
        assert parse_target(changed, python=PYTHON) == parse_target(name, python=PYTHON)


@given(TARGETS)
def test_zig_and_sysconfig_names_carry_the_version_of_a_mac(target: Target) -> None:
    if isinstance(target.platform.os, MacOs):
        names = spellings_of(target)
        assert parse_target(names["zig"], python=target.python).target == target
        assert parse_target(names["sysconfig"], python=target.python).target == target


def test_two_spellings_of_one_target_are_equal_and_keep_what_was_typed() -> None:
    one = parse_target("linux_arm64", python=PYTHON)
    other = parse_target("manylinux_2_28_aarch64", python=PYTHON)
    assert one == other
    assert (one.typed, other.typed) == ("linux_arm64", "manylinux_2_28_aarch64")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.example)
def test_the_example_of_a_form_is_of_that_form(form: Form) -> None:
    first = next(each for each in FORMS if each.match(fold(form.example)))
    assert first is form


def test_uvs_values_are_the_46_of_uv_0_13_8() -> None:
    assert len(UV_VALUES) == 46
    assert sorted(UV_PLATFORMS) == sorted(UV_VALUES)


@pytest.mark.parametrize("value", UV_VALUES)
def test_a_uv_value_means_what_uv_means(value: str) -> None:
    assert parse_target(value, python=PYTHON).target.platform == UV_PLATFORMS[value]


@pytest.mark.parametrize("value", UV_VALUES)
def test_a_uv_value_that_says_its_version_agrees_with_the_rules(value: str) -> None:
    # Were uv's table empty, every value that leaves nothing open would mean the same.
    if "manylinux" in value or "windows-msvc" in value or "pyodide" in value:
        assert parse_target(value, python=PYTHON).rule is None
        matches = [form.match(fold(value)) for form in FORMS]
        form, match = next((f, m) for f, m in zip(FORMS, matches, strict=True) if m is not None)
        assert form.meaning(match, PYTHON).platform == UV_PLATFORMS[value]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("linux_arm64", RULES["glibc"]),
        ("linux/arm", RULES["legacy arm"]),
        ("aarch64-linux-gnu", RULES["glibc version"]),
        ("linux_arm64_musl", RULES["musl version"]),
        ("macos_arm64", RULES["macos"]),
        ("aarch64-apple-ios", RULES["ios sdk"]),
        ("ios_arm64_iphonesimulator", RULES["ios"]),
        ("android_arm64_v8a", RULES["android"]),
        ("emscripten_wasm32", RULES["emscripten"]),
        ("emscripten", RULES["emscripten"]),
        (
            "aarch64-apple-darwin",
            "this name is one of uv's --python-platform values and means what uv means: macos_aarch64_13_0",
        ),
        ("manylinux_2_28_aarch64", None),
        ("x86_64-manylinux2014", None),
        ("win_amd64", None),
    ],
)
def test_the_rule_that_filled_a_name_is_told(name: str, rule: str | None) -> None:
    assert parse_target(name, python=PYTHON).rule == rule


@pytest.mark.parametrize(("minor", "year"), [(12, 2024), (13, 2025), (14, 2026), (11, 2026), (20, 2026)])
def test_emscripten_without_a_version_follows_the_python(minor: int, year: int) -> None:
    python = PythonAbi(major=3, minor=minor)
    platform = parse_platform("wasm32-emscripten", python=python).platform
    assert platform.id == f"emscripten_wasm32_{year}_0"


def test_a_free_threaded_python_that_never_was_is_refused_in_an_id() -> None:
    with pytest.raises(InputError) as caught:
        parse_target("cp312t-linux_arm64", python=PYTHON)
    assert "free-threaded builds exist since CPython 3.13" in str(caught.value)


@given(st.text(max_size=40) | st.text("linuxarm64_-/.0123456789manyglibcdw", max_size=30))
def test_any_text_gives_a_target_that_reads_back_or_an_input_error(text: str) -> None:
    try:
        parsed = parse_target(text, python=PYTHON)
    except InputError:
        return
    assert parse_target_id(parsed.target.id) == parsed.target


@pytest.mark.parametrize("platform", FAMILIES, ids=str)
def test_the_short_name_of_a_family_means_it(platform: Platform) -> None:
    target = Target(python=PythonAbi(major=3, minor=13), platform=platform)
    assert parse_target(spellings_of(target)["short"], python=target.python).target == target


@pytest.mark.parametrize(
    "text",
    [
        "linux_arm64",
        "cp312-linux_arm64",
        "cp312-linux_aarch64_glibc_02_28",
        "cp312-windows_x86_64_1",
        "cp312",
        "",
    ],
)
def test_only_canonical_ids_are_ids(text: str) -> None:
    with pytest.raises(InputError):
        parse_target_id(text)


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("macos_arm64", "macos_aarch64_13_0"),
        ("darwin/amd64", "macos_x86_64_13_0"),
        ("macosx_11_0_arm64", "macos_aarch64_11_0"),
        ("linux_arm64", "linux_aarch64_glibc_2_28"),
    ],
)
def test_a_bare_macos_name_is_a_newer_one_for_a_build_platform(name: str, platform: str) -> None:
    assert parse_build_platform(name, python=PythonAbi(major=3, minor=12)).id == platform


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("arm64", "linux_arm64 or macos_arm64"),
        ("armhf", "linux_armhf"),
        ("i686", "linux_i686 or windows_i686"),
        ("wasm32", "emscripten_wasm32"),
    ],
)
def test_a_bare_architecture_is_answered_with_platforms_there_are(name: str, proposed: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_platform(name, python=PYTHON)
    assert caught.value.fix == f"put the operating system before it, for example {proposed}"
    for one in proposed.split(" or "):
        parse_platform(one, python=PYTHON)


@pytest.mark.parametrize(
    "name",
    [
        "aarch64_be-linux-gnu",
        "aarch64_32-linux-gnu",
        "aarch64-ilp32-linux-gnu",
        "x86_64_v3-linux-gnu",
        "arm_eb-linux-gnueabihf",
    ],
)
def test_a_byte_order_a_width_or_a_level_is_no_vendor(name: str) -> None:
    with pytest.raises(InputError):
        parse_target(name, python=PythonAbi(major=3, minor=12))
    vendor = name.replace("_be", "").replace("_32", "").replace("ilp32", "buildroot")
    vendor = vendor.replace("_v3", "-poky").replace("_eb", "v7-pc")
    assert parse_target(vendor, python=PythonAbi(major=3, minor=12))
