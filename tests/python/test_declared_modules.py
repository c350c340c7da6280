"""Which extension modules build code names, and on what condition; in the ways that real setup.py files have."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from crosswheel.act.building.build_code import build_code
from crosswheel.act.building.declared_modules import declared_modules
from crosswheel.act.check.facts import DeclaredModule

CALL = 'Extension("demo._x", ["src/x.c", "src/y.c"])'


def of(code: str) -> tuple[DeclaredModule, ...]:
    return declared_modules({"setup.py": code})


@pytest.mark.parametrize(
    ("code", "name", "sources"),
    [
        (f"setup(ext_modules=[{CALL}])", "demo._x", ("src/x.c", "src/y.c")),
        ("setuptools.Extension(name='x', sources=('x.pyx',))", "x", ("x.pyx",)),
        ("Pybind11Extension(NAME, sorted(glob('*.cpp')))", "", ()),
        ("RustExtension('demo._rust', binding=Binding.PyO3)", "demo._rust", ()),
        ("cythonize('demo/*.pyx')", "", ("demo/*.pyx",)),
        ("ffi.set_source('demo._ffi', '#include <x.h>', sources=['f.c'])", "demo._ffi", ("f.c",)),
    ],
)
def test_a_call_that_makes_a_module_is_read(code: str, name: str, sources: tuple[str, ...]) -> None:
    assert of(code) == (DeclaredModule(name=name, place="setup.py:1", sources=sources),)


@pytest.mark.parametrize(
    "code",
    [
        "from setuptools import Extension",
        "class BuildExtension(build_ext): pass",
        "isinstance(x, Extension)",
        "ffi.set_source('demo._ffi', None)",  # ABI mode: no C
        "cythonize([*modules])",
        "mypycify(['demo.py'])",  # C of Python code, which runs without
    ],
)
def test_what_makes_no_module_or_none_from_c_is_not(code: str) -> None:
    assert of(code) == ()


@pytest.mark.parametrize(
    "code",
    [
        f"if sys.platform == 'linux2':\n    m = [{CALL}]",
        f"if os.name != 'nt':\n    pass\nelse:\n    m = [{CALL}]",
        f"m = [{CALL}] if 'DEMO_C' in os.environ else []",
        f"USE_C = os.getenv('DEMO_C')\nif USE_C:\n    m = [{CALL}]",
        f"x = {CALL}\nif platform.machine() == 'x86_64':\n    m.append(x)",
        f"def modules():\n    if WINDOWS:\n        return []\n    return [{CALL}]",
    ],
)
def test_a_condition_on_the_platform_or_a_variable_is_the_authors(code: str) -> None:
    assert [module.conditional for module in of(code)] == [True]


@pytest.mark.parametrize(
    "code",
    [
        f"m = [{CALL}]",
        f"try:\n    import numpy\n    m = [{CALL}]\nexcept ImportError:\n    m = []",
        f"if os.path.exists('/usr/include/x.h'):\n    m = [{CALL}]",
        f"if not hasattr(sys, 'pypy_version_info'):\n    m = [{CALL}]",
        f"if platform.python_implementation() == 'CPython':\n    m = [{CALL}]",
        f"x = {CALL}\nif sys.platform == 'darwin':\n    x.extra_link_args.append('-w')\nsetup(ext_modules=[x])",
    ],
)
def test_an_import_a_header_or_the_implementation_is_no_such_condition(code: str) -> None:
    assert [module.conditional for module in of(code)] == [False]


@pytest.mark.parametrize("code", [f"print 'old'\nm = [{CALL}]", f"\n{'(' * 5000}\next_modules = []"])
def test_code_that_cannot_be_read_names_a_module_nobody_knows(code: str) -> None:
    (module,) = of(code)
    assert (module.name, module.conditional) == ("", True)


def test_tables_of_pyproject_name_modules() -> None:
    text = (
        "[tool.setuptools]\next-modules = [{name = 'demo._x', sources = ['x.c']}]\n"
        "[[tool.setuptools-rust.ext-modules]]\ntarget = 'demo._r'\n"
    )
    assert declared_modules({"pyproject.toml": text}) == (
        DeclaredModule(name="demo._x", place="pyproject.toml", sources=("x.c",)),
        DeclaredModule(name="demo._r", place="pyproject.toml"),
    )
    assert declared_modules({"pyproject.toml": "[tool]\nsetuptools = 3\n"}) == ()


def test_build_code_is_at_the_root_in_an_in_tree_backend_or_named_by_it(tmp_path: Path) -> None:
    files = {
        "demo-1/setup.py": "setup(cffi_modules=['src/demo/make_ffi.py:ffi'])",
        "demo-1/pyproject.toml": "[project]",
        "demo-1/_backend/hooks.py": "pass",
        "demo-1/src/demo/make_ffi.py": "ffi = FFI()",
        "demo-1/src/demo/other.py": "Extension('x', [])",
        "demo-1/src/pyproject.toml": "",
    }
    with tarfile.open(tmp_path / "demo-1.tar.gz", "w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    assert sorted(build_code(tmp_path / "demo-1.tar.gz")) == [
        "_backend/hooks.py",
        "pyproject.toml",
        "setup.py",
        "src/demo/make_ffi.py",
    ]
