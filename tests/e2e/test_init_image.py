"""From a workspace of uv's to its arm64 image by what ``init`` says to type, nothing added."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from e2e.crosswheel_command import crosswheel, run
from e2e.image_service import unpack_image

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_ROOT = """
[project]
name = "shop"
version = "1"
requires-python = ">=3.11"
dependencies = ["idna", "part"]
scripts = { shop = "shop:main" }
[build-system]
requires = ["setuptools>=80"]
build-backend = "setuptools.build_meta"
[tool.setuptools]
packages = ["shop"]
[tool.uv.workspace]
members = ["packages/*"]
[tool.uv.sources]
part = { workspace = true }
"""
_PART = """
[project]
name = "part"
version = "2"
requires-python = ">=3.11"
[build-system]
requires = ["setuptools>=80"]
build-backend = "setuptools.build_meta"
[tool.setuptools]
packages = ["part"]
ext-modules = [{ name = "part._fast", sources = ["fast.c"] }]
"""
_MODULE = """
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_fast", 0, -1, 0};
PyMODINIT_FUNC PyInit__fast(void) { return PyModule_Create(&module); }
"""


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_a_workspace_becomes_an_image_by_what_init_says(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    _write(
        folder,
        {
            "pyproject.toml": _ROOT,
            "shop/__init__.py": "import part\n\n\ndef main():\n    print(part)\n",
            "packages/part/pyproject.toml": _PART,
            "packages/part/fast.c": _MODULE,
            "packages/part/part/__init__.py": "from part import _fast\n",
            "compose.yaml": "services:\n  shop:\n    build: .\n    platform: linux/arm64\n",
        },
    )
    run([str(Path(sys.executable).with_name("uv")), "lock", "--quiet"], cwd=folder)
    told = json.loads(crosswheel("init", "--python", "3.11", "--json", cwd=folder))
    assert (told["targets"], told["projects"]) == (["linux_arm64"], ["packages/part", "."])
    for command in told["next"]:
        program, *words = shlex.split(command)
        assert program == "crosswheel"
        crosswheel(*words, cwd=folder)
    crosswheel("image", "verify", "image/", cwd=folder)
    crosswheel("plan", "uv.lock", "--check", cwd=folder)
    root = unpack_image(folder / "image", tmp_path / "bundle") / "rootfs"
    installed = root / "opt/venv/lib/python3.11/site-packages"
    assert (installed / "shop/__init__.py").is_file()
    assert list((installed / "part").glob("_fast.*aarch64*.so"))
    assert (root / "opt/venv/bin/shop").is_file()
