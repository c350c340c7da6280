"""Packages forced from their sdists, cross built by the real command, installed, and used under qemu."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.crosswheel_command import build_and_install, built_wheel, crosswheel, lock, repository_of
from e2e.exercises import EXERCISES
from e2e.target_pythons import TargetPython, run_target_python

pytestmark = pytest.mark.e2e

_PURE = {"pdpyras", "pypika"}
#: Target name, architecture and Python version of every Linux glibc target but the first one, aarch64 on 3.11.
_OTHERS = (
    ("linux_amd64", "x86_64", "3.11"),
    ("linux_arm_v7", "armv7l", "3.11"),
    ("linux_386", "i686", "3.11"),
    ("linux_ppc64le", "ppc64le", "3.11"),
    ("linux_s390x", "s390x", "3.11"),
    ("linux_riscv64", "riscv64", "3.13"),
    ("linux_arm64", "aarch64", "3.13"),
)


def exercise(target: TargetPython, site: Path, *names: str) -> None:
    """Run the exercises of `names` in the target Python."""
    for name in names:
        done = run_target_python(target, EXERCISES[name] + "\nprint('works')", site)
        assert done.stdout.splitlines()[-1:] == ["works"], f"{name}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("name", sorted(EXERCISES))
def test_forced_sdist_works_on_aarch64(
    name: str, tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    site = build_and_install(tmp_path, name, target="linux_arm64")
    tag = built_wheel(tmp_path, name).stem.rpartition("-")[2]
    assert (
        tag == "any" if name in _PURE else re.search(r"(^|\.)(manylinux_2_\d+|manylinux2014)_aarch64$", tag)
    )
    exercise(target_python("aarch64"), site, name)


@pytest.mark.parametrize(("target", "arch", "version"), _OTHERS)
def test_c_and_cxx_extensions_work_on_every_other_target(
    target: str,
    arch: str,
    version: str,
    tmp_path: Path,
    target_python: Callable[..., TargetPython],
    build_python: Callable[[str], Path],
) -> None:
    names = ("kiwisolver", "markupsafe")
    site = build_and_install(
        tmp_path, *names, target=target, python=version, build_python=build_python(version)
    )
    for name in names:
        wheel = built_wheel(tmp_path, name)
        assert wheel.stem.endswith(f"_{arch}"), wheel.name
        assert f"-cp{version.replace('.', '')}-" in wheel.name
    exercise(target_python(arch, version), site, *names)


def test_another_directory_and_another_store_give_the_same_bytes(tmp_path: Path) -> None:
    names = ("frozenlist", "kiwisolver", "markupsafe")
    here, there = tmp_path / "here", tmp_path / "a rather longer" / "way to go" / "there"
    build_and_install(here, *names, target="linux_arm64")
    build_and_install(there, *names, target="linux_arm64", store=tmp_path / "store")
    wheels = [built_wheel(here, name) for name in names]
    assert [_digest(built_wheel(there, name)) for name in names] == [_digest(wheel) for wheel in wheels]
    assert [built_wheel(there, name).name for name in names] == [wheel.name for wheel in wheels]


def test_a_plan_made_twice_is_the_same_bytes(tmp_path: Path) -> None:
    lock(tmp_path, "markupsafe", "pycosat")
    for name in ("first", "second"):
        options = (
            "--target",
            "linux_arm64",
            "--target",
            "linux_s390x",
            "--python",
            "3.11",
            "--no-binary",
            ":all:",
        )
        crosswheel("plan", "pylock.toml", *options, "-o", f"{name}.json", cwd=tmp_path)
    assert (tmp_path / "first.json").read_bytes() == (tmp_path / "second.json").read_bytes()


def test_a_second_build_leaves_the_repository_untouched(tmp_path: Path) -> None:
    build_and_install(tmp_path, "markupsafe", target="linux_arm64")
    repository = repository_of(tmp_path / "dist")
    before = {path: path.stat().st_mtime_ns for path in repository.rglob("*")}
    arguments = ("pylock.toml", "--target", "linux_arm64", "--no-binary", "markupsafe", "--python", "3.11")
    crosswheel("build", *arguments, "-o", "dist", cwd=tmp_path)
    assert {path: path.stat().st_mtime_ns for path in repository.rglob("*")} == before


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
