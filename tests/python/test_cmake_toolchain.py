"""CMake's toolchain file, Meson's cross file and the scripts beside them: golden texts, and what the scripts do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cross_targets import LINUX_PLATFORMS, PATHS, description_of
from crosswheel.render.build_paths import BuildPaths, build_paths_under
from crosswheel.render.cmake_toolchain import (
    ASKED_TESTS,
    REFUSED_PROGRAMS,
    render_cmake_toolchain,
    render_program_runner,
)
from crosswheel.render.meson_cross_file import meson_config_settings, render_meson_cross_file
from crosswheel.render.python_config import python_config_names, render_python_config
from crosswheel.target.descriptions import TargetDescription

GOLDEN = Path(__file__).parent.parent / "golden" / "cmake_toolchain"
TARGETS = (
    "cp311-linux_aarch64_glibc_2_17",
    "cp311-linux_s390x_glibc_2_28",
    "cp314t-linux_armv7l_glibc_2_28",
    "cp311-linux_armv7l_musl_1_2",
)
RENDERED: dict[str, Callable[[TargetDescription, BuildPaths], str]] = {
    "meson-cross.ini": render_meson_cross_file,
    "python-config.txt": render_python_config,
    "run-build-python.txt": render_program_runner,
    "toolchain.cmake": render_cmake_toolchain,
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", RENDERED)
def test_a_rendered_text_is_the_golden_one(target: str, name: str) -> None:
    text = RENDERED[name](description_of(target), PATHS)
    golden = GOLDEN / target / name
    if os.environ.get("CROSSWHEEL_UPDATE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize(
    ("platform", "family", "cpu", "endian"),
    [
        ("linux_x86_64_glibc_2_28", "x86_64", "x86_64", "little"),
        ("linux_aarch64_glibc_2_28", "aarch64", "aarch64", "little"),
        ("linux_armv7l_glibc_2_28", "arm", "armv7l", "little"),
        ("linux_i686_glibc_2_28", "x86", "i686", "little"),
        ("linux_ppc64le_glibc_2_28", "ppc64", "ppc64le", "little"),
        ("linux_s390x_glibc_2_28", "s390x", "s390x", "big"),
        ("linux_riscv64_glibc_2_31", "riscv64", "riscv64", "little"),
    ],
)
def test_meson_hears_each_machine_in_its_own_words(platform: str, family: str, cpu: str, endian: str) -> None:
    text = render_meson_cross_file(description_of(f"cp312-{platform}"), PATHS)
    assert f"cpu_family = '{family}'\ncpu = '{cpu}'\nendian = '{endian}'\n" in text


@pytest.mark.parametrize("platform", LINUX_PLATFORMS)
def test_cmake_hears_the_machine_as_uname_has_it(platform: str) -> None:
    description = description_of(f"cp312-{platform}")
    text = render_cmake_toolchain(description, PATHS)
    assert f"\nset(CMAKE_SYSTEM_PROCESSOR {description.platform.arch.value})\n" in text


def test_the_users_own_meson_arguments_come_after_the_cross_file() -> None:
    settings: dict[str, str | tuple[str, ...]] = {"setup-args": ("-Da=1", "-Db=2"), "builddir": "b"}
    assert meson_config_settings(settings, "/c.ini") == {
        "setup-args": ("--cross-file=/c.ini", "-Da=1", "-Db=2"),
        "builddir": "b",
    }


def test_the_config_script_goes_by_all_names_that_are_looked_for() -> None:
    names = python_config_names(description_of("cp314t-linux_armv7l_glibc_2_28"))
    assert names == ("python3.14t-config", "python3.14-config", "python3-config", "python-config")


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", "-c", script, "script", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def config(*options: str) -> subprocess.CompletedProcess[str]:
    return run(render_python_config(description_of("cp314t-linux_armv7l_glibc_2_28"), PATHS), *options)


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (["--extension-suffix"], ".cpython-314t-arm-linux-gnueabihf.so\n"),
        (["--includes"], "-I/fixed/target/include/python3.14t\n"),
        (["--abiflags"], "t\n"),
        (
            ["--configdir", "--prefix"],
            "/fixed/target/lib/python3.14t/config-3.14t-arm-linux-gnueabihf\n/fixed/target\n",
        ),
        (["--ldflags", "--embed"], "-L/fixed/target/lib -lm\n"),
    ],
)
def test_the_config_script_answers_for_the_target(options: list[str], answer: str) -> None:
    done = config(*options)
    assert (done.returncode, done.stdout, done.stderr) == (0, answer, "")


@pytest.mark.parametrize("options", [[], ["--nonsense"], ["--includes", "--nonsense"]])
def test_the_config_script_refuses_what_it_does_not_know_without_an_answer(options: list[str]) -> None:
    done = config(*options)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Usage: python3.14t-config [--prefix ")


@pytest.fixture
def runner(tmp_path: Path) -> tuple[str, BuildPaths]:
    """Return the program runner for folders that are there, with a `python` that says how it was called."""
    paths = build_paths_under(f"{tmp_path}/fixed", f"{tmp_path}/scratch")
    Path(paths.temporary).mkdir(parents=True)
    for folder in (paths.environment, paths.python):
        program = Path(folder, "bin", "python")
        program.parent.mkdir(parents=True)
        program.write_text('#!/bin/sh\necho "$0" "$@"\n')
        program.chmod(0o755)
    return render_program_runner(description_of("cp311-linux_x86_64_glibc_2_28"), paths), paths


@pytest.mark.parametrize("called", ["environment", "python"])
def test_the_runner_runs_the_build_environments_python(
    runner: tuple[str, BuildPaths], called: str, tmp_path: Path
) -> None:
    script, paths = runner
    done = run(script, tmp_path / "fixed" / called / "bin" / "python", "-c", "a b")
    assert done.stdout == f"{paths.environment}/bin/python -c a b\n"


def test_the_runner_runs_no_other_program_and_says_which_it_refused(
    runner: tuple[str, BuildPaths], tmp_path: Path
) -> None:
    script, paths = runner
    program = tmp_path / "scratch" / "cmTC_1"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\n")
    program.chmod(0o755)
    (tmp_path / "scratch" / "CMakeLists.txt").write_text(
        "project(CMAKE_TRY_COMPILE C)\nadd_definitions([==[-DHAVE_IT]==] [==[-DOTHER=1]==])\n"
    )
    done = run(script, program)
    assert (done.returncode, done.stdout) == (126, "")
    assert Path(paths.temporary, ASKED_TESTS).read_text() == "HAVE_IT\n"
    assert done.stderr == (
        f"crosswheel: '{program}' is compiled for cp311-linux_x86_64_glibc_2_28 and is not run; "
        "give the build what it would answer\n"
    )
    assert not (tmp_path / "was-run").exists()
    assert Path(paths.temporary, REFUSED_PROGRAMS).read_text() == f"{program}\n"
