"""Wheels for Python without the GIL: built by one, named for it, and used by one under qemu with the GIL staying off."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crosswheel.act.target_python.describe import describe
from crosswheel.act.target_python.load_description import load_description
from crosswheel.target.targets import parse_target_id
from e2e.crosswheel_command import CommandFailedError, build_and_install, built_wheel
from e2e.exercises import EXERCISES
from e2e.source_pythons import free_threaded_build_python, free_threaded_python
from e2e.target_pythons import run_target_python

pytestmark = [pytest.mark.e2e, pytest.mark.network, pytest.mark.source_python]

#: C, Cython and C++; all declare that they run without the GIL.
FORCED = ("frozenlist", "kiwisolver", "markupsafe")
SUFFIX = ".cpython-313t-aarch64-linux-gnu.so"
#: What differs between builds of the same Python, and not between Pythons: optional libraries, options of configure.
OF_THE_BUILD = {
    "HAVE_BLUETOOTH_BLUETOOTH_H",
    "HAVE_BZLIB_H",
    "HAVE_DB_H",
    "HAVE_GDBM_H",
    "HAVE_LIBDB",
    "PY_SQLITE_ENABLE_LOAD_EXTENSION",
    "PY_SSL_DEFAULT_CIPHERS",
    "Py_RL_STARTUP_HOOK_TAKES_ARGS",
    "USE_COMPUTED_GOTOS",
    "WINDOW_HAS_FLAGS",
    "WITH_DOC_STRINGS",
    "WITH_DTRACE",
}


def test_forced_sdists_work_without_the_gil(tmp_path: Path) -> None:
    site = build_and_install(
        tmp_path,
        *FORCED,
        target="linux_arm64",
        python="3.13t",
        lock_python="3.13",
        build_python=free_threaded_build_python(),
    )
    for name in FORCED:
        assert "-cp313-cp313t-manylinux" in built_wheel(tmp_path, name).name
    found = sorted(path.name for path in site.rglob("*.so"))
    assert len(found) == len(FORCED)
    assert all(name.endswith(SUFFIX) for name in found), found
    python = free_threaded_python("aarch64")
    for name in FORCED:
        code = (
            f"import sys\nassert not sys._is_gil_enabled()\n{EXERCISES[name]}\nprint(sys._is_gil_enabled())"
        )
        done = run_target_python(python, code, site)
        assert done.stdout.split() == ["False"], f"{name}: {done.stdout}{done.stderr}"


def test_the_shipped_description_is_that_of_the_real_python() -> None:
    python = free_threaded_build_python()
    real = describe(python.parent.parent)
    shipped = load_description(parse_target_id("cp313t-linux_x86_64_glibc_2_36"))
    names = (
        "python",
        "soabi",
        "ext_suffix",
        "cache_tag",
        "multiarch",
        "sysconfigdata_name",
        "python_directory",
    )
    assert [getattr(real, name) for name in names] == [getattr(shipped, name) for name in names]
    macros = real.pyconfig.macros, shipped.pyconfig.macros
    differing = {name for name in {*macros[0], *macros[1]} if macros[0].get(name) != macros[1].get(name)}
    assert differing <= OF_THE_BUILD
    assert real.pyconfig.macros["Py_GIL_DISABLED"] == "1"


def test_a_build_python_with_the_gil_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match=r"a target of cp313t needs a build Python 3\.13t"):
        build_and_install(
            tmp_path,
            "markupsafe",
            target="linux_arm64",
            python="3.13t",
            lock_python="3.13",
            build_python=Path(sys.executable),
        )
