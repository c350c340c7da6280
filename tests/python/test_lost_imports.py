"""What a wheel lacks because its build code does without a module that is not there: told with the line that brings it."""

from __future__ import annotations

import ast
import io
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from build_requests import asked_build
from crosswheel.act.building.build_code import parsed_code
from crosswheel.act.building.build_request import BuildRequest
from crosswheel.act.building.dropped_extensions import dropped_causes
from crosswheel.act.building.failed_builds import failure_of
from crosswheel.decide.failures.given_build import GivenBuild
from crosswheel.decide.failures.lost_imports import LostImport, cause_of_lost_import, lost_imports

TARGET = "cp312-linux_aarch64_glibc_2_28"
THERE = frozenset({"setuptools", "sys", "os", "distutils"})
_TRIED = "import setupinfo\ntry:\n    import pkg_resources\nexcept ImportError:\n    pass\n"


def parsed(files: dict[str, str]) -> dict[str, ast.Module]:
    return {path: tree for path, text in files.items() if (tree := parsed_code(text)) is not None}


def lost(code: str) -> list[str]:
    return [one.module for one in lost_imports(parsed({"setup.py": code}), THERE)]


@pytest.mark.parametrize(
    ("code", "modules"),
    [
        ("try:\n  import pkg_resources\nexcept ImportError:\n  pass\n", ["pkg_resources"]),
        ("try:\n  from Cython.Build import cythonize\nexcept:\n  cythonize = None\n", ["Cython.Build"]),
        ("def f():\n  try:\n    import numpy\n  except (KeyError, ImportError):\n    return []\n", ["numpy"]),
        ("try:\n  if x:\n    import numpy, os\nexcept Exception:\n  pass\n", ["numpy"]),
        # Not there and needed: the log says that.
        ("import numpy\n", []),
        ("try:\n  import numpy\nexcept KeyError:\n  pass\n", []),
        # There, or there is another in its place.
        (
            "try:\n  from setuptools import setup\nexcept ImportError:\n  from distutils.core import setup\n",
            [],
        ),
        ("try:\n  import ConfigParser\nexcept ImportError:\n  import os as ConfigParser\n", []),
        ("try:\n  from . import x\nexcept ImportError:\n  pass\n", []),
        ("print 'of Python 2'", []),
    ],
)
def test_modules_that_build_code_does_without_are_found(code: str, modules: list[str]) -> None:
    assert lost(code) == modules


def test_modules_of_the_sdist_that_setup_py_imports_are_read_and_no_others() -> None:
    tried = "try:\n    import {}\nexcept ImportError:\n    pass\n"
    files = {
        "setup.py": "import setupinfo\nfrom tools.gen import x\n",
        "setupinfo.py": "import sys\n" + tried.format("Cython.Distutils"),
        "tools/gen.py": tried.format("setupinfo") + tried.format("numpy"),
        "noxfile.py": tried.format("nox"),
    }
    assert lost_imports(parsed(files), THERE) == (
        LostImport(module="Cython.Distutils", place="setupinfo.py:3"),
        LostImport(module="numpy", place="tools/gen.py:6"),
    )


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("pkg_resources", 'build-constraints = ["setuptools<81"]'),
        ("Cython.Distutils", 'build-requires = ["cython"]  # if the project has the name of its module'),
        ("numpy", 'build-requires = ["numpy"]  # if the project has the name of its module'),
    ],
)
def test_what_brings_the_module_is_what_a_build_is_told_that_fails_for_it(module: str, line: str) -> None:
    given = GivenBuild(requirements={"setuptools": "82.0.1"})
    cause = cause_of_lost_import(LostImport(module=module, place="setup.py:1"), given, "demo", TARGET)
    assert cause is not None
    assert cause.configuration("demo", TARGET) == ("[tool.crosswheel.packages.demo]", line)


def request_of(folder: Path, *, wheel: list[str]) -> BuildRequest:
    sdist, required = folder / "demo-1.0.tar.gz", folder / "setuptools-82.0.1-py3-none-any.whl"
    with tarfile.open(sdist, "w:gz") as archive:
        for name, text in (
            ("setup.py", _TRIED),
            (
                "setupinfo.py",
                "import os\nos.getenv('DEMO_FAST')\ntry:\n    import demo.x\nexcept ImportError:\n    pass\n",
            ),
            ("src/demo/__init__.py", ""),
        ):
            info = tarfile.TarInfo(f"demo-1.0/{name}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    with zipfile.ZipFile(required, "w") as container:
        for name in wheel:
            container.writestr(name, "")
    return asked_build(sdist, TARGET, requirements=(required,))


def told(folder: Path, *codes: str, said: str = "", wheel: list[str] | None = None) -> tuple[str, ...]:
    log = folder / "x.log"
    log.write_text(said)
    request = request_of(folder, wheel=wheel or ["setuptools/__init__.py"])
    failed = failure_of(request, why="it does not fit", log=log, fix="another file")
    return dropped_causes(set(codes), request, failed)


_CAUSE = (
    "a likely cause: setup.py:3 tries to import 'pkg_resources', which no build requirement has, and does without: the build code is for an "
    "older release of a build requirement (pkg_resources): limit it by the package's `build-constraints`"
)
_LINES = (
    "what mends it, in pyproject.toml (in a crosswheel.toml without `tool.crosswheel.`; where the table is there, in that):",
    "    [tool.crosswheel.packages.demo]",
    '    build-constraints = ["setuptools<81"]',
)


def test_a_wheel_without_its_extensions_is_told_by_what_its_build_code_did_without(tmp_path: Path) -> None:
    cause, *rest = told(tmp_path, "oracle-module-missing")
    assert cause == _CAUSE
    assert tuple(rest[:-1]) == _LINES
    assert "DEMO_FAST" in rest[-1]


def test_extras_that_are_left_out_are_told_by_it_and_by_nothing_else(tmp_path: Path) -> None:
    assert told(tmp_path, "oracle-metadata-differs") == (_CAUSE, *_LINES)
    assert told(tmp_path, "symbol-too-new") == ()


@pytest.mark.parametrize(
    "place", ["pkg_resources/__init__.py", "x-1.data/purelib/pkg_resources/a.py", "pkg_resources.py"]
)
def test_a_module_that_a_build_requirement_has_is_no_cause(tmp_path: Path, place: str) -> None:
    assert told(tmp_path, "oracle-metadata-differs", wheel=[place]) == ()


def test_what_the_log_says_goes_before(tmp_path: Path) -> None:
    said = "x.c:1:10: fatal error: 'ev.h' file not found\n"
    (cause,) = told(tmp_path, "oracle-module-missing", said=said)
    assert "the C header 'ev.h'" in cause


def test_what_no_setting_mends_is_no_cause() -> None:
    other = replace(GivenBuild(), own=True)
    assert cause_of_lost_import(LostImport(module="a b", place="setup.py:1"), other, "demo", TARGET) is None
