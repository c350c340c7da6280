"""What cargo, rustc and PyO3 are told: texts, variables, and what becomes of a call of rustc."""

from __future__ import annotations

import json
import tomllib

import pytest

from cross_targets import PATHS, description_of
from crosswheel.render.cargo import (
    render_cargo_config,
    render_pyo3_config,
    rust_environment,
    rust_settings,
    vendor_checksum,
)
from crosswheel.render.rustc_arguments import asks_of_the_target, build_script, rewrite_rustc
from crosswheel.target.targets import parse_target_id

ARM64 = "cp311-linux_aarch64_glibc_2_28"
TOOLCHAIN = {"rust": rust_settings(parse_target_id(ARM64).platform, PATHS)}
NOWHERE = frozenset[str]().__contains__
LINKER = "-Clinker=/fixed/toolchain/bin"
MAPS = ["--remap-path-prefix=/fixed/crates/vendor=crates", "--remap-path-prefix=/scratch/source=."]


def test_what_goes_into_the_wheel_is_linked_for_the_target_and_holds_no_path() -> None:
    call = ["/fixed/rust/bin/rustc", "--crate-name", "a", "--target", "aarch64-unknown-linux-gnu"]
    assert rewrite_rustc(call, TOOLCHAIN, NOWHERE) == [*call, f"{LINKER}/cc", *MAPS]
    joined = ["/fixed/rust/bin/rustc", "--target=aarch64-unknown-linux-gnu"]
    assert rewrite_rustc(joined, TOOLCHAIN, NOWHERE)[2] == f"{LINKER}/cc"


def test_what_runs_meanwhile_is_linked_for_the_build_machine() -> None:
    assert rewrite_rustc(["rustc", "--crate-name", "build_script_build"], TOOLCHAIN, NOWHERE) == [
        "/fixed/rust/bin/rustc",
        "--crate-name",
        "build_script_build",
        f"{LINKER}/build-shared-cc",
    ]


@pytest.mark.parametrize(
    "flags", [["-C", "target-cpu=native"], ["-Ctarget-cpu=native"], ["--codegen=tune-cpu=native"]]
)
def test_the_build_machines_cpu_is_passed_over(flags: list[str]) -> None:
    assert rewrite_rustc(["rustc", *flags, "-Copt-level=3"], TOOLCHAIN, NOWHERE)[1:-1] == ["-Copt-level=3"]


def test_the_targets_cpu_is_kept() -> None:
    flags = ["-C", "target-cpu=cortex-a72"]
    assert rewrite_rustc(["rustc", *flags], TOOLCHAIN, NOWHERE)[1:-1] == flags


_FACTS = {"arch": "arm", "endian": "little", "pointer_width": "32"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ('#[cfg(target_arch = "arm")]', "#[cfg(all())]"),
        ('if cfg!(all(target_arch="x86_64", target_endian = "little"))', "if cfg!(all(any(), all()))"),
        ('#[cfg(not(target_pointer_width = "64"))]', "#[cfg(not(any()))]"),
        ('#[cfg(target_os = "linux")]', '#[cfg(target_os = "linux")]'),
        ('println!("cfg(target_arch = \\"arm\\")");', 'println!("cfg(target_arch = \\"arm\\")");'),
    ],
)
def test_a_build_script_that_asks_for_the_processor_means_the_targets(said: str, meant: str) -> None:
    assert asks_of_the_target(said, _FACTS) == meant


@pytest.mark.parametrize(
    ("call", "place"),
    [
        (
            [
                "rustc",
                "--crate-name",
                "build_script_build",
                "--edition=2024",
                "build.rs",
                "--crate-type",
                "bin",
            ],
            4,
        ),
        (["rustc", "--crate-name", "build_script_main", "build/main.rs"], 3),
        # A crate's: it stays as it is.
        (["rustc", "--crate-name", "build_script_build", "/fixed/crates/vendor/libc-0.2/build.rs"], None),
        (["rustc", "--crate-name", "orjson", "src/lib.rs"], None),
        (["rustc", "-vV"], None),
    ],
)
def test_the_build_script_of_the_project_is_told_from_others(call: list[str], place: int | None) -> None:
    assert build_script(call) == place


