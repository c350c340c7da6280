"""What is advised after a build failed, from the log and the reason."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.building.build_log import causes_of, hint_for, tail_of
from crosswheel.act.building.failed_builds import FailedBuild

ANY = "a patch, a setting or a variable can be given for the package in [tool.crosswheel], or take a prebuilt wheel"


def failed(log: Path, why: str = "") -> FailedBuild:
    return FailedBuild(name="p", version="1.0", target="cp311-linux_aarch64_glibc_2_28", why=why, log=log)


def hint(tmp_path: Path, log: str, why: str = "") -> str:
    (tmp_path / "log").write_text(log)
    return hint_for(tmp_path / "log", causes_of(failed(tmp_path / "log", why)))


@pytest.mark.parametrize(
    ("log", "advised"),
    [
        (
            "FileNotFoundError: [Errno 2] No such file or directory: 'cmake'",
            '`build-requires = ["cmake"]`',
        ),
        ("/bin/sh: 1: ninja: not found", '`build-requires = ["ninja"]`'),
        (
            "[Errno 2] No such file or directory: 'gfortran'",
            "the project has sources in Fortran, and there is no compiler of it for the target (gfortran)",
        ),
        ("make: nasm: No such file or directory", "the build wants 'nasm', which is not there"),
        ("make[2]: cmake: No such file or directory", '`build-requires = ["cmake"]`'),
        ("bash: line 1: autoreconf: command not found", "the build wants 'autoreconf', which is not there"),
        (
            "ModuleNotFoundError: No module named 'pkg_resources'",
            '`build-requires = ["setuptools"]`',
        ),
        (
            "../meson.build:5:22: ERROR: Git program not found, cannot download libcsiphash-1.wrap via git.",
            "the build wants to download",
        ),
        ("getaddrinfo(3) failed for download.example.org:443", "the build wants to download"),
        ("ModuleNotFoundError: No module named 'pybind11'", "needs the module 'pybind11'"),
        (
            "x.c:1:10: fatal error: 'CoreFoundation/CFString.h' file not found",
            "the header 'CoreFoundation/CFString.h' is of macOS' frameworks: give Apple's SDK with --sdk FOLDER",
        ),
        (
            "cc: error: '-framework IOKit' needs Apple's SDK, and the plan has none; plan with --sdk",
            "the framework 'IOKit' is of macOS' frameworks: give Apple's SDK with --sdk FOLDER",
        ),
        ("x.c:1:10: fatal error: 'yaml.h' file not found", "the C header 'yaml.h' is not there"),
        ("FAIL: tests/one\nmake: *** [Makefile:3: check] Error 1", "(make check)"),
        ("make[2]: *** [Makefile:1210: check-TESTS] Error 2", "(make check)"),
        ("# FAIL:  3", "(make check)"),
        (
            "error: the feature named `avx512f` is not valid for this target",
            "the project compiles code for another processor ('avx512f')",
        ),
        (
            "error: no matching package named `libc` found\nlocation searched: x",
            "the crate 'libc' is not among those",
        ),
        (
            "error: rustc 1.95.0 is not supported by the following package:\n  p@0.1.0 requires rustc 1.99",
            "the plan's Rust is too old for the crates (requires rustc 1.99): name a newer release with `rust`",
        ),
        (
            "lock file version `5` was found, but this version of Cargo does not understand this lock file, perhaps",
            "too old for the crates (lock file version `5`)",
        ),
        (
            "error[E0463]: can't find crate for `std`\n  |\n  = note: the `thumbv7m-none-eabi` target may not be installed",
            "no standard library for 'thumbv7m-none-eabi'",
        ),
    ],
)
def test_a_log_that_tells_what_lacked_is_answered(tmp_path: Path, log: str, advised: str) -> None:
    assert advised in hint(tmp_path, f"running build\n{log}\n")


def test_a_backend_that_cannot_be_imported_is_advised_though_the_log_is_empty(tmp_path: Path) -> None:
    why = "the build backend 'setuptools.build_meta' cannot be imported: No module named 'setuptools'"
    assert '`build-requires = ["setuptools"]`' in hint(tmp_path, "", why)


def test_an_empty_log_is_not_to_be_read(tmp_path: Path) -> None:
    assert hint(tmp_path, "\n") == ANY
    assert hint(tmp_path, "what is this\n") == f"read the log; {ANY}"


def test_what_only_the_begin_of_a_long_log_tells_is_found_with_its_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("start\nx.c:1:10: fatal error: 'yaml.h' file not found\n" + "cc -c x.c\n" * 20_000)
    (cause,) = causes_of(failed(log))
    assert (cause.title, cause.lines[0].number) == ("missing header 'yaml.h'", 2)


def test_what_a_configure_script_says_at_the_end_does_not_hide_what_the_begin_tells(tmp_path: Path) -> None:
    log = tmp_path / "log"
    end = "cc -c x.c\n" * 20_000 + "configure: error: no moon\n"
    log.write_text("x.c:1:10: fatal error: 'yaml.h' file not found\n" + end)
    assert causes_of(failed(log))[0].title == "missing header 'yaml.h'"
    log.write_text(end)
    assert hint_for(log, causes_of(failed(log))).startswith("its configure script ended with: no moon; ")


def test_lines_of_a_long_log_keep_their_numbers(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("cc -c x.c\n" * 20_000 + "x.c:1:10: fatal error: 'yaml.h' file not found\n")
    (cause,) = causes_of(failed(log))
    assert cause.lines[0].number == 20_001


def test_a_log_that_is_made_to_be_slow_to_read_is_read_soon(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("a-" * 3_000_000 + "\nx.c:1:10: fatal error: 'yaml.h' file not found\n")
    began = time.process_time()
    (cause,) = causes_of(failed(log))
    assert cause.title == "missing header 'yaml.h'"
    log.write_text(f"{'a-' * 30_000}\n" * 60)
    assert causes_of(failed(log)) == ()
    assert time.process_time() - began < 10


def test_what_lacks_is_advised_for_the_target_it_lacks_for(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("x.c:1:10: fatal error: 'netinet/tcp_fsm.h' file not found")
    failure = replace(failed(tmp_path / "log"), target="cp311-macos_aarch64_11_0")
    assert "--sdk FOLDER" in hint_for(failure.log, causes_of(failure))


def test_a_compilers_first_errors_stand_before_an_end_that_has_none(tmp_path: Path) -> None:
    log = tmp_path / "log"
    first, notes = "a.hpp:3:1: error: no such thing", [f"a.hpp:{at}:1: note: see here" for at in range(50)]
    log.write_text("\n".join(["started", first, "b.c:1: fatal error: x", *notes]))
    assert tail_of(log)[:4] == [first, "b.c:1: fatal error: x", "...", notes[20]]
    log.write_text("\n".join([*notes, first]))
    assert tail_of(log) == [*notes[21:], first]
    log.write_text("\n".join(["failed: error: 5", *notes]))
    assert tail_of(log) == notes[20:]


def test_of_a_line_that_was_written_over_the_last_text_counts(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"[1] prepare\r         \r[1] build\r\nerror: x\r\n")
    assert tail_of(tmp_path / "log") == ["[1] build", "error: x"]
