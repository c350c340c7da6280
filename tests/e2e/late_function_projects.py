"""Small projects about functions that macOS got late: clock_gettime with 10.12, strchrnul with 15.4, pipe2 with 27.0."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["LATE_FUNCTIONS"]

_C_MODULE = """
#include <Python.h>
DECLARATION
static PyObject *value(PyObject *self, PyObject *ignored) { return Py_BuildValue(VALUE); }
static PyMethodDef methods[] = { {"value", value, METH_NOARGS, ""}, {NULL, NULL, 0, NULL} };
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "NAME", "", -1, methods};
PyMODINIT_FUNC PyInit_NAME(void) { return PyModule_Create(&module); }
"""

_ASK = """
cmake_minimum_required(VERSION 3.15...4.2)
project(asking_for_late LANGUAGES C)
find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
include(CheckFunctionExists)
include(CheckSymbolExists)
set(FOUND "found")
foreach(name pipe clock_gettime strchrnul pipe2)
  check_function_exists(${name} HAS_${name})
  if(HAS_${name})
    string(APPEND FOUND " ${name}")
  endif()
endforeach()
check_symbol_exists(clock_gettime time.h DECLARES_clock_gettime)
check_symbol_exists(pipe2 unistd.h DECLARES_pipe2)
if(DECLARES_pipe2 OR NOT DECLARES_clock_gettime)
  string(APPEND FOUND " wrong")
endif()
Python_add_library(asking_for_late MODULE WITH_SOABI asking_for_late.c)
target_compile_definitions(asking_for_late PRIVATE FOUND="${FOUND}")
install(TARGETS asking_for_late DESTINATION .)
"""


def _c_module(name: str, value: str, declaration: str) -> str:
    text = _C_MODULE.replace("NAME", name).replace("VALUE", value)
    return text.replace("DECLARATION", declaration)


def _calling(name: str, value: str, declaration: str) -> Mapping[str, str]:
    """Return a project whose module calls a function that it did not look for."""
    extension = f"Extension('{name}', ['{name}.c'])"
    return {
        "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
        "setup.py": f"from setuptools import Extension, setup\nsetup(name='{name}', version='1', ext_modules=[{extension}])\n",
        f"{name}.c": _c_module(name, value, declaration),
    }


#: Members of each project's sdist, by its name; its module is named alike.
LATE_FUNCTIONS: Mapping[str, Mapping[str, str]] = {
    "asking_for_late": {
        "pyproject.toml": (
            '[build-system]\nrequires = ["scikit_build_core", "cmake>=4.2"]\n'
            'build-backend = "scikit_build_core.build"\n[project]\nname = "asking_for_late"\nversion = "1"\n'
        ),
        "CMakeLists.txt": _ASK,
        "asking_for_late.c": _c_module("asking_for_late", '"s", FOUND', ""),
    },
    "calling_late": _calling("calling_late", '"s", strchrnul("a.b", 46)', "#include <string.h>"),
    "calling_late_by_another_name": _calling(
        "calling_late_by_another_name",
        '"s", later("a.b", 46)',
        'char *later(const char *, int) __asm("_strchrnul");',
    ),
    "calling_late_when_there": _calling(
        "calling_late_when_there",
        '"s", later()',
        "#include <string.h>\nstatic char *later(void) {\n"
        '  if (__builtin_available(macOS 15.4, *)) return strchrnul("a.b", 46);\n  return "";\n}',
    ),
}
