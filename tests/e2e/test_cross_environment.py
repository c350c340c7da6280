"""A cross environment as people use it: pip, build and uv make and install for the target; qemu runs what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from e2e.crosswheel_command import shared_store
from e2e.debian_rust import rust_archive
from e2e.target_pythons import TargetPython, debian_mirror

pytestmark = [pytest.mark.e2e, pytest.mark.network]

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


_LIBYAML = """
import yaml
assert yaml.load("a: [1, 2.5]", Loader=yaml.CSafeLoader) == {"a": [1, 2.5]}
"""
_BCRYPT = """
import bcrypt
assert bcrypt.checkpw(b"secret", bcrypt.hashpw(b"secret", bcrypt.gensalt(4)))
"""
_CRYPTOGRAPHY = """
from cryptography.fernet import Fernet
from cryptography.hazmat.backends.openssl import backend
key = Fernet(Fernet.generate_key())
assert key.decrypt(key.encrypt(b"secret")) == b"secret"
assert backend.openssl_version_text().startswith("OpenSSL 3.")
"""
_NUMPY = """
import numpy
values = numpy.arange(12.0).reshape(3, 4)
assert (values @ values.T)[2, 2] == 366
assert abs(numpy.linalg.det(numpy.array([[2.0, 1.0], [1.0, 3.0]])) - 5) < 1e-12
assert numpy.fft.fft([1.0, 0.0]).tolist() == [1, 1]
"""


def _run(command: Sequence[str | Path], *, cwd: Path, variables: Mapping[str, str] | None = None) -> str:
    environment = {**os.environ, "CROSSWHEEL_CACHE_DIR": str(shared_store()), **(variables or {})}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=3600
    )
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


def _install_from_sdists(
    folder: Path, names: Sequence[str], *, options: Sequence[str], variables: Mapping[str, str] | None = None
) -> None:
    """Make a cross environment for arm64 in `folder`, with Debian's Rust and `options`, and have pip build `names` in it."""
    rust = json.dumps(str(rust_archive("aarch64")))
    (folder / "crosswheel.toml").write_text(f"rust = {rust}\n")
    mirror = f"https://deb.debian.org/debian/={debian_mirror()[0].rstrip('/')}/"
    target = ("--target", "linux_arm64", "--python", "3.11", "--mirror", mirror)
    _run([_BIN / "crosswheel", "venv", "-q", *target, *options, folder / "arm64"], cwd=folder)
    pip: list[str | Path] = [folder / "arm64/bin/pip", "install", "-q", "--no-cache-dir"]
    _run([*pip, "--no-binary", ",".join(names), *names], cwd=folder, variables=variables)


def _use(folder: Path, code: str, python: TargetPython) -> None:
    """Run `code` by the target's Python with the packages of the environment that `_install_from_sdists` made."""
    run: list[str | Path] = [_BIN / "crosswheel", "run", folder / "arm64", "--target-python", python.root]
    said = _run(
        [*run, "--", "-c", f"import platform\n{code}\nprint('works on', platform.machine())"], cwd=folder
    )
    assert said == "works on aarch64\n"


def test_rust_and_libraries_of_the_target_are_there(
    tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    options = ("--rust", "--sysroot", "libyaml-dev")
    _install_from_sdists(
        tmp_path, ("bcrypt", "pyyaml"), options=options, variables={"PYYAML_FORCE_LIBYAML": "1"}
    )
    _use(tmp_path, _BCRYPT + _LIBYAML, target_python("aarch64"))


@pytest.mark.long
def test_crossenvs_own_session(tmp_path: Path, target_python: Callable[..., TargetPython]) -> None:
    """numpy, bcrypt and cryptography: https://github.com/robotpy/crossenv#usage."""
    names = ("numpy", "bcrypt", "cryptography")
    _install_from_sdists(tmp_path, names, options=("--rust", "--sysroot", "libssl-dev"))
    _use(tmp_path, _BCRYPT + _CRYPTOGRAPHY + _NUMPY, target_python("aarch64"))
