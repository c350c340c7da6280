"""Other compilers in zig's place: Debian's cross GCC, and Clang with a sysroot; the wheels are checked and used alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.crosswheel_command import (
    CommandFailedError,
    build_and_install,
    built_wheel,
    crosswheel,
    repository_of,
)
from e2e.debian_compilers import clang, cross_gcc, target_sysroot
from e2e.target_pythons import TargetPython, run_target_python

pytestmark = pytest.mark.e2e

#: Debian 12's glibc, which its compilers link with.
TARGET = "linux_aarch64_glibc_2_36"
_USED = """
import kiwisolver, markupsafe._speedups
x = kiwisolver.Variable("x")
solver = kiwisolver.Solver()
solver.addConstraint(x >= 3)
solver.updateVariables()
assert x.value() == 3.0
try:
    solver.addConstraint(x <= 2)
    solver.addConstraint((x >= 4) | "required")
except kiwisolver.UnsatisfiableConstraint:
    print(markupsafe.escape("<works>"))
"""


def configured(folder: Path, **toolchain: str) -> Path:
    """Return a folder whose configuration names a toolchain."""
    folder.mkdir(exist_ok=True)
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in toolchain.items())
    (folder / "crosswheel.toml").write_text(f'[toolchains."*-linux_aarch64_*"]\n{lines}')
    return folder


def assert_it_works(site: Path, target: TargetPython) -> None:
    done = run_target_python(target, _USED, site)
    assert done.stdout == "&lt;works&gt;\n", done.stdout + done.stderr


def test_a_cross_gcc_makes_wheels_that_work_with_the_tags_they_earn(
    tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    folder = configured(tmp_path / "here", cc=str(cross_gcc("aarch64")))
    site = build_and_install(folder, "markupsafe", "kiwisolver", target=TARGET)
    assert_it_works(site, target_python("aarch64"))
    # GCC 12's C++ needs GLIBCXX_3.4.29; C code that needs nothing newer is as portable as zig's.
    assert built_wheel(folder, "kiwisolver").stem.endswith("-manylinux_2_34_aarch64")
    assert built_wheel(folder, "markupsafe").stem.endswith("-manylinux2014_aarch64.manylinux_2_17_aarch64")
    _assert_the_same_without_a_sandbox(folder, tmp_path / "elsewhere" / "deeper")


def _assert_the_same_without_a_sandbox(folder: Path, other: Path) -> None:
    other.mkdir(parents=True)
    (other / "pylock.toml").write_bytes((folder / "pylock.toml").read_bytes())
    crosswheel(
        *("build", "pylock.toml", "--target", TARGET, "--python", "3.11", "--no-binary", "markupsafe"),
        *(
            "--only-binary",
            "kiwisolver",
            "--toolchain",
            cross_gcc("aarch64"),
            "--sandbox",
            "none",
            "-o",
            "dist",
        ),
        cwd=other,
        store=other / "store",
    )
    wheel = built_wheel(folder, "markupsafe")
    assert (repository_of(other / "dist") / wheel.name).read_bytes() == wheel.read_bytes()


def test_a_wheel_that_comes_to_need_more_than_its_target_has_is_refused_with_what_to_do(
    tmp_path: Path,
) -> None:
    folder = configured(tmp_path, cc=str(cross_gcc("aarch64")))
    with pytest.raises(CommandFailedError) as caught:
        build_and_install(folder, "kiwisolver", target="linux_arm64")
    said = str(caught.value)
    assert "links with glibc 2.36, newer than the 2.28 of cp311-linux_aarch64_glibc_2_28" in said
    assert (
        "@GLIBCXX_3.4.29 of libstdc++.so.6, which is first in manylinux_2_34; the target has glibc 2.28. "
        "aarch64-linux-gnu-gcc-12 (Debian 12.2.0-14) 12.2.0 with glibc 2.36 linked it: "
        "let zig do it, which links with the target's glibc, or raise the target's glibc to 2.34"
    ) in said


def test_clang_with_a_sysroot_makes_wheels_that_work(
    tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    folder = configured(tmp_path, cc=str(clang()), sysroot=str(target_sysroot("aarch64")))
    site = build_and_install(folder, "markupsafe", "kiwisolver", target=TARGET)
    assert_it_works(site, target_python("aarch64"))
