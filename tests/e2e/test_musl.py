"""Wheels for musl: cross built by the real command, named as on PyPI, and used by a CPython that runs on musl."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from crosswheel.act.check.elf import parse_elf
from e2e.crosswheel_command import build_and_install, built_wheel, crosswheel, lock, repository_of
from e2e.exercises import EXERCISES
from e2e.native_projects import write_lock
from e2e.source_pythons import musl_python
from e2e.target_pythons import TargetPython, run_target_python

pytestmark = [pytest.mark.e2e, pytest.mark.network, pytest.mark.source_python]

#: C, Cython, C++ and a module of the stable ABI by CMake and cffi.
FORCED = ("argon2-cffi-bindings", "frozenlist", "kiwisolver", "markupsafe")


@pytest.fixture(scope="module", params=["aarch64", "x86_64"])
def python(request: pytest.FixtureRequest) -> TargetPython:
    return musl_python(request.param)


def target_of(python: TargetPython) -> str:
    return f"musllinux_1_2_{python.recipe.arch}"


def exercise(python: TargetPython, site: Path, *names: str) -> None:
    for name in names:
        done = run_target_python(python, EXERCISES[name] + "\nprint('works')", site)
        assert done.stdout.splitlines()[-1:] == ["works"], f"{name}: {done.stdout}{done.stderr}"


def modules(wheel: Path) -> dict[str, tuple[str, ...]]:
    """Return what each module of a wheel needs."""
    with zipfile.ZipFile(wheel) as archive:
        return {
            name: tuple(parse_elf(archive.read(name)).needed)
            for name in archive.namelist()
            if name.endswith(".so")
        }


def test_forced_sdists_work_on_musl(tmp_path: Path, python: TargetPython) -> None:
    arch = python.recipe.arch
    site = build_and_install(tmp_path, *FORCED, target=target_of(python))
    for name in FORCED:
        wheel = built_wheel(tmp_path, name)
        abi = "abi3" if name == "argon2-cffi-bindings" else "cp311"
        assert wheel.stem.endswith(f"-{abi}-{target_of(python)}"), wheel.name
        found = modules(wheel)
        suffix = ".abi3.so" if abi == "abi3" else f".cpython-311-{arch}-linux-musl.so"
        assert found
        assert all(module.endswith(suffix) for module in found), found
        assert set(found.values()) == {(f"libc.musl-{arch}.so.1",)}, found
    exercise(python, site, *FORCED)


def test_modules_of_cmake_and_meson_work_on_musl(tmp_path: Path, python: TargetPython) -> None:
    names = ("by_finding", "by_make", "by_meson", "by_pybind11")
    write_lock(tmp_path, *names)
    crosswheel(
        "build", "pylock.toml", "--target", target_of(python), "--python", "3.11", "-o", "dist", cwd=tmp_path
    )
    for wheel in repository_of(tmp_path / "dist").glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = "".join(f"import {name}\nassert {name}.pointer() == 64, {name}.__file__\n" for name in names)
    code += "print(by_finding.found(), by_finding.power('2.5'))\n"
    done = run_target_python(python, code, tmp_path / "site")
    assert done.stdout == "c m pthread dl rt util 32.0\n", done.stdout + done.stderr
    (module,) = (tmp_path / "site").glob("by_finding*.so")
    assert parse_elf(module.read_bytes()).needed == (f"libc.musl-{python.recipe.arch}.so.1",)


def test_published_wheels_work_in_the_same_python(tmp_path: Path, python: TargetPython) -> None:
    # Else the interpreter, and not the wheels, could be what makes the tests above pass.
    # kiwisolver's crashes on musl 1.2.3, which this Python runs on, and works on 1.2.5; the one built here works on both.
    names = ("frozenlist", "markupsafe")
    lock(tmp_path, *names)
    crosswheel(
        "build", "pylock.toml", "--target", target_of(python), "--python", "3.11", "-o", "dist", cwd=tmp_path
    )
    repository = repository_of(tmp_path / "dist")
    assert len(list(repository.glob(f"*-musllinux_1_*_{python.recipe.arch}.whl"))) == len(names)
    crosswheel("install", repository, "--dest", "site", cwd=tmp_path)
    exercise(python, tmp_path / "site", *names)
