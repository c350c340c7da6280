"""What the target's C library is found by: its files in a toolchain, and what the launchers do with their paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.act.building.libc_files import write_libc_files
from crosswheel.render.build_paths import SANDBOX_PATHS, build_paths_under
from crosswheel.render.compiler_arguments import Run, rewrite
from crosswheel.render.libc_files import libc_library_files, zig_header_folders
from crosswheel.target.targets import parse_target_id
from crosswheel.values.platforms import Platform
from toolchain_values import GCC, TOOLCHAIN

PREFIX = SANDBOX_PATHS.libc


def platform(name: str) -> Platform:
    return parse_target_id(f"cp311-{name}").platform


def linked(*arguments: str, gcc: bool = False) -> list[str]:
    outcome = rewrite("cc", ["x.o", *arguments], GCC if gcc else TOOLCHAIN, lambda _: False)
    assert isinstance(outcome, Run)
    return outcome.argv[outcome.argv.index("x.o") + 1 :]


@pytest.mark.parametrize("gcc", [False, True])
@pytest.mark.parametrize("suffix", ["so", "a", "tbd"])
def test_the_path_of_a_library_of_the_c_library_is_its_name(suffix: str, gcc: bool) -> None:
    assert linked(f"{PREFIX}/lib/libm.{suffix}", "y.o", gcc=gcc)[:2] == ["-lm", "y.o"]


@pytest.mark.parametrize(
    "path", ["/build/libm.so", f"{PREFIX}/lib/sub/libm.so", f"{PREFIX}/lib/crt1.o", "libm.so"]
)
def test_another_file_stays_what_it_is(path: str) -> None:
    assert path in linked(path)


def test_the_folders_of_the_c_library_are_not_searched_before_the_compilers_own() -> None:
    folders = ("-I", f"{PREFIX}/include", f"-isystem{PREFIX}/include/", f"-L{PREFIX}/lib", "-Imine")
    outcome = rewrite("cc", [*folders, "-c", "x.c"], TOOLCHAIN, lambda _: False)
    assert isinstance(outcome, Run)
    assert [word for word in outcome.argv if PREFIX in word or "mine" in word] == ["-Imine"]


def test_a_folder_below_the_headers_is_searched() -> None:
    outcome = rewrite("cc", [f"-I{PREFIX}/include/netinet", "-c", "x.c"], TOOLCHAIN, lambda _: False)
    assert isinstance(outcome, Run)
    assert f"-I{PREFIX}/include/netinet" in outcome.argv


@pytest.mark.parametrize(
    ("name", "found", "missing"),
    [
        ("linux_aarch64_glibc_2_28", {"libc.so", "libm.so", "libpthread.so", "librt.so"}, {"libcrypt.so"}),
        # What musl has in one library it has empty archives of.
        ("linux_aarch64_musl_1_2", {"libc.so", "libm.a", "libpthread.a", "libcrypt.a"}, {"libm.so"}),
        ("macos_aarch64_11_0", {"libSystem.tbd", "libc.tbd", "libm.tbd"}, {"librt.tbd", "libutil.tbd"}),
        ("windows_x86_64", {"libm.a", "libws2_32.a", "libopengl32.a"}, {"libc.a", "libdl.a", "libREADME.a"}),
    ],
)
def test_libraries_have_the_names_that_they_have_on_the_target(
    name: str, found: set[str], missing: set[str]
) -> None:
    files = libc_library_files(platform(name), ["ws2_32.def", "opengl32.def.in", "README"])
    assert found <= files.keys()
    assert not missing & files.keys()


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("linux_x86_64_glibc_2_28", "x86-linux-gnu"),
        ("linux_i686_glibc_2_28", "x86-linux-gnu"),
        ("linux_ppc64le_glibc_2_28", "powerpc-linux-gnu"),
        ("linux_x86_64_musl_1_2", "x86_64-linux-musl"),
        ("linux_i686_musl_1_2", "x86-linux-musl"),
        ("linux_ppc64le_musl_1_2", "powerpc64-linux-musl"),
        ("linux_riscv64_musl_1_2", "riscv64-linux-musl"),
    ],
)
def test_the_headers_are_those_of_the_architecture_first(name: str, first: str) -> None:
    folders = zig_header_folders(platform(name))
    assert folders[0] == f"libc/include/{first}"
    assert len(folders) == len(set(folders)) == 4


def test_the_headers_of_all_folders_are_found_in_one(tmp_path: Path) -> None:
    zig, toolchain = tmp_path / "fixed" / "zig", tmp_path / "fixed" / "toolchain"
    for path, text in {
        "generic-glibc/stdio.h": "generic",
        "generic-glibc/bits/types.h": "generic",
        "generic-glibc/sys/ioctl.h": "generic",
        "aarch64-linux-gnu/bits/types.h": "arch",
        "any-linux-any/linux/can.h": "kernel",
        "x86-linux-gnu/sys/io.h": "another",
    }.items():
        file = zig / "lib" / "libc" / "include" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    toolchain.mkdir()
    paths = build_paths_under(f"{tmp_path}/fixed", str(tmp_path))
    write_libc_files(toolchain, zig, platform("linux_aarch64_glibc_2_28"), paths, headers=True)
    include = Path(paths.libc, "include")
    found = {
        file.relative_to(include).as_posix(): file.read_text()
        for folder in (include, *include.glob("*/"))
        for file in folder.glob("*.h")
    }
    assert found == {
        "bits/types.h": "arch",
        "linux/can.h": "kernel",
        "stdio.h": "generic",
        "sys/ioctl.h": "generic",
    }
    assert Path(paths.libc, "lib", "libm.so").read_text() == "INPUT ( -lm )\n"


def test_headers_that_nothing_is_compiled_with_are_not_found(tmp_path: Path) -> None:
    (tmp_path / "zig" / "lib" / "libc" / "include" / "any-darwin-any").mkdir(parents=True)
    for headers in (True, False):
        folder = tmp_path / str(headers)
        folder.mkdir()
        write_libc_files(
            folder, tmp_path / "zig", platform("macos_aarch64_11_0"), SANDBOX_PATHS, headers=headers
        )
        assert (folder / "libc" / "usr" / "include").is_symlink() is headers
