"""Small projects of the build systems beside setuptools, written as sdists, and a lock that names them by path."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from e2e.late_function_projects import LATE_FUNCTIONS
from e2e.sandbox_builds import write_sdist

__all__ = ["PROJECTS", "parts_archive", "write_lock"]

_SCIKIT = """
[build-system]
requires = [{requires}]
build-backend = "scikit_build_core.build"
[project]
name = "{name}"
version = "1"
[tool.scikit-build]
{settings}
"""

#: A module in plain C that tells what it was compiled for.
_C_MODULE = """
#define PY_SSIZE_T_CLEAN
#include <Python.h>
static PyObject *pointer(PyObject *self, PyObject *ignored) { return PyLong_FromLong(8 * (long)sizeof(void *)); }
static PyObject *order(PyObject *self, PyObject *ignored) {
  const unsigned one = 1;
  return PyUnicode_FromString(*(const char *)&one ? "little" : "big");
}
static PyMethodDef methods[] = {
  {"pointer", pointer, METH_NOARGS, ""}, {"order", order, METH_NOARGS, ""}, {NULL, NULL, 0, NULL}
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "NAME", "", -1, methods};
PyMODINIT_FUNC PyInit_NAME(void) { return PyModule_Create(&module); }
"""

_PYBIND11_MODULE = """
#include <pybind11/pybind11.h>
#include <stdexcept>
PYBIND11_MODULE(NAME, module) {
  module.def("pointer", [] { return 8 * sizeof(void *); });
  module.def("fail", [](const std::string &why) -> int { throw std::out_of_range(why); });
}
"""

_NANOBIND_MODULE = """
#include <nanobind/nanobind.h>
NB_MODULE(NAME, module) { module.def("pointer", [] { return 8 * sizeof(void *); }); }
"""

_FAR_RANGE = "cmake_minimum_required(VERSION 3.15...4.2)\nproject({name} LANGUAGES {language})\n"

#: The whole of FindPython, as older projects ask for it: a libpython has to be there, though nothing is linked.
_FIND_ALL = """
cmake_minimum_required(VERSION 3.15...3.25)
project(by_make LANGUAGES C)
find_package(Python3 COMPONENTS Interpreter Development REQUIRED)
if(EXISTS "/usr/include/stdio.h")
  message(FATAL_ERROR "the build machine's headers are there")
endif()
find_library(OF_BUILD_MACHINE NAMES libc.so.6 PATHS /lib /usr/lib /lib/x86_64-linux-gnu)
find_library(OF_TARGET NAMES c PATHS /lib /usr/lib /lib/x86_64-linux-gnu)
if(OF_BUILD_MACHINE OR NOT OF_TARGET MATCHES "/toolchain/libc/usr/lib/libc.so$")
  message(FATAL_ERROR "a library of the build machine was found: ${OF_BUILD_MACHINE}, ${OF_TARGET}")
endif()
include(CheckIPOSupported)
check_ipo_supported(RESULT ipo OUTPUT why LANGUAGES C)
add_library(parts STATIC parts.c)
Python3_add_library(by_make MODULE by_make.c WITH_SOABI)
target_link_libraries(by_make PRIVATE parts)
if(ipo)
  set_property(TARGET by_make PROPERTY INTERPROCEDURAL_OPTIMIZATION ON)
endif()
install(TARGETS by_make DESTINATION .)
"""

_FIND_PYTHON = "find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)"

_SETUP = """
import os, subprocess, sys, sysconfig
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

class CMake(build_ext):
    def build_extension(self, extension):
        out = os.path.dirname(os.path.abspath(self.get_ext_fullpath(extension.name)))
        subprocess.check_call(["cmake", "-S", ".", "-B", self.build_temp, "-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=" + out])
        subprocess.check_call(["cmake", "--build", self.build_temp])

