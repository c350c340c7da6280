"""Libraries that Bazel makes, linked into a wheel (`native_deps`): a folder as the command line takes it, and a `cc_library`."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crosswheel.api import read_plan
from e2e.bazel_workspace import Workspace, changed, have_downloaded, on
from e2e.crosswheel_command import crosswheel

pytestmark = pytest.mark.e2e

_AMD = on("linux_amd64")
_PYPROJECT = """\
[project]
name = "linked"
version = "1.0"
[build-system]
requires = ["setuptools>=80"]
build-backend = "setuptools.build_meta"
[tool.setuptools]
py-modules = []
ext-modules = [{ name = "linked", sources = ["linked.c"], libraries = ["sum"] }]
"""
_MODULE = """\
#include <Python.h>
#include <sum/sum.h>
static PyObject *added(PyObject *self, PyObject *unused) { return PyLong_FromLong(sum(40, 2)); }
static PyMethodDef methods[] = {{"added", added, METH_NOARGS, NULL}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "linked", 0, -1, methods};
PyMODINIT_FUNC PyInit_linked(void) { return PyModule_Create(&module); }
"""
_HEADER = "int sum(int one, int other);\n"
_SOURCE = "#include <sum/sum.h>\nint sum(int one, int other) { return one + other; }\n"
_FOLDER = """\
filegroup(
    name = "sum",
    srcs = glob(["include/**", "lib/**"]),
    visibility = ["//visibility:public"],
)
"""
_LIBRARY = """\
cc_library(
    name = "sum",
    srcs = ["sum.c"],
    hdrs = ["include/sum/sum.h"],
    includes = ["include"],
    visibility = ["//visibility:public"],
)
"""
#: In place of what the workspace says of its own plan and of a package of it. The hub is the same one: zig's runtime
#: libraries, which take a minute, are made for a hub, and were made for this one.
_INSTEAD = {
    'plan = "//:wheels.plan.json"': 'plan = "//:linked.plan.json"',
    'lock = "//:pylock.toml",': "",
    'plan_update = "//:plan_update",': "",
    'name = "argon2-cffi-bindings"': 'name = "linked"',
    "processors = 2": 'native_deps = ["{label}"]',
}


@pytest.fixture(scope="module")
def linking(built: Workspace) -> Iterator[Workspace]:
    """The workspace with a project that links a library, planned without one."""
    folder = built.folder / "linking"
    files = {
        "project/pyproject.toml": _PYPROJECT,
        "project/linked.c": _MODULE,
        "folder/sum/include/sum/sum.h": _HEADER,
        "folder/sum/BUILD.bazel": _FOLDER,
        "library/include/sum/sum.h": _HEADER,
        "library/sum.c": _SOURCE,
        "library/BUILD.bazel": _LIBRARY,
        "pylock.toml": 'lock-version = "1.0"\ncreated-by = "tests"\npackages = []\n',
        "with_folder.toml": '[packages.linked]\nsysroot = "folder/sum"\n',
        "without.toml": "",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "folder/sum/lib").mkdir()
    compiled = folder / "sum.o"
    include = f"-I{folder / 'library/include'}"
    subprocess.run(
        ["cc", "-O2", "-fPIC", include, "-c", folder / "library/sum.c", "-o", compiled], check=True
    )
    subprocess.run(["ar", "rcsD", folder / "folder/sum/lib/libsum.a", compiled], check=True)
    _plan(built.folder, "without.toml", "linked.plan.json")
    have_downloaded(read_plan(built.folder / "linked.plan.json").artifacts.values(), built.folder)
    yield built
    shutil.rmtree(folder)


def _plan(folder: Path, configuration: str, name: str) -> None:
    words = ["plan", "linking/pylock.toml", "--project", "linking/project", "--python", "3.11"]
    words += ["--target", "linux_amd64", "--headers", "linux_amd64=headers.linux_amd64.tar"]
    crosswheel(*words, "--config", f"linking/{configuration}", "-o", name, cwd=folder)


def _built(workspace: Workspace, label: str) -> Path:
    def instead(text: str) -> str:
        for before, after in _INSTEAD.items():
            assert text.count(before) == 1
            text = text.replace(before, after.replace("{label}", label))
        return text

    with changed(workspace.folder / "MODULE.bazel", instead):
        workspace.bazel("build", "@pypi//linked:whl", "@pypi//linked", *_AMD)
        (wheel,) = workspace.output("@pypi//linked:whl", *_AMD).glob("*.whl")
    return wheel


def test_a_folder_gives_the_wheel_that_the_command_line_makes_of_it(
    linking: Workspace, tmp_path: Path
) -> None:
    _plan(linking.folder, "with_folder.toml", "with_folder.plan.json")
    crosswheel("build", "with_folder.plan.json", "-o", tmp_path / "dist", cwd=linking.folder)
    (expected,) = tmp_path.glob("dist/*/*.whl")
    wheel = _built(linking, "//linking/folder/sum:sum")
    assert (wheel.name, hashlib.sha256(wheel.read_bytes()).hexdigest()) == (
        expected.name,
        hashlib.sha256(expected.read_bytes()).hexdigest(),
    )


def test_a_library_of_cxx_rules_is_linked(linking: Workspace, tmp_path: Path) -> None:
    wheel = _built(linking, "//linking/library:sum")
    assert "manylinux" in wheel.name
    shutil.unpack_archive(wheel, tmp_path / "site", "zip")
    assert [path.name for path in (tmp_path / "site").rglob("*.cdx.json")] == [
        "crosswheel-libraries.cdx.json"
    ]
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); import linked; print(linked.added())"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("42\n", "")
