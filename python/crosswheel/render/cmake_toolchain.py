"""CMake's toolchain file: what is compiled for, with what, and where the target's files are.

CMake reads the file named by the environment variable ``CMAKE_TOOLCHAIN_FILE`` (3.21 and newer), whoever calls it
(https://cmake.org/cmake/help/latest/manual/cmake-toolchains.7.html).
"""

from __future__ import annotations

from crosswheel.render.build_paths import BuildPaths
from crosswheel.render.download_settings import FETCH_CONTENT
from crosswheel.render.view_document import KERNEL_RELEASE, WINDOWS_VERSION
from crosswheel.target.architectures import ARCH_NAMES
from crosswheel.target.descriptions import TargetDescription, libc_name
from crosswheel.values.platforms import MacOs, Windows

__all__ = ["ASKED_TESTS", "REFUSED_PROGRAMS", "render_cmake_toolchain", "render_program_runner"]

#: File below `BuildPaths.temporary` that the program runner writes a line to for each program it refuses.
REFUSED_PROGRAMS = "crosswheel-refused-programs"
#: File with the first macro of each such program: CheckCSourceRuns and its like define the variable they ask for.
ASKED_TESTS = "crosswheel-asked-tests"

_TOOLCHAIN = """\
# CMake's toolchain file. Rendered by crosswheel.
set(CMAKE_SYSTEM_NAME {system})
set(CMAKE_SYSTEM_VERSION {release})
set(CMAKE_SYSTEM_PROCESSOR {processor})
{own}
set(CMAKE_C_COMPILER {tools}/cc)
set(CMAKE_CXX_COMPILER {tools}/c++)
set(CMAKE_ASM_COMPILER {tools}/cc)
foreach(_language C CXX ASM)
  set(CMAKE_${{_language}}_COMPILER_AR {tools}/ar)
  set(CMAKE_${{_language}}_COMPILER_RANLIB {tools}/ranlib)
  # zig's driver says it can write what a link read, and then leaves files unnamed.
  set(CMAKE_${{_language}}_LINKER_DEPFILE_SUPPORTED FALSE)
endforeach()
unset(_language)
set(CMAKE_AR {tools}/ar)
set(CMAKE_LINKER {tools}/ld)
set(CMAKE_OBJCOPY {tools}/objcopy)
set(CMAKE_RANLIB {tools}/ranlib)
set(CMAKE_STRIP {tools}/strip)
set(PKG_CONFIG_EXECUTABLE {tools}/pkg-config)

# Nothing of the build machine but programs; the target's headers and libraries, what build requirements bring, the
# sources, the target's C library.
set(CMAKE_FIND_ROOT_PATH {target} {sysroot} {environment} {scratch} {libc})
# Nobody has to be told where that lies, neither when linking nor when loading.
list(APPEND CMAKE_PLATFORM_IMPLICIT_LINK_DIRECTORIES {libraries})
set(CMAKE_LIBRARY_ARCHITECTURE {multiarch})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_FIND_USE_PACKAGE_REGISTRY FALSE)
set(CMAKE_FIND_USE_SYSTEM_PACKAGE_REGISTRY FALSE)

# A static library may end up in an extension module, which most compilers that projects are tried with allow.
if(NOT DEFINED CMAKE_POSITION_INDEPENDENT_CODE)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()

# Tests could not run, and what they need is often downloaded; who asks for them gets them.
set(BUILD_TESTING OFF CACHE BOOL "")

# What GNUInstallDirs says on Linux (but Debian's and Alpine's own) where it looks, which it does not when crossing.
if(NOT DEFINED CMAKE_INSTALL_LIBDIR)
  set(CMAKE_INSTALL_LIBDIR {library_folder} CACHE PATH "")
endif()

# scikit-build finds out by running a program whether a module may leave symbols to whoever loads it. On ELF it may.
foreach(_type MODULE SHARED)
  foreach(_library MODULE SHARED STATIC)
    set(HAS_DYNAMIC_LOOKUP_${{_type}}_${{_library}} TRUE)
    set(DYNAMIC_LOOKUP_FLAGS_${{_type}}_${{_library}} "")
  endforeach()
endforeach()
unset(_type)
unset(_library)

# FindPython asks either this script (before CMake 4.1, or where the project knows no newer one) or the build
# environment's Python, which shows the target. Since 4.2 it asks the script before it has looked for its launcher.
foreach(_python Python Python{major})
  set(_${{_python}}_CONFIG {target}/bin/python{version}{flags}-config CACHE INTERNAL "")
  set(_${{_python}}_CONFIG_LAUNCHER {target}/bin/python{version}{flags}-config CACHE INTERNAL "")
endforeach()
unset(_python)
set(CMAKE_CROSSCOMPILING_EMULATOR {target}/libexec/run-build-python)

# Pinned downloads, where a build has any.
include({downloads}/{fetch_content} OPTIONAL)
"""

