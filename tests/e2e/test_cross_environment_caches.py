"""Wheels that pip and uv built in a cross environment are for it alone: a file name does not tell two C libraries apart."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from e2e.crosswheel_command import shared_store

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_BIN = Path(sys.executable).parent
_SDIST = {
    "PKG-INFO": "Metadata-Version: 2.1\nName: tinycross\nVersion: 1.0\n",
    "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
    '[project]\nname = "tinycross"\nversion = "1.0"\n',
    "setup.py": "from setuptools import Extension, setup\n"
    'setup(ext_modules=[Extension("tinycross", ["tinycross.c"])])\n',
    "tinycross.c": "#include <Python.h>\n"
    'static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "tinycross", "", -1, 0};\n'
    "PyMODINIT_FUNC PyInit_tinycross(void) { return PyModule_Create(&module); }\n",
}


def _run(command: Sequence[str | Path], folder: Path) -> None:
    """Run a command of somebody whose caches are `folder`/pip and `folder`/uv."""
    caches = {"PIP_CACHE_DIR": str(folder / "pip"), "UV_CACHE_DIR": str(folder / "uv")}
    caches["CROSSWHEEL_CACHE_DIR"] = str(shared_store())
    environment = {**os.environ, **caches, "PATH": f"{os.environ['PATH']}:{_BIN}"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


@pytest.fixture
def sdist(tmp_path: Path) -> Path:
    source = tmp_path / "tinycross-1.0"
    source.mkdir()
    for name, text in _SDIST.items():
        (source / name).write_text(text)
    archive = tmp_path / "tinycross-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(source, source.name)
    return archive


def test_an_environment_takes_no_wheel_that_another_one_built(tmp_path: Path, sdist: Path) -> None:
    requirement = f"tinycross @ {sdist.as_uri()}"
    for target, libc in (("musllinux_1_2_aarch64", "musl"), ("manylinux_2_28_aarch64", "gnu")):
        environment = tmp_path / libc
        venv = ("venv", "-q", "--target", target, "--python", "3.11", environment)
        _run([_BIN / "crosswheel", *venv], tmp_path)
        module = environment / f"lib/python3.11/site-packages/tinycross.cpython-311-aarch64-linux-{libc}.so"
        _run([environment / "bin/pip", "install", "-q", requirement], tmp_path)
        assert module.is_file()
        assert list((environment / "crosswheel/wheels/pip").rglob("tinycross-*.whl"))
        module.unlink()
        uv = f". {environment}/bin/activate && uv pip install -q --reinstall '{requirement}'"
        _run(["sh", "-c", uv], tmp_path)
        assert module.is_file()
        assert list((environment / "crosswheel/wheels/uv").rglob("tinycross-*.whl"))
    assert not [path for name in ("pip", "uv") for path in (tmp_path / name).rglob("tinycross-*")]
