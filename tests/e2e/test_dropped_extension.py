"""Builds that lose an extension in silence: seen by the launchers and in the build code, with the real compiler."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from e2e.crosswheel_command import CommandFailedError, crosswheel
from e2e.sandbox_builds import write_sdist

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_PROJECT = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
_MODULE = """
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "NAME", 0, -1, 0};
PyMODINIT_FUNC PyInit_NAME(void) { return PyModule_Create(&module); }
"""
#: Says nothing of the failure, and throws the compiler's words away.
_SETUP = """
import os
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

class Hiding(build_ext):
    def build_extension(self, extension):
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        try:
            super().build_extension(extension)
        except BaseException:
            pass
        finally:
            os.dup2(kept, 2)

extensions = [Extension("good", ["good.c"]), Extension("lost", ["lost.c"], libraries=["nowhere"])]
setup(name="hiding", version="1", ext_modules=extensions, cmdclass={"build_ext": Hiding})
"""


def _build(folder: Path, lost: str, setup: str = _SETUP) -> str:
    sdist = write_sdist(
        folder / "hiding-1.tar.gz",
        {
            "PKG-INFO": "Metadata-Version: 2.1\nName: hiding\nVersion: 1\n",
            "pyproject.toml": _PROJECT,
            "setup.py": setup,
            "good.c": _MODULE.replace("NAME", "good"),
            "lost.c": lost,
        },
    )
    digest = hashlib.sha256(sdist.read_bytes()).hexdigest()
    (folder / "pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "tests"\n[[packages]]\nname = "hiding"\nversion = "1"\n'
        f'sdist = {{ path = "{sdist.name}", hashes = {{ sha256 = "{digest}" }} }}\n'
    )
    return _build_again(folder)


def _build_again(folder: Path) -> str:
    return crosswheel(
        "build", "pylock.toml", "--target", "linux_arm64", "--python", "3.11", "--json", cwd=folder
    )


@pytest.mark.parametrize(
    ("lost", "file"),
    [
        ("#error no\n", r"lost\.c was not compiled"),
        # Compiles, and does not link: there is no such library.
        (_MODULE.replace("NAME", "lost"), r"lost\S*\.so was compiled and not linked"),
    ],
    ids=["compiling", "linking"],
)
def test_an_extension_that_is_dropped_in_silence_is_missed(lost: str, file: str, tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match=rf"{file}, and the build went on without it"):
        _build(tmp_path, lost)


_LEAVING_OUT = """
import os, sys
from setuptools import Extension, setup

extensions = []
{}
setup(name="hiding", version="1", py_modules=["hiding"], ext_modules=extensions)
"""
_LOST = 'extensions.append(Extension("lost", ["lost.c"]))'
_IMPORT = f"try:\n    import numpy\n    {_LOST}\nexcept ImportError:\n    pass"
_HEADER = f"if os.path.exists('/usr/include/lost.h'):\n    {_LOST}"
_PLATFORM = f"if sys.platform == 'linux2':\n    {_LOST}"
_GOOD = 'extensions.append(Extension("good", ["good.c"]))\n'


@pytest.mark.parametrize("code", [_IMPORT, _HEADER], ids=["import", "header"])
def test_an_extension_that_no_compiler_ever_saw_is_missed(code: str, tmp_path: Path) -> None:
    told = r"the build never compiled hiding-1/good\.c and 1 more, and the wheel holds nothing compiled, though setup\.py:"
    with pytest.raises(CommandFailedError, match=told):
        _build(tmp_path, "", _LEAVING_OUT.format(code))


def test_an_extension_that_no_compiler_ever_saw_is_missed_beside_another(tmp_path: Path) -> None:
    with pytest.raises(
        CommandFailedError, match=r"the build never compiled lost\.c, and the wheel lacks that module"
    ):
        _build(tmp_path, "", _LEAVING_OUT.format(_GOOD + _HEADER))


def test_an_extension_for_another_platform_is_told_and_can_be_accepted(tmp_path: Path) -> None:
    assert "on a condition" in _build(tmp_path, "", _LEAVING_OUT.format(_PLATFORM))
    (tmp_path / "crosswheel.toml").write_text('[packages.hiding]\naccept = ["sources-not-compiled"]\n')
    assert '"warnings": []' in _build(tmp_path, "", _LEAVING_OUT.format(_PLATFORM))


def test_what_the_check_found_is_accepted_without_another_build(tmp_path: Path) -> None:
    stamped = 'open("stamp.py", "w").write(f"drawn = {os.urandom(8)!r}")\n' + _PLATFORM
    setup = _LEAVING_OUT.format(stamped).replace('["hiding"]', '["hiding", "stamp"]')
    told = json.loads(_build(tmp_path, "", setup))["repositories"][0]["wheels"][0]
    (tmp_path / "crosswheel.toml").write_text('[packages.hiding]\naccept = ["sources-not-compiled"]\n')
    accepted = json.loads(_build_again(tmp_path))["repositories"][0]["wheels"][0]
    assert told["warnings"]
    assert accepted == {**told, "warnings": []}