@pytest.mark.parametrize(
    ("target", "arch", "endian"),
    [
        (ARM64, "aarch64", "little"),
        ("cp311-linux_armv7l_glibc_2_28", "arm", "little"),
        ("cp311-linux_s390x_glibc_2_28", "s390x", "big"),
        ("cp311-linux_i686_glibc_2_28", "x86", "little"),
    ],
)
def test_the_processor_in_rusts_words(target: str, arch: str, endian: str) -> None:
    platform = parse_target_id(target).platform
    facts = rust_settings(platform, PATHS)["target_facts"]
    width = str(platform.arch.pointer_width)
    assert facts == {"arch": arch, "endian": endian, "pointer_width": width}


SYSROOT = {"root": "/fixed/sysroot", "table": {"crypto": {}, "ssl": {}}}
FOR_TARGET = ["rustc", "--target", "x"]


@pytest.mark.parametrize(
    ("library", "left"),
    [
        ("static=crypto", "dylib=crypto"),
        ("static:-bundle=crypto", "dylib=crypto"),
        ("dylib=crypto", "dylib=crypto"),
        ("static=ring", "static=ring"),
    ],
)
def test_a_static_library_of_the_sysroot_is_left_to_the_linker(library: str, left: str) -> None:
    call = [*FOR_TARGET, "-L", "native=/fixed/sysroot/usr/lib", "-l", library]
    assert rewrite_rustc(call, {**TOOLCHAIN, "sysroot": SYSROOT}, lambda _: True)[6] == left


def test_a_static_library_the_project_compiled_is_its_own() -> None:
    call = [*FOR_TARGET, "-L", "native=/scratch/out", "-l", "static=crypto"]
    own = frozenset({"/scratch/out/libcrypto.a"})
    toolchain = {**TOOLCHAIN, "sysroot": SYSROOT}
    assert rewrite_rustc(call, toolchain, own.__contains__)[6] == "static=crypto"
    assert rewrite_rustc(call, toolchain, NOWHERE)[6] == "dylib=crypto"
    assert rewrite_rustc(["rustc", *call[3:]], toolchain, NOWHERE)[4] == "static=crypto"  # runs meanwhile


def test_on_musl_the_c_library_is_not_linked_statically() -> None:
    settings = rust_settings(parse_target_id("cp311-linux_aarch64_musl_1_2").platform, PATHS)
    added = settings["target_arguments"]
    assert isinstance(added, list)
    assert added[-2:] == ["-Ctarget-feature=-crt-static", "-Clink-self-contained=no"]


def test_crates_io_is_a_folder() -> None:
    document = tomllib.loads(render_cargo_config(PATHS))
    assert document["source"]["crates-io"] == {"replace-with": "crosswheel"}
    assert document["source"]["crosswheel"] == {"directory": "/fixed/crates/vendor"}
    assert json.loads(vendor_checksum("ab")) == {"files": {}, "package": "ab"}


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        (ARM64, ["version=3.11", "pointer_width=64", "build_flags="]),
        ("cp313t-linux_aarch64_glibc_2_28", ["version=3.13", "build_flags=Py_GIL_DISABLED"]),
        ("cp311-linux_i686_glibc_2_28", ["pointer_width=32", "ext_suffix=.cpython-311-i386-linux-gnu.so"]),
    ],
)
def test_pyo3_is_told_the_target_python(target: str, lines: list[str]) -> None:
    told = render_pyo3_config(description_of(target), PATHS).splitlines()
    assert set(lines) <= set(told)
    assert all("=" in line for line in told)


def test_the_variables_of_a_rust_build() -> None:
    variables = rust_environment(description_of(ARM64), PATHS, build_triple="x86_64-unknown-linux-gnu")
    assert variables["CARGO_BUILD_TARGET"] == "aarch64-unknown-linux-gnu"
    assert variables["CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER"] == "/fixed/toolchain/bin/cc"
    assert variables["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"] == "/fixed/toolchain/bin/build-shared-cc"
    assert variables["CC_aarch64_unknown_linux_gnu"] == "/fixed/toolchain/bin/cc"
    assert "RUSTFLAGS" not in variables  # it would replace the flags of a project's own .cargo/config.toml


def test_for_the_build_machines_own_triple_the_target_has_the_linker() -> None:
    target = description_of("cp311-linux_x86_64_glibc_2_28")
    variables = rust_environment(target, PATHS, build_triple="x86_64-unknown-linux-gnu")
    assert variables["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"] == "/fixed/toolchain/bin/cc"
