"""A cross environment as people use it: pip, build and uv make and install for the target; qemu runs what came of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from e2e.target_pythons import TargetPython

pytestmark = pytest.mark.e2e

_BIN = Path(sys.executable).parent
_PROJECT = {
    "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
    '[project]\nname = "tinycross"\nversion = "1.0"\n',
    "setup.py": "from setuptools import Extension, setup\n"
    'setup(ext_modules=[Extension("tinycross", ["tinycross.c"])])\n',
    "tinycross.c": "#include <Python.h>\n"
    "static PyObject *answer(PyObject *s, PyObject *a) { return PyLong_FromLong(42); }\n"
    'static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {0}};\n'
    'static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "tinycross", "", -1, methods};\n'
    "PyMODINIT_FUNC PyInit_tinycross(void) { return PyModule_Create(&module); }\n",
}


def _run(command: Sequence[str | Path], *, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_wheels_are_built_and_chosen_for_the_target(
    tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    crosswheel, environment = _BIN / "crosswheel", tmp_path / "arm64"
    _run([crosswheel, "venv", "-q", "--target", "linux_arm64", "--python", "3.11", environment], cwd=tmp_path)
    python, pip = environment / "bin/python", environment / "bin/pip"
    asks = "import platform, sysconfig; print(platform.machine(), sysconfig.get_platform())"
    assert _run([python, "-c", asks], cwd=tmp_path) == "aarch64 linux-aarch64\n"

    project = tmp_path / "project"
    project.mkdir()
    for name, text in _PROJECT.items():
        (project / name).write_text(text)
    _run([pip, "install", "-q", "build", "markupsafe", "--only-binary", ":all:"], cwd=tmp_path)
    asks = "from packaging.tags import sys_tags; print(*sys_tags())"
    tags = _run([python, "-c", asks], cwd=tmp_path).split()
    assert "cp311-cp311-manylinux_2_28_aarch64" in tags
    assert "cp311-cp311-manylinux_2_29_aarch64" not in tags
    assert "x86_64" not in "".join(tags)
    _run([python, "-m", "build", "--wheel", "-o", tmp_path / "wheels", project], cwd=tmp_path)
    (wheel,) = (tmp_path / "wheels").iterdir()
    assert wheel.name == "tinycross-1.0-cp311-cp311-linux_aarch64.whl"

    _run([pip, "install", "-q", "--no-cache-dir", project], cwd=tmp_path)
    modules = environment / "lib/python3.11/site-packages"
    suffix = ".cpython-311-aarch64-linux-gnu.so"
    assert (modules / f"tinycross{suffix}").is_file()
    assert (modules / f"markupsafe/_speedups{suffix}").is_file()

    (modules / f"tinycross{suffix}").unlink()
    uv = f". {environment}/bin/activate && PATH=$PATH:{_BIN} uv pip install -q --no-cache --reinstall {project}"
    _run(["sh", "-c", uv], cwd=tmp_path)
    uses = "import markupsafe._speedups, platform, tinycross; print(tinycross.answer(), platform.machine())"
    run: list[str | Path] = [
        crosswheel,
        "run",
        environment,
        "--target-python",
        target_python("aarch64").root,
        "--",
        "-c",
        uses,
    ]
    assert _run(run, cwd=tmp_path) == "42 aarch64\n"