_RUNNER = """\
#!/bin/sh
# Stands where CMake expects an emulator of the target (policy CMP0190). Rendered by crosswheel.
# Runs the build environment's Python and programs, never one that was compiled for the target.
case $1 in
  {environment}/bin/*) exec "$@" ;;
  {python}/bin/python*) shift; exec {environment}/bin/python "$@" ;;
esac
echo "$1" >>{temporary}/{refused}
sed -n 's/^add_definitions(\\[==\\[-D\\([A-Za-z_][A-Za-z0-9_]*\\)\\]==\\].*/\\1/p' "${{1%/*}}/CMakeLists.txt" >>{temporary}/{tests} 2>/dev/null
echo "crosswheel: '$1' is compiled for {target} and is not run; give the build what it would answer" >&2
exit 126
"""


def render_cmake_toolchain(description: TargetDescription, paths: BuildPaths) -> str:
    """Return the text of the toolchain file.

    Args:
        description: the target description.
        paths: where things stand during the build.
    """
    python = description.python
    is_windows = isinstance(description.platform.os, Windows)
    return _TOOLCHAIN.format(
        **_system(description, paths),
        tools=f"{paths.toolchain}/bin",
        target=paths.target,
        sysroot=paths.sysroot,
        # For Windows CMake looks right below a root, else below its ``usr``.
        libc=paths.libc if is_windows else paths.libc.rpartition("/")[0],
        libraries=f"{paths.libc}/lib",
        multiarch=description.multiarch,
        environment=paths.environment,
        scratch=paths.source.rpartition("/")[0],
        downloads=paths.downloads,
        fetch_content=FETCH_CONTENT,
        major=python.major,
        version=python.version,
        flags=python.flags,
        library_folder="lib64" if description.pointer_width == 64 and _is_glibc(description) else "lib",
    )


#: There is no SDK to look for, and nobody to change an install name afterwards.
_DARWIN = """\
set(CMAKE_OSX_SYSROOT "")
set(CMAKE_OSX_ARCHITECTURES "")
set(CMAKE_OSX_DEPLOYMENT_TARGET "" CACHE STRING "")
set(CMAKE_INSTALL_NAME_TOOL /bin/true)
set(CMAKE_BUILD_WITH_INSTALL_RPATH TRUE)
"""


#: FindPython wants the import libraries, which it would look for beside the interpreter.
_WINDOWS = """\
foreach(_python Python Python3)
  set(${{_python}}_LIBRARY {target}/libs/python{python}.lib CACHE FILEPATH "")
  set(${{_python}}_SABI_LIBRARY {target}/libs/python3.lib CACHE FILEPATH "")
endforeach()
unset(_python)
"""


def _system(description: TargetDescription, paths: BuildPaths) -> dict[str, str]:
    """Return what CMake calls the target, and what it has to be told beyond that."""
    names, python = ARCH_NAMES[description.platform.arch], description.python
    match description.platform.os:
        case MacOs(major=major):
            release = f"{major + 9 if major > 10 else 19}.0.0"
            return {
                "system": "Darwin",
                "release": release,
                "processor": names.apple or "",
                "own": _DARWIN,
            }
        case Windows():
            processor = names.windows_machine or ""
            own = _WINDOWS.format(target=paths.target, python=f"{python.major}{python.minor}{python.flags}")
            return {"system": "Windows", "release": WINDOWS_VERSION, "processor": processor, "own": own}
        case _:
            arch = description.platform.arch.value
            return {"system": "Linux", "release": KERNEL_RELEASE, "processor": arch, "own": ""}


def _is_glibc(description: TargetDescription) -> bool:
    return libc_name(description.platform) == "glibc"


def render_program_runner(description: TargetDescription, paths: BuildPaths) -> str:
    """Return the shell script CMake is given as ``CMAKE_CROSSCOMPILING_EMULATOR``.

    Programs it refuses are named in the file `REFUSED_PROGRAMS`, for CMake itself takes the refusal of a
    ``try_run`` for an answer and says nothing. `ASKED_TESTS` names what they were asked for, where CMake's own checks did.
    """
    return _RUNNER.format(
        environment=paths.environment,
        python=paths.python,
        temporary=paths.temporary,
        refused=REFUSED_PROGRAMS,
        tests=ASKED_TESTS,
        target=description.target.id,
    )
