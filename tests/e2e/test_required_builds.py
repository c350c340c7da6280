"""Builds that need builds, by the real command: an index of sdists only, two levels of build requirements, one with headers.

`uses` compiles against the header of `sizes`, which differs between targets; `sizes` is made with `marks`. None of them
has a wheel, so `marks` is built for this machine, `sizes` for this machine and for the target.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.crosswheel_command import CommandFailedError, crosswheel, repository_of
from e2e.own_index import publish, serving
from e2e.target_pythons import TargetPython, run_target_python

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_TARGET = "cp311-linux_armv7l_glibc_2_28"
_HERE = "cp311-linux_x86_64_glibc_2_28"

_MODULE = """
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include "sizes.h"
_Static_assert(SIZES_LONG == sizeof(long), "these are another machine's headers");
static PyObject *width(PyObject *self, PyObject *ignored) { return PyLong_FromLong(8 * SIZES_LONG); }
static PyMethodDef methods[] = {{"width", width, METH_NOARGS, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "NAME", "", -1, methods};
PyMODINIT_FUNC PyInit_NAME(void) { return PyModule_Create(&module); }
"""

_MARKS = "from setuptools import setup\nsetup(name='marks', version='1.0', py_modules=['marks'])\n"

#: Writes its header as numpy does: from what the Python that is built for says.
_SIZES = r"""
import marks, os, re, sysconfig
from setuptools import Extension, setup

with open(sysconfig.get_config_h_filename()) as file:
    (size,) = re.findall(r"#define SIZEOF_LONG (\d+)", file.read())
os.makedirs("sizes/include", exist_ok=True)
with open("sizes/include/sizes.h", "w") as file:
    file.write(f"/* {marks.NAME} */\n#define SIZES_LONG {size}\n")
setup(
    name="sizes", version="1.0", packages=["sizes"], package_data={"sizes": ["include/*.h"]},
    ext_modules=[Extension("sizes._core", ["sizes/_core.c"], include_dirs=["sizes/include"])],
)
"""

#: Imports the extension module of its build requirement, which must therefore be this machine's.
_USES = """
import os, sizes
from setuptools import Extension, setup

assert sizes.width() == 64
include = os.path.join(os.path.dirname(sizes.__file__), "include")
setup(name="uses", version="1.0", ext_modules=[Extension("uses", ["uses.c"], include_dirs=[include])])
"""


def _requiring(*names: str) -> str:
    quoted = ", ".join(f'"{name}"' for name in ("setuptools", *names))
    return f'[build-system]\nrequires = [{quoted}]\nbuild-backend = "setuptools.build_meta"\n'


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project that locks `uses`, with an index that has it and what it needs."""
    with serving(tmp_path / "index") as address:
        publish(tmp_path / "index", "marks", {"setup.py": _MARKS, "marks.py": "NAME = 'marked'\n"})
        publish(
            tmp_path / "index",
            "sizes",
            {
                "pyproject.toml": _requiring("marks"),
                "setup.py": _SIZES,
                "sizes/__init__.py": "from sizes._core import width\n",
                "sizes/_core.c": _MODULE.replace("NAME", "_core"),
            },
        )
        files = {
            "pyproject.toml": _requiring("sizes"),
            "setup.py": _USES,
            "uses.c": _MODULE.replace("NAME", "uses"),
        }
        uses = publish(tmp_path / "index", "uses", files)
        folder = tmp_path / "project"
        folder.mkdir()
        digest = hashlib.sha256(uses.read_bytes()).hexdigest()
        (folder / "requirements.txt").write_text(f"uses==1.0 --hash=sha256:{digest}\n")
        (folder / "uv.toml").write_text(f'[[index]]\nname = "own"\nurl = "{address}/simple"\n')
        yield folder


def test_sdists_all_the_way_down_are_built_and_the_headers_are_the_targets(
    project: Path, target_python: Callable[..., TargetPython]
) -> None:
    target = ("--target", "linux_arm_v7", "--python", "3.11")
    crosswheel("plan", "requirements.txt", *target, "-q", cwd=project)
    builds = json.loads((project / "wheels.plan.json").read_text())["builds"]
    assert sorted(builds) == [
        f"marks-1.0-{_HERE}",
        f"sizes-1.0-{_TARGET}",
        f"sizes-1.0-{_HERE}",
        f"uses-1.0-{_TARGET}",
    ]
    uses = builds[f"uses-1.0-{_TARGET}"]
    assert uses["overlays"] == [{"project": "sizes", "build": f"sizes-1.0-{_TARGET}"}]
    assert uses["environments"][_HERE]["builds"] == [f"sizes-1.0-{_HERE}"]
    assert builds[f"sizes-1.0-{_TARGET}"]["environments"][_HERE]["builds"] == [f"marks-1.0-{_HERE}"]
    crosswheel("plan", "requirements.txt", *target, "--check", "-q", cwd=project)

    crosswheel("build", "wheels.plan.json", "-o", "dist", "-q", cwd=project)
    (wheel,) = repository_of(project / "dist").glob("*.whl")  # and no build requirement
    zipfile.ZipFile(wheel).extractall(project / "site")
    done = run_target_python(target_python("armv7l"), "import uses; print(uses.width())", project / "site")
    assert (done.stdout, done.stderr) == ("32\n", "")


def test_the_build_machines_headers_are_caught_by_the_compiler_if_they_are_wrong(project: Path) -> None:
    (project / "crosswheel.toml").write_text('[packages.uses]\naccept = ["build-machine-headers"]\n')
    target = ("--target", "linux_arm_v7", "--python", "3.11")
    with pytest.raises(CommandFailedError, match="these are another machine's headers"):
        crosswheel("build", "requirements.txt", *target, "-o", "dist", "-q", cwd=project)