setup(name="NAME", version="1", ext_modules=[Extension("NAME", [])], cmdclass={"build_ext": CMake})
"""

#: What native builds find by its files, and link and search by the paths that they found.
_FIND_LIBC = """
find_package(Python3 COMPONENTS Interpreter Development.Module REQUIRED)
find_package(Threads REQUIRED)
include(CheckLibraryExists)
Python3_add_library(NAME MODULE NAME.${SUFFIX} WITH_SOABI)
foreach(name c m pthread dl rt util ws2_32 z ssl)
  find_library(FOUND_${name} ${name})
  if(FOUND_${name})
    target_link_libraries(NAME PRIVATE ${FOUND_${name}})
    list(APPEND found ${name})
  endif()
endforeach()
string(REPLACE ";" " " found "${found}")
target_compile_definitions(NAME PRIVATE "FOUND=\\"${found}\\"")
find_path(STDIO stdio.h)
find_path(TYPES types.h PATH_SUFFIXES sys)
find_path(IN_USR sys/types.h PATHS /usr/include NO_DEFAULT_PATH)
if(NOT STDIO OR NOT TYPES OR NOT (IN_USR OR WIN32))
  message(FATAL_ERROR "headers not found: ${STDIO}, ${TYPES}, ${IN_USR}")
endif()
find_path(OF_BUILD_MACHINE zstd.h)
if(OF_BUILD_MACHINE)
  message(FATAL_ERROR "a header of the build machine was found: ${OF_BUILD_MACHINE}")
endif()
target_include_directories(NAME BEFORE PRIVATE ${STDIO})
target_link_libraries(NAME PRIVATE Threads::Threads)
check_library_exists("${FOUND_m}" pow "" POW)
check_library_exists("${FOUND_m}" no_such_function "" NOTHING)
if(NOT POW OR NOTHING)
  message(FATAL_ERROR "libm does not have what it has: ${POW}, ${NOTHING}")
endif()
"""

#: What it exports on Windows is in a file, as rustc gives it to the linker.
_SETUP_BY_LIST = """
from setuptools import Extension, setup

links = {"extra_link_args": ["-Wl,by_list.def"], "libraries": ["ws2_32"]}
setup(name="by_list", version="1.0", ext_modules=[Extension("by_list", ["by_list.c"], **links)])
"""

#: C++'s headers come before C's of the same name, and ask for the next one.
_FINDING_MODULE = """
#ifdef __cplusplus
#include <cmath>
#include <cstdlib>
#endif
#include <math.h>
#include <stdlib.h>
#ifdef _WIN32
#include <winsock2.h>
#define ORDER htons(1) == 1 ? "big" : "little"
#else
#define ORDER "little"
#endif
#include <Python.h>
static PyObject *order(PyObject *self, PyObject *ignored) { return PyUnicode_FromString(ORDER); }
static PyObject *found(PyObject *self, PyObject *ignored) { return PyUnicode_FromString(FOUND); }
static PyObject *pointer(PyObject *self, PyObject *ignored) { return PyLong_FromLong(8 * (long)sizeof(void *)); }
static PyObject *power(PyObject *self, PyObject *text) {
  return PyFloat_FromDouble(pow(4.0, atof(PyUnicode_AsUTF8(text))));
}
static PyMethodDef methods[] = {
  {"found", found, METH_NOARGS, ""}, {"order", order, METH_NOARGS, ""}, {"pointer", pointer, METH_NOARGS, ""},
  {"power", power, METH_O, ""}, {NULL, NULL, 0, NULL}
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "NAME", "", -1, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_NAME(void) { return PyModule_Create(&module); }
"""

#: A new CMake that is to do as an old one did.
_OLD_POLICIES = f"""
cmake_minimum_required(VERSION 3.15...3.30)
project(by_old_policies LANGUAGES C)
set(Python_ARTIFACTS_INTERACTIVE TRUE)
{_FIND_PYTHON}
Python_add_library(by_old_policies MODULE WITH_SOABI by_old_policies.c)
install(TARGETS by_old_policies DESTINATION .)
"""

#: A check and a program whose answers only the target can give, and which CMake itself would take for "no".
_TRY_RUN = """
cmake_minimum_required(VERSION 3.15...4.2)
project(by_asking LANGUAGES C)
find_package(Python COMPONENTS Interpreter Development.Module REQUIRED)
include(CheckCSourceRuns)
check_c_source_runs("int main(void) { return 0; }" ANSWERED)
try_run(EXIT_CODE COMPILED ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR}/asked.c)
Python_add_library(by_asking MODULE by_asking.c WITH_SOABI)
install(TARGETS by_asking DESTINATION .)
"""


#: setuptools' compilation, called by a build hook of another backend.
_COMPILE = """
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

