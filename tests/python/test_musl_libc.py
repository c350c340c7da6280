"""The libc that modules for musl are linked against: its names, its symbols, and zig's own library around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.act.building.musl_libc import libc_command, libc_library
from crosswheel.act.building.toolchain_settings import toolchain_settings
from crosswheel.act.building.zig_library import library_facts, write_zig_library
from crosswheel.render.build_paths import SANDBOX_PATHS
from crosswheel.render.compiler_arguments import Run, rewrite
from crosswheel.render.musl_libc import libc_source, musl_soname
from crosswheel.target.musl_symbols import newer_symbols
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Arch
from zig_libraries import library_for

MUSL = parse_target_id("cp311-linux_armv7l_musl_1_2")
GLIBC = parse_target_id("cp311-linux_armv7l_glibc_2_28")

# As zig has it: bindings by macro, sizes of objects, conditions between the symbols.
SOURCE = """\
#ifdef TIME32
#define WEAKTIME64 .globl
#endif
.bss
.globl environ
.type environ, %object;
.size environ, PTR_SIZE_BYTES
environ:
.text
#ifdef TIME32
WEAKTIME64 __stat_time64
.type __stat_time64, %function;
__stat_time64:
#endif
.weak getrandom
.type getrandom, %function;
getrandom:
.globl statx
.type statx, %function;
statx:
.globl write
.type write, %function;
write:
"""


@pytest.mark.parametrize(
    ("version", "lacking"),
    [((1, 1), {"__stat_time64", "getrandom", "statx"}), ((1, 2), {"statx"}), ((1, 3), set())],
)
def test_symbols_newer_than_the_first_release_are_left_out(
    version: tuple[int, int], lacking: set[str]
) -> None:
    kept = libc_source(SOURCE, version)
    names = {"environ", "__stat_time64", "getrandom", "statx", "write"}
    assert {name for name in names if f"{name}:" not in kept} == lacking
    assert all(name not in kept for name in lacking)
    assert [line for line in kept.splitlines() if line.startswith(("#", ".bss", ".text"))] == [
        line for line in SOURCE.splitlines() if line.startswith(("#", ".bss", ".text"))
    ]


def test_the_name_is_the_one_of_musl_distributions() -> None:
    # As in markupsafe's wheels musllinux_1_2 on PyPI.
    assert [musl_soname(arch) for arch in (Arch.AARCH64, Arch.ARMV7L, Arch.I686, Arch.PPC64LE)] == [
        "libc.musl-aarch64.so.1",
        "libc.musl-armv7.so.1",
        "libc.musl-x86.so.1",
        "libc.musl-ppc64le.so.1",
    ]


def test_the_runtime_libraries_of_another_musl_are_others() -> None:
    assert library_facts(GLIBC.platform) == []
    older = parse_target_id("cp311-linux_aarch64_musl_1_1").platform
    assert library_facts(older) != library_facts(MUSL.platform)
    assert "getrandom" in newer_symbols((1, 1))
    assert "getrandom" not in newer_symbols((1, 2))


def test_glibc_has_neither() -> None:
    settings = toolchain_settings(GLIBC, SANDBOX_PATHS, build_machine="x86_64")
    assert isinstance(settings["target"], dict)
    assert isinstance(settings["environment"], dict)
    assert settings["target"]["libc"] == ""
    assert "ZIG_LIB_DIR" not in settings["environment"]


def test_musl_has_both() -> None:
    settings = toolchain_settings(MUSL, SANDBOX_PATHS, build_machine="x86_64")
    assert isinstance(settings["target"], dict)
    assert isinstance(settings["environment"], dict)
    assert settings["target"]["libc"] == "/build/cache/musl/libc.musl-armv7.so.1"
    assert settings["environment"]["ZIG_LIB_DIR"] == "/crosswheel/toolchain/zig-lib"
    command = libc_command(MUSL.platform, SANDBOX_PATHS)
    assert command[-1] == libc_library(MUSL.platform, SANDBOX_PATHS)
    assert {"-DTIME32", "-Wl,-soname,libc.musl-armv7.so.1"} <= set(command)


def test_all_of_zigs_library_is_there_but_one_file(tmp_path: Path) -> None:
    names = ("std/std.zig", "libc/glibc/abilists", "libc/musl/src/a.c", "libc/musl/libc.S")
    library, links = library_for(MUSL.platform, tmp_path, names, SOURCE)
    assert links == {
        "std": "/crosswheel/zig/lib/std",
        "libc/glibc": "/crosswheel/zig/lib/libc/glibc",
        "libc/musl/src": "/crosswheel/zig/lib/libc/musl/src",
    }
    assert (library / "libc/musl/libc.S").read_text() == libc_source(SOURCE, (1, 2))


def test_a_toolchain_that_is_no_zig_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot use toolchain 'empty': it has no lib/libc/musl/libc\.S"):
        write_zig_library(tmp_path, tmp_path / "empty", MUSL.platform, SANDBOX_PATHS)
    write_zig_library(tmp_path, tmp_path / "empty", GLIBC.platform, SANDBOX_PATHS)
    assert list(tmp_path.iterdir()) == []


LIBC = "/build/cache/musl/libc.musl-armv7.so.1"


def rewritten(name: str, arguments: list[str], files: set[str]) -> list[str]:
    """Return the call of zig that a launcher of the musl target makes, where `files` exist."""
    settings = toolchain_settings(MUSL, SANDBOX_PATHS, build_machine="x86_64")
    found = rewrite(name, arguments, settings, files.__contains__)
    assert isinstance(found, Run)
    return found.argv


@pytest.mark.parametrize(
    ("arguments", "linked"),
    [
        (["-shared", "x.o", "-o", "x.so"], [LIBC]),
        (["x.c", "-o", "x"], [LIBC]),
        (["-x", "c", "x.txt", "-shared"], ["-x", "none", LIBC]),
        (["-c", "x.c"], []),
        (["-static", "x.o"], []),
        (["-Wl,-r", "x.o"], []),
        (["-shared", "-nostdlib", "x.o"], [LIBC]),
    ],
)
def test_a_musl_module_is_linked_against_the_targets_libc(arguments: list[str], linked: list[str]) -> None:
    with_libc, without = (rewritten("cc", arguments, {LIBC}), rewritten("cc", arguments, set()))
    assert with_libc == [*without, *linked]


def test_a_libc_that_is_not_there_yet_is_left_to_zig() -> None:
    assert LIBC not in rewritten("cc", ["-shared", "x.o"], set())


def test_code_for_musl_is_position_independent_unless_told_otherwise() -> None:
    # A program that copies an object of libc into itself would get the wrong one.
    assert "-fPIC" in rewritten("cc", ["x.c", "-o", "x"], {LIBC})
    told = rewritten("cc", ["-c", "-fno-pic", "x.c"], {LIBC})
    assert told.index("-fPIC") < told.index("-fno-pic")


def test_a_program_for_the_build_machine_has_no_target_libc() -> None:
    assert LIBC not in rewritten("build-cc", ["x.c", "-o", "x"], {LIBC})
