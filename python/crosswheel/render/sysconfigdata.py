"""The target Python's build-time variables, as setuptools, cffi and other build tools read them through `sysconfig`.

Every value is true of the target and names only paths of the build; nothing of the build machine's Python is in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from crosswheel.render.build_paths import BuildPaths
from crosswheel.target.descriptions import TargetDescription
from crosswheel.values.canonical_json import pretty_json
from crosswheel.values.platforms import MacOs, Windows

__all__ = [
    "MACOS_SHARED",
    "Variables",
    "build_time_variables",
    "render_makefile",
    "render_sysconfig_vars",
    "render_sysconfigdata",
    "shared_arguments",
]

Variables = Mapping[str, "str | int"]

#: CPython's own defaults without debug information: what is compiled must not depend on where it is compiled.
_WARNINGS = "-fno-strict-overflow -Wsign-compare"
_OPTIMISATION = "-DNDEBUG -O3 -Wall"

_CONSTANTS: Variables = MappingProxyType(
    {
        "AC_APPLE_UNIVERSAL_BUILD": 0,
        "ARFLAGS": "rcs",
        "ASDLGEN": "",
        "BASECFLAGS": _WARNINGS,
        "BASECPPFLAGS": "",
        "BASEMODLIBS": "",
        "BLDLIBRARY": "",
        "BUILDEXE": "",
        "CCSHARED": "-fPIC",
        "CFLAGS": f"{_WARNINGS} {_OPTIMISATION}",
        "CFLAGS_ALIASING": "",
        "CFLAGS_NODIST": "",
        "CONFIGURE_CFLAGS": "",
        "CONFIGURE_CFLAGS_NODIST": "",
        "CONFIGURE_CPPFLAGS": "",
        "CONFIGURE_LDFLAGS": "",
        "CONFIGURE_LDFLAGS_NODIST": "",
        "CONFIG_ARGS": "",
        "CPPFLAGS": "",
        "CXXFLAGS": "",
        "DLINCLDIR": ".",
        "DLLLIBRARY": "",
        "DYNLOADFILE": "dynload_shlib.o",
        "EXE": "",
        "EXEMODE": "755",
        "EXTRA_CFLAGS": "",
        "FILEMODE": "644",
        "GNULD": "yes",
        "LDFLAGS": "",
        "LDFLAGS_NODIST": "",
        "LIBC": "",
        "LIBM": "-lm",
        "LIBS": "",
        "LINKFORSHARED": "-Xlinker -export-dynamic",
        "LN": "ln",
        "LOCALMODLIBS": "",
        "MACHDEP": "linux",
        "MODLIBS": "",
        "OPT": _OPTIMISATION,
        "PLATLIBDIR": "lib",
        "PURIFY": "",
        "PYTHONFRAMEWORK": "",
        "PYTHONFRAMEWORKDIR": "no-framework",
        "PYTHONFRAMEWORKINSTALLDIR": "",
        "PYTHONFRAMEWORKPREFIX": "",
        "PY_CFLAGS": f"{_WARNINGS} {_OPTIMISATION}",
        "PY_CPPFLAGS": "",
        "PY_LDFLAGS": "",
        "SHELL": "/bin/sh",
        "SHLIBS": "",
        "SHLIB_SUFFIX": ".so",
        "SYSLIBS": "-lm",
        "TESTRUNNER": "",
        "VPATH": "",
        "py_version_nodot_plat": "",
    }
)

#: What CPython says otherwise on macOS. That its compiler words are customized keeps distutils from asking Xcode.
_MACOS: Variables = MappingProxyType(
    {
        "CCSHARED": "",
        "CUSTOMIZED_OSX_COMPILER": "True",
        "GNULD": "no",
        "LIBM": "",
        "LINKFORSHARED": "",
        "MACHDEP": "darwin",
        "SYSLIBS": "",
        "UNIVERSALSDK": "",
    }
)
#: On Windows CPython has next to no such variables; these are what a compiler in the style of Unix is driven with.
_WINDOWS: Variables = MappingProxyType(
    {
        "CCSHARED": "",
        "DYNLOADFILE": "dynload_win.o",
        "EXE": ".exe",
        "GNULD": "no",
        "LIBM": "",
        "LINKFORSHARED": "",
        "MACHDEP": "win32",
        "SHLIB_SUFFIX": ".pyd",
        "SYSLIBS": "",
    }
)

#: How an extension module is linked; the C API is taken from whatever interpreter loads it.
MACOS_SHARED = "-bundle -undefined dynamic_lookup"

#: Words of the toolchain: the launcher that answers to them, and further arguments.
_TOOLS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "AR": ("ar", ""),
        "BLDSHARED": ("cc", "-shared"),
        "CC": ("cc", ""),
        "CPP": ("cc", "-E"),
        "CXX": ("c++", ""),
        "LDCXXSHARED": ("c++", "-shared"),
        "LDSHARED": ("cc", "-shared"),
        "LINKCC": ("cc", ""),
        "MAINCC": ("cc", ""),
        "NM": ("nm", ""),
        "RANLIB": ("ranlib", ""),
        "STRIP": ("strip", ""),
    }
)

_NUMBER = re.compile(r"-?\d+")


def build_time_variables(description: TargetDescription, paths: BuildPaths) -> Variables:
    """Return what `sysconfig.get_config_vars` of the target Python has to say during a build.

    The macros of pyconfig.h are part of it, as CPython has it: undefined ones are 0. `prefix` and its like are not:
    they are facts of the interpreter that runs.

    Args:
        description: the target description.
        paths: where things stand during the build.
    """
    macros = {name: _macro_value(value) for name, value in description.pyconfig.macros.items()}
    shared = shared_arguments(description)
    tools = {
        name: f"{paths.toolchain}/bin/{tool} {shared if arguments == '-shared' else arguments}".rstrip()
        for name, (tool, arguments) in _TOOLS.items()
    }
    constants = {**_CONSTANTS, **_system_constants(description)}
    variables = {**macros, **constants, **tools, **_names(description), **_places(description, paths)}
    return dict(sorted(variables.items()))


def shared_arguments(description: TargetDescription) -> str:
    """Return what the compiler driver is given to link an extension module."""
    return MACOS_SHARED if isinstance(description.platform.os, MacOs) else "-shared"


def _system_constants(description: TargetDescription) -> Variables:
    match description.platform.os:
        case MacOs(major=major, minor=minor):
            return {**_MACOS, "MACOSX_DEPLOYMENT_TARGET": f"{major}.{minor}"}
        case Windows():
            return _WINDOWS
        case _:
            return {}


def _macro_value(value: str | None) -> str | int:
    if value is None:
        return 0
    if _NUMBER.fullmatch(value):
        return int(value)
    return value[1:-1] if value.startswith('"') and value.endswith('"') and len(value) > 1 else value


def _names(description: TargetDescription) -> Variables:
    python = description.python
    version, flags = python.version, python.flags
    library = f"libpython{version}{flags}.a"
    if isinstance(description.platform.os, Windows):
        library = f"python{python.major}{python.minor}{flags}.lib"
    return {
        "ABIFLAGS": flags,
        "ABI_THREAD": "t" if python.free_threaded else "",
        "BUILD_GNU_TYPE": description.gnu_triple,
        "EXT_SUFFIX": description.ext_suffix,
        "HOST_GNU_TYPE": description.gnu_triple,
        "INSTSONAME": library,
        "LDLIBRARY": library,
        "LDVERSION": f"{version}{flags}",
        "LIBPYTHON": "",
        "LIBRARY": library,
        "MULTIARCH": description.multiarch,
        "MULTIARCH_CPPFLAGS": f'-DMULTIARCH=\\"{description.multiarch}\\"',
        "PY3LIBRARY": "",
        "PYTHON": "python",
        "Py_DEBUG": int(python.debug),
        "Py_ENABLE_SHARED": 0,
        "Py_GIL_DISABLED": int(python.free_threaded),
        "SOABI": description.soabi,
        "VERSION": version,
    }


def _places(description: TargetDescription, paths: BuildPaths) -> Variables:
    root, folder = paths.target, description.python_directory
    include, library = f"{root}/include/{folder}", f"{root}/lib/{folder}"
    return {
        "BINDIR": f"{paths.environment}/bin",
        "BINLIBDEST": library,
        "CONFINCLUDEDIR": f"{root}/include",
        "CONFINCLUDEPY": include,
        "DESTDIRS": "",
        "DESTSHARED": f"{library}/lib-dynload",
        "INCLDIRSTOMAKE": "",
        "INCLUDEDIR": f"{root}/include",
        "INCLUDEPY": include,
        "LIBDEST": library,
        "LIBDIR": f"{root}/lib",
        "LIBPC": f"{root}/lib/pkgconfig",
        "LIBPL": f"{library}/config-{description.python.version}{description.python.flags}-{description.multiarch}",
        "MACHDESTLIB": library,
        "SCRIPTDIR": f"{root}/lib",
        "abs_builddir": root,
        "abs_srcdir": root,
        "datarootdir": f"{root}/share",
        "srcdir": root,
    }


def render_sysconfigdata(variables: Variables) -> str:
    """Return the text of the module CPython keeps its build-time variables in.

    The module's name is `TargetDescription.sysconfigdata_name`.
    """
    lines = [f"    {name!r}: {value!r}," for name, value in variables.items()]
    head = "# Build-time variables of the target Python, rendered by crosswheel."
    return "\n".join([head, "build_time_vars = {", *lines, "}", ""])


def render_sysconfig_vars(variables: Variables) -> str:
    """Return the JSON twin of the same variables, which CPython has since 3.14."""
    return pretty_json(dict(variables)).decode()


def render_makefile(variables: Variables) -> str:
    """Return a Makefile with the same variables, for setup scripts that read `sysconfig.get_makefile_filename`."""
    lines = [
        f"{name}=\t{value}".rstrip()
        for name, value in variables.items()
        if isinstance(value, str) and "\n" not in value
    ]
    return "\n".join(["# Variables of the target Python, rendered by crosswheel.", *lines, ""])