def compiled(name, folder):
    command = build_ext(Distribution({"name": name, "ext_modules": [Extension(name, [name + ".c"])]}))
    command.build_lib = folder
    command.ensure_finalized()
    command.run()
    return command.get_outputs()
"""

_HATCH_HOOK = """
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Hook(BuildHookInterface):
    def initialize(self, version, build_data):
        (path,) = compiled("by_hatch", "built")
        build_data["force_include"][path] = path.rpartition("/")[2]
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
"""

_PDM_HOOK = """
from setuptools import Extension

def pdm_build_update_setup_kwargs(context, setup_kwargs):
    setup_kwargs.update(ext_modules=[Extension("by_pdm", ["by_pdm.c"])])
"""


def _pyproject(name: str, backend: str, *requires: str, settings: str) -> str:
    quoted = ", ".join(f'"{line}"' for line in requires)
    system = f'[build-system]\nrequires = [{quoted}]\nbuild-backend = "{backend}"\n'
    return f'{system}[project]\nname = "{name}"\nversion = "1"\n{settings}'


def _scikit(name: str, requires: tuple[str, ...], settings: str = "") -> str:
    quoted = ", ".join(f'"{line}"' for line in ("scikit-build-core", *requires))
    return _SCIKIT.format(name=name, requires=quoted, settings=settings)


def _cmake(name: str, language: str, *lines: str) -> str:
    return "\n".join([_FAR_RANGE.format(name=name, language=language), *lines, ""])


def _module(text: str, name: str) -> str:
    return text.replace("NAME", name)


def _finding(name: str, suffix: str, *lines: str) -> Mapping[str, str]:
    language = "C" if suffix == "c" else "C CXX"
    return {
        "pyproject.toml": '[build-system]\nrequires = ["setuptools", "cmake>=4"]\nbuild-backend = "setuptools.build_meta"\n',
        "setup.py": _module(_SETUP, name),
        "CMakeLists.txt": _module(_cmake(name, language, f"set(SUFFIX {suffix})", _FIND_LIBC, *lines), name),
        f"{name}.{suffix}": _module(_FINDING_MODULE, name),
    }


def parts_archive() -> bytes:
    """Return the archive of a small library that two projects download."""
    members = {
        "parts.c": "int parts(void) { return 8 * (int)sizeof(void *); }\n",
        "CMakeLists.txt": "add_library(parts STATIC parts.c)\n",
        "meson.build": "project('parts', 'c', version: '1')\n"
        "parts_dep = declare_dependency(link_with: static_library('parts', 'parts.c'))\n",
    }
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, text in members.items():
            info = tarfile.TarInfo(f"parts-1/{name}")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return data.getvalue()


_NOWHERE = "https://files.invalid/parts-1.tar"
_PARTS_SHA256 = hashlib.sha256(parts_archive()).hexdigest()
_DOWNLOADING_MODULE = _C_MODULE.replace("8 * (long)sizeof(void *)", "parts()").replace(
    "#include <Python.h>", "#include <Python.h>\nint parts(void);"
)

#: Members of each project's sdist, by its name; its module is named alike.
PROJECTS: Mapping[str, Mapping[str, str]] = {
    "by_pybind11": {
        "pyproject.toml": _scikit("by_pybind11", ("pybind11",)),
        "CMakeLists.txt": _cmake(
            *("by_pybind11", "CXX", _FIND_PYTHON, "find_package(pybind11 CONFIG REQUIRED)"),
            *("pybind11_add_module(by_pybind11 module.cpp)", "install(TARGETS by_pybind11 DESTINATION .)"),
        ),
        "module.cpp": _module(_PYBIND11_MODULE, "by_pybind11"),
    },
    "by_nanobind": {
        "pyproject.toml": _scikit("by_nanobind", ("nanobind",)),
        "CMakeLists.txt": _cmake(
            *("by_nanobind", "CXX", _FIND_PYTHON, "find_package(nanobind CONFIG REQUIRED)"),
            *("nanobind_add_module(by_nanobind module.cpp)", "install(TARGETS by_nanobind DESTINATION .)"),
        ),
        "module.cpp": _module(_NANOBIND_MODULE, "by_nanobind"),
    },
    "by_make": {
        "pyproject.toml": _scikit("by_make", ("cmake==3.25.*",), 'cmake.args = ["-GUnix Makefiles"]'),
        "CMakeLists.txt": _FIND_ALL,
        "by_make.c": _module(_C_MODULE, "by_make"),
        "parts.c": "int parts(void) { return 1; }\n",
    },
    "by_old_policies": {
        "pyproject.toml": _scikit("by_old_policies", ("cmake>=4.2",)),
        "CMakeLists.txt": _OLD_POLICIES,
        "by_old_policies.c": _module(_C_MODULE, "by_old_policies"),
    },
    "by_setup": {
        "pyproject.toml": '[build-system]\nrequires = ["setuptools", "cmake>=4"]\nbuild-backend = "setuptools.build_meta"\n',
        "setup.py": _module(_SETUP, "by_setup"),
        "CMakeLists.txt": _cmake(
            *("by_setup", "C", "find_package(Python3 COMPONENTS Interpreter Development.Module REQUIRED)"),
            "Python3_add_library(by_setup MODULE by_setup.c WITH_SOABI)",
        ),
        "by_setup.c": _module(_C_MODULE, "by_setup"),
    },
    **LATE_FUNCTIONS,
    "by_finding": _finding("by_finding", "cpp"),
    "by_finding_in_c": _finding("by_finding_in_c", "c"),
    "by_list": {
        "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
        "setup.py": _SETUP_BY_LIST,
        "by_list.c": _module(_FINDING_MODULE.replace("FOUND)", '"")'), "by_list")
        + "int listed(void) { return 1; }\n",
        "by_list.def": "LIBRARY\nEXPORTS\n    PyInit_by_list\n    listed\n",
    },
    "by_finding_before": {
        **_finding("by_finding_before", "cpp", "install(TARGETS by_finding_before DESTINATION .)"),
        "pyproject.toml": _scikit(
            "by_finding_before", ("cmake==3.25.*",), 'cmake.args = ["-GUnix Makefiles"]'
        ),
    },
    "by_meson": {
        "pyproject.toml": (
            '[build-system]\nrequires = ["meson-python", "pybind11"]\nbuild-backend = "mesonpy"\n'
            '[project]\nname = "by_meson"\nversion = "1"\n'
        ),
        "meson.build": (
            "project('by_meson', 'c', 'cpp', version: '1')\n"
            "python = import('python').find_installation(pure: false)\n"
            "if build_machine.cpu_family() == host_machine.cpu_family() or not meson.is_cross_build()\n"
            "  error('it does not know that it crosses')\nendif\n"
            "compiler = meson.get_compiler('c')\n"
            "parts = [dependency('pybind11')]\n"
            "foreach name : ['m', 'dl', 'pthread', 'rt', 'util']\n  parts += compiler.find_library(name)\nendforeach\n"
            "if compiler.find_library('zstd', required: false).found()\n"
            "  error('a library of the build machine was found')\nendif\n"
            "python.extension_module('by_meson', 'module.cpp', dependencies: parts, install: true)\n"
        ),
        "module.cpp": _module(_PYBIND11_MODULE, "by_meson"),
    },
    "by_fetch_content": {
        "pyproject.toml": _scikit("by_fetch_content", ()),
        "CMakeLists.txt": _cmake(
            *("by_fetch_content", "C", _FIND_PYTHON, "include(FetchContent)"),
            f"FetchContent_Declare(parts URL {_NOWHERE} URL_HASH SHA256={_PARTS_SHA256})",
            "FetchContent_MakeAvailable(parts)",
            "Python_add_library(by_fetch_content MODULE module.c WITH_SOABI)",
            "target_link_libraries(by_fetch_content PRIVATE parts)",
            "install(TARGETS by_fetch_content DESTINATION .)",
        ),
        "module.c": _module(_DOWNLOADING_MODULE, "by_fetch_content"),
    },
    "by_wrap": {
        "pyproject.toml": (
            '[build-system]\nrequires = ["meson-python"]\nbuild-backend = "mesonpy"\n'
            '[project]\nname = "by_wrap"\nversion = "1"\n'
        ),
        "meson.build": (
            "project('by_wrap', 'c', version: '1')\n"
            "python = import('python').find_installation(pure: false)\n"
            "parts = dependency('parts', fallback: ['parts', 'parts_dep'])\n"
            "python.extension_module('by_wrap', 'module.c', dependencies: parts, install: true)\n"
        ),
        "subprojects/parts.wrap": (
            f"[wrap-file]\ndirectory = parts-1\nsource_url = {_NOWHERE}\nsource_filename = parts-1.tar\n"
            f"source_hash = {_PARTS_SHA256}\n"
        ),
        "module.c": _module(_DOWNLOADING_MODULE, "by_wrap"),
    },
    "by_hatch": {
        "pyproject.toml": _pyproject(
            *("by_hatch", "hatchling.build", "hatchling", "setuptools"),
            settings="[tool.hatch.build.targets.wheel]\nbypass-selection = true\n"
            "[tool.hatch.build.targets.wheel.hooks.custom]\n",
        ),
        "hatch_build.py": _COMPILE + _HATCH_HOOK,
        "by_hatch.c": _module(_C_MODULE, "by_hatch"),
    },
    "by_poetry": {
        "pyproject.toml": _pyproject(
            *("by_poetry", "poetry.core.masonry.api", "poetry-core", "setuptools"),
            settings='[tool.poetry]\npackages = [{ include = "by_poetry*.so", format = "wheel" }]\n'
            '[tool.poetry.build]\nscript = "build.py"\ngenerate-setup-file = false\n',
        ),
        "build.py": _COMPILE + '\ncompiled("by_poetry", ".")\n',
        "by_poetry.c": _module(_C_MODULE, "by_poetry"),
    },
    "by_pdm": {
        "pyproject.toml": _pyproject(
            *("by_pdm", "pdm.backend", "pdm-backend", "setuptools"),
            settings='[tool.pdm.build]\nrun-setuptools = true\ncustom-hook = "pdm_build.py"\n',
        ),
        "pdm_build.py": _PDM_HOOK,
        "by_pdm.c": _module(_C_MODULE, "by_pdm"),
    },
    "by_asking": {
        "pyproject.toml": _scikit("by_asking", ()),
        "CMakeLists.txt": _TRY_RUN,
        "by_asking.c": _module(_C_MODULE, "by_asking"),
        "asked.c": "int main(void) { return 0; }\n",
    },
}


def write_lock(folder: Path, *names: str) -> Path:
    """Write the sdists of `names` and a pylock.toml with nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    text = 'lock-version = "1.0"\ncreated-by = "tests"\n'
    for name in names:
        sdist = write_sdist(
            folder / f"{name}-1.tar.gz",
            {"PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: 1\n", **PROJECTS[name]},
        )
        digest = hashlib.sha256(sdist.read_bytes()).hexdigest()
        text += f'[[packages]]\nname = "{name.replace("_", "-")}"\nversion = "1"\n'
        text += f'sdist = {{ path = "{sdist.name}", hashes = {{ sha256 = "{digest}" }} }}\n'
    (folder / "pylock.toml").write_text(text)
    return folder / "pylock.toml"
