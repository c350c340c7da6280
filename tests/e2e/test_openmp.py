"""A module of a project with OpenMP, cross built with Debian's library of it, and run by several threads under qemu."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.crosswheel_command import CommandFailedError, crosswheel, repository_of
from e2e.sandbox_builds import write_sdist
from e2e.target_pythons import TargetPython, debian_mirror, run_target_python

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_PROJECT = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
_SETUP = """
from setuptools import Extension, setup
flags = ["-fopenmp"]
setup(name="many", version="1", ext_modules=[Extension("many", ["many.c"], extra_compile_args=flags, extra_link_args=flags)])
"""
#: A schedule of its own needs the function that Debian's library does not have.
_MODULE = """
#include <Python.h>
#include <omp.h>
static PyObject *sum(PyObject *self, PyObject *count) {
  long end = PyLong_AsLong(count), total = 0, threads = 0;
  #pragma omp parallel num_threads(3)
  {
    #pragma omp for schedule(dynamic, 8) reduction(+:total)
    for (long at = 0; at < end; at++) total += at;
    #pragma omp single
    threads = omp_get_num_threads();
  }
  return Py_BuildValue("ll", total, threads);
}
static PyMethodDef methods[] = {{"sum", sum, METH_O, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "many", "", -1, methods};
PyMODINIT_FUNC PyInit_many(void) { return PyModule_Create(&module); }
"""


def _build(folder: Path, configuration: str) -> list[Path]:
    members = {
        "PKG-INFO": "Metadata-Version: 2.1\nName: many\nVersion: 1\n",
        "pyproject.toml": _PROJECT,
        "setup.py": _SETUP,
        "many.c": _MODULE,
    }
    sdist = write_sdist(folder / "many-1.tar.gz", members)
    digest = hashlib.sha256(sdist.read_bytes()).hexdigest()
    (folder / "pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "tests"\n[[packages]]\nname = "many"\nversion = "1"\n'
        f'sdist = {{ path = "{sdist.name}", hashes = {{ sha256 = "{digest}" }} }}\n'
    )
    (folder / "crosswheel.toml").write_text(configuration)
    mirror = f"https://deb.debian.org/debian/={debian_mirror()[0].rstrip('/')}/"
    options = ("--target", "linux_arm64", "--python", "3.11", "--mirror", mirror, "-o", "dist")
    crosswheel("build", "pylock.toml", *options, cwd=folder)
    return sorted(repository_of(folder / "dist").glob("*.whl"))


def test_a_loop_runs_in_several_threads(tmp_path: Path, target_python: Callable[..., TargetPython]) -> None:
    (built,) = _build(tmp_path, '[packages.many]\nsysroot = ["libomp-dev"]\nlink = "shared"\n')
    with zipfile.ZipFile(built) as archive:
        assert [name for name in archive.namelist() if name.startswith("many.libs/libomp-")]
        archive.extractall(tmp_path / "site")
    code = "import many; print(many.sum(1000))"
    done = run_target_python(target_python("aarch64", "3.11"), code, tmp_path / "site")
    assert done.stdout.strip() == "(499500, 3)", done.stderr


def test_what_lacks_is_told_by_the_line_that_mends_it(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match=r'sysroot = \["libomp-dev"\]'):
        _build(tmp_path, "")
