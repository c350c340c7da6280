"""Projects built by CMake, Meson and the hooks of other backends, cross built by the real command with no configuration, and used under qemu."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from crosswheel.act.check.elf import parse_elf
from e2e.crosswheel_command import (
    CommandFailedError,
    build_and_install,
    built_wheel,
    crosswheel,
    repository_of,
)
from e2e.exercises import EXERCISES
from e2e.native_projects import write_lock
from e2e.target_pythons import TargetPython, run_target_python

pytestmark = [pytest.mark.e2e, pytest.mark.network]

#: What programs that throw exceptions need besides, on some architectures.
_LOADERS = ("ld-linux-aarch64.so.1", "ld-linux-armhf.so.3")
#: Since 26.2, which the tests pin, by scikit-build-core and cffi.
_ARGON2 = "argon2-cffi-bindings"

_USE = """
import importlib, os
for name in {names}:
    module = importlib.import_module(name)
    assert module.pointer() == {width}, (name, module.pointer())
    assert not hasattr(module, "order") or module.order() == "{order}", name
    if hasattr(module, "fail"):
        try:
            module.fail("a C++ exception")
        except IndexError as error:
            assert str(error) == "a C++ exception"
        else:
            raise AssertionError(name)
    print(os.path.basename(module.__file__))
"""


def build(folder: Path, *names: str, target: str, dist: str = "dist") -> Path:
    """Lock and build the small projects `names`; return the repository."""
    write_lock(folder, *names)
    crosswheel("build", "pylock.toml", "--target", target, "--python", "3.11", "-o", dist, cwd=folder)
    return repository_of(folder / dist)


def used(repository: Path, folder: Path, python: TargetPython, *names: str, width: int, order: str) -> None:
    """Unpack, import and use the modules in the target Python; each has the target's suffix."""
    for wheel in repository.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(folder / "site")
    done = run_target_python(python, _USE.format(names=names, width=width, order=order), folder / "site")
    suffix = f".cpython-311-{python.recipe.multiarch}.so"
    assert done.stdout.split() == [f"{name}{suffix}" for name in names], done.stdout + done.stderr


@pytest.mark.parametrize(
    ("target", "arch", "width", "order"),
    [
        ("linux_arm64", "aarch64", 64, "little"),
        ("linux_arm_v7", "armv7l", 32, "little"),
        ("linux_s390x", "s390x", 64, "big"),
    ],
)
def test_c_modules_of_old_and_new_cmake_work(
    target: str,
    arch: str,
    width: int,
    order: str,
    tmp_path: Path,
    target_python: Callable[..., TargetPython],
) -> None:
    names = ("by_make", "by_old_policies", "by_setup")
    repository = build(tmp_path, *names, target=target)
    used(repository, tmp_path, target_python(arch), *names, width=width, order=order)


@pytest.mark.parametrize(
    ("target", "arch", "width"), [("linux_arm64", "aarch64", 64), ("linux_arm_v7", "armv7l", 32)]
)
@pytest.mark.parametrize("name", ["by_pybind11", "by_nanobind", "by_meson"])
def test_cxx_modules_of_header_libraries_work(
    name: str, target: str, arch: str, width: int, tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    repository = build(tmp_path, name, target=target)
    used(repository, tmp_path, target_python(arch), name, width=width, order="little")


@pytest.mark.parametrize(
    ("target", "arch", "width"), [("linux_arm64", "aarch64", 64), ("linux_arm_v7", "armv7l", 32)]
)
def test_the_c_library_is_found_by_its_files_and_linked_by_their_paths(
    target: str, arch: str, width: int, tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    names = ("by_finding", "by_finding_before")
    repository = build(tmp_path, *names, target=target)
    used(repository, tmp_path, target_python(arch), *names, width=width, order="little")
    ask = "".join(f"import {name}\nprint({name}.found(), {name}.power('2.5'))\n" for name in names)
    done = run_target_python(target_python(arch), ask, tmp_path / "site")
    assert done.stdout == 2 * "c m pthread dl rt util 32.0\n"
    for module in (tmp_path / "site").glob("*.so"):
        data = module.read_bytes()
        # As where /usr/lib is named: nothing is looked for in a folder of the build.
        assert set(parse_elf(data).needed) <= {"libc.so.6", "libm.so.6", *_LOADERS}
        assert b"/crosswheel" not in data


def test_modules_that_build_hooks_compile_work(
    tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    names = ("by_hatch", "by_poetry", "by_pdm")
    repository = build(tmp_path, *names, target="linux_arm64")
    used(repository, tmp_path, target_python("aarch64"), *names, width=64, order="little")
    assert all(wheel.stem.endswith("_aarch64") for wheel in repository.glob("*.whl"))


def test_a_program_of_the_target_is_not_run_and_the_wheel_refused(tmp_path: Path) -> None:
    # x86_64: the build machine could run it
    with pytest.raises(
        CommandFailedError, match=r"program of the target not run: \S+/cmTC_\w+.*\[target-program-refused\]"
    ):
        build(tmp_path, "by_asking", target="linux_amd64")


def test_the_variables_that_answer_for_programs_of_the_target_are_named_and_mend_the_build(
    tmp_path: Path,
) -> None:
    with pytest.raises(CommandFailedError, match="target-program-refused"):
        build(tmp_path, "by_asking", target="linux_arm64")
    failures = json.loads(crosswheel("why-failed", "by-asking", "--json", cwd=tmp_path))["failures"]
    (failure,) = [one for one in failures if "aarch64" in one["target"]]
    (cause,) = failure["causes"]
    assert cause["subject"] == "ANSWERED, EXIT_CODE"
    (tmp_path / "pyproject.toml").write_text(cause["configuration"] + "\n")
    build(tmp_path, "by_asking", target="linux_arm64")
    assert built_wheel(tmp_path, "by_asking").name.endswith("aarch64.whl")


def test_the_same_wheel_is_built_in_another_store(tmp_path: Path) -> None:
    names = ("by_make", "by_setup")
    here = build(tmp_path, *names, target="linux_arm64")
    arguments = ("pylock.toml", "--target", "linux_arm64", "--python", "3.11", "-o", "again")
    crosswheel("build", *arguments, cwd=tmp_path, store=tmp_path / "store")
    there = repository_of(tmp_path / "again")
    wheels = [path.name for path in sorted(here.glob("*.whl"))]
    assert len(wheels) == len(names)
    for wheel in wheels:
        assert (there / wheel).read_bytes() == (here / wheel).read_bytes()


@pytest.mark.parametrize(("target", "arch"), [("linux_arm64", "aarch64"), ("linux_s390x", "s390x")])
def test_argon2_by_scikit_build_core_keeps_its_stable_abi(
    target: str, arch: str, tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    site = build_and_install(tmp_path, _ARGON2, target=target)
    wheel = built_wheel(tmp_path, _ARGON2)
    assert re.search(rf"-cp3\d+-abi3-manylinux_2_\d+_{arch}\.whl$", wheel.name)
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in names if name.endswith(".so")] == ["_argon2_cffi_bindings/_ffi.abi3.so"]
    done = run_target_python(target_python(arch), EXERCISES[_ARGON2] + "\nprint('works')", site)
    assert done.stdout.split() == ["works"], done.stderr
