"""The libSystem that modules for macOS are linked against: without what is newer than the target, in zig's own library."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.act.building.toolchain_settings import toolchain_settings
from crosswheel.act.building.zig_library import library_facts, write_zig_library
from crosswheel.render.build_paths import SANDBOX_PATHS
from crosswheel.render.macos_libc import system_stub
from crosswheel.target.macos_symbols import macos_symbol_release, newer_macos_symbols
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError
from zig_libraries import library_for

MACOS = parse_target_id("cp311-macos_aarch64_11_0")

STUB = """\
--- !tapi-tbd
install-name:    '/usr/lib/system/libsystem_c.dylib'
exports:
  - targets:         [ x86_64-macos, arm64-macos ]
    symbols:         [ '$ld$hide$os10.11$_clock_gettime', _clock_gettime, _dup3, '_fstatat$INODE64',
                       '_openat$NOCANCEL', _pipe, _pipe2,
                       _strchrnul ]
    weak-symbols:    [ _preadv, _aligned_alloc ]
"""


@pytest.mark.parametrize(
    ("version", "lacking"),
    [
        (
            (10, 9),
            {
                "_clock_gettime",
                "_dup3",
                "_pipe2",
                "_preadv",
                "_strchrnul",
                "fstatat$INODE64",
                "openat$NOCANCEL",
            },
        ),
        ((10, 15), {"_dup3", "_pipe2", "_preadv", "_strchrnul"}),
        ((11, 0), {"_dup3", "_pipe2", "_strchrnul"}),
        ((15, 4), {"_dup3", "_pipe2"}),
        ((27, 0), set()),
    ],
)
def test_symbols_newer_than_the_deployment_target_are_left_out(
    version: tuple[int, int], lacking: set[str]
) -> None:
    kept = system_stub(STUB, version)
    words = set(kept.replace(",", " ").replace("'", " ").split())
    assert words == set(STUB.replace(",", " ").replace("'", " ").split()) - {
        name if name.startswith("_") else f"_{name}" for name in lacking
    }
    assert ", ]" not in kept.replace("\n", " ")
    assert (kept == STUB) == (not lacking)


def test_what_is_older_than_the_oldest_target_is_not_in_the_table() -> None:
    assert macos_symbol_release("memcpy") == macos_symbol_release("_tlv_bootstrap") == (0, 0)
    assert macos_symbol_release("clock_gettime") == (10, 12)
    assert macos_symbol_release("_availability_version_check") == (10, 15)
    assert {"strchrnul", "pipe2"} < set(newer_macos_symbols((11, 0))) < set(newer_macos_symbols((10, 9)))


def test_zig_takes_a_library_that_is_its_own_but_for_the_list_of_symbols(tmp_path: Path) -> None:
    names = ("std/std.zig", "libc/darwin/SDKSettings.json", "libc/darwin/libSystem.tbd")
    library, links = library_for(MACOS.platform, tmp_path, names, STUB)
    assert links == {
        "std": "/crosswheel/zig/lib/std",
        "libc/darwin/SDKSettings.json": "/crosswheel/zig/lib/libc/darwin/SDKSettings.json",
    }
    assert (library / "libc/darwin/libSystem.tbd").read_text() == system_stub(STUB, (11, 0))
    settings = toolchain_settings(MACOS, SANDBOX_PATHS, build_machine="x86_64")
    environment = settings["environment"]
    assert isinstance(environment, dict)
    assert environment["ZIG_LIB_DIR"] == "/crosswheel/toolchain/zig-lib"
    platform = settings["target"]
    assert isinstance(platform, dict)
    assert platform["compile_options"] == ["-Werror=unguarded-availability"]


def test_runtime_libraries_of_two_ages_are_kept_apart() -> None:
    newer = parse_target_id("cp311-macos_aarch64_15_4")
    facts = library_facts(MACOS.platform)
    assert facts[:2] == ["macos", "11.0"]
    assert facts != library_facts(newer.platform)
    assert library_facts(parse_target_id("cp311-linux_aarch64_glibc_2_28").platform) == []


def test_a_toolchain_without_the_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"it has no lib/libc/darwin/libSystem\.tbd"):
        write_zig_library(tmp_path, tmp_path / "empty", MACOS.platform, SANDBOX_PATHS)
