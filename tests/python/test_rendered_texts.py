"""The texts rendered for a target: compared with golden ones, and read back as their readers read them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cross_targets import LINUX_PLATFORMS, PATHS, description_of
from crosswheel.render.build_details import render_build_details
from crosswheel.render.config_site import render_config_site
from crosswheel.render.pyconfig import render_pyconfig
from crosswheel.render.sysconfigdata import (
    build_time_variables,
    render_makefile,
    render_sysconfig_vars,
    render_sysconfigdata,
)
from crosswheel.render.view_document import render_view_document
from crosswheel.target.descriptions import TargetDescription

GOLDEN = Path(__file__).parent.parent / "golden" / "cross_python"
TARGETS = (
    "cp311-linux_aarch64_glibc_2_17",
    "cp311-linux_s390x_glibc_2_28",
    "cp314t-linux_armv7l_glibc_2_28",
    "cp311-linux_armv7l_musl_1_2",
    "cp311-macos_aarch64_11_0",
    "cp313-windows_x86_64",
)
RENDERED: dict[str, Callable[[TargetDescription], str]] = {
    "build-details.json": render_build_details,
    "config.site": render_config_site,
    "pyconfig.h": render_pyconfig,
    "sysconfigdata.txt": lambda description: render_sysconfigdata(build_time_variables(description, PATHS)),
    "view.json": lambda description: render_view_document(
        description, PATHS, release=f"{description.python.version}.0"
    ),
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", RENDERED)
def test_a_rendered_text_is_the_golden_one(target: str, name: str) -> None:
    text = RENDERED[name](description_of(target))
    golden = GOLDEN / target / name
    if os.environ.get("CROSSWHEEL_UPDATE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("target", TARGETS)
def test_the_sysconfigdata_module_and_its_json_twin_hold_the_same(target: str) -> None:
    variables = build_time_variables(description_of(target), PATHS)
    namespace: dict[str, object] = {}
    exec(render_sysconfigdata(variables), namespace)
    assert namespace["build_time_vars"] == dict(variables)
    assert json.loads(render_sysconfig_vars(variables)) == dict(variables)


#: What setuptools, distutils, cffi, Cython, meson-python and scikit-build-core read.
READ = [
    "ABIFLAGS",
    "AR",
    "ARFLAGS",
    "CC",
    "CCSHARED",
    "CFLAGS",
    "CONFINCLUDEPY",
    "CXX",
    "EXT_SUFFIX",
    "HOST_GNU_TYPE",
    "INCLUDEPY",
    "INSTSONAME",
    "LDCXXSHARED",
    "LDFLAGS",
    "LDLIBRARY",
    "LDSHARED",
    "LDVERSION",
    "LIBDIR",
    "LIBPC",
    "LIBPL",
    "LIBRARY",
    "MACHDEP",
    "MULTIARCH",
    "OPT",
    "PYTHONFRAMEWORK",
    "Py_DEBUG",
    "Py_ENABLE_SHARED",
    "Py_GIL_DISABLED",
    "RANLIB",
    "SHLIB_SUFFIX",
    "SIZEOF_VOID_P",
    "SOABI",
    "VERSION",
    "WITH_PYMALLOC",
]


@pytest.mark.parametrize("platform", [*LINUX_PLATFORMS, "macos_x86_64_11_0", "windows_aarch64"])
def test_every_variable_that_build_tools_read_is_there(platform: str) -> None:
    variables = build_time_variables(description_of(f"cp312-{platform}"), PATHS)
    assert [name for name in READ if name not in variables] == []


@pytest.mark.parametrize("platform", LINUX_PLATFORMS)
def test_no_value_names_a_place_outside_the_build(platform: str) -> None:
    variables = build_time_variables(description_of(f"cp312-{platform}"), PATHS)
    known = ("/fixed/", "/bin/sh")
    paths = [
        path for value in variables.values() for path in re.findall(r"(?:^|[\s=L])(/[\w./+-]+)", str(value))
    ]
    assert paths
    assert [path for path in paths if not f"{path}/".startswith(known)] == []


def test_an_extension_module_is_linked_as_its_system_links_them() -> None:
    macos = build_time_variables(description_of("cp311-macos_aarch64_12_3"), PATHS)
    assert macos["LDSHARED"] == "/fixed/toolchain/bin/cc -bundle -undefined dynamic_lookup"
    assert (macos["MACOSX_DEPLOYMENT_TARGET"], macos["MACHDEP"]) == ("12.3", "darwin")
    assert macos["CUSTOMIZED_OSX_COMPILER"] == "True"  # distutils asks no Xcode
    windows = build_time_variables(description_of("cp313t-windows_x86_64"), PATHS)
    assert windows["LDSHARED"] == "/fixed/toolchain/bin/cc -shared"
    assert (windows["EXT_SUFFIX"], windows["LIBRARY"]) == (".cp313t-win_amd64.pyd", "python313t.lib")


def test_a_compiler_is_one_word_and_flags_ask_for_no_debug_information() -> None:
    variables = build_time_variables(description_of(TARGETS[0]), PATHS)
    assert variables["CC"] == "/fixed/toolchain/bin/cc"
    assert variables["CXX"] == "/fixed/toolchain/bin/c++"
    assert str(variables["LDSHARED"]).startswith(str(variables["CC"]) + " ")
    assert str(variables["LDCXXSHARED"]).startswith(str(variables["CXX"]) + " ")
    assert "-g" not in str(variables["CFLAGS"]).split()


def test_an_undefined_macro_is_zero_as_cpython_has_it() -> None:
    variables = build_time_variables(description_of("cp311-linux_s390x_glibc_2_28"), PATHS)
    assert variables["WORDS_BIGENDIAN"] == 1
    assert variables["HAVE_GCC_ASM_FOR_X64"] == 0
    assert variables["_PYTHONFRAMEWORK"] == ""


def test_the_makefile_holds_the_same_words() -> None:
    variables = build_time_variables(description_of(TARGETS[0]), PATHS)
    assert "\nCC=\t/fixed/toolchain/bin/cc\n" in render_makefile(variables)
    assert "\nEXT_SUFFIX=\t.cpython-311-aarch64-linux-gnu.so\n" in render_makefile(variables)
