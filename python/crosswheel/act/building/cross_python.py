"""The cross Python: the build Python, made to report the target.

Writes what the target looks like (headers, rendered texts, the view document) and hooks the view into a build
environment. What is rendered is decided elsewhere; nothing is run here.
"""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from crosswheel.act.check.stable_abi import stable_symbols
from crosswheel.act.target_python.headers import stated_release, unpack_headers
from crosswheel.render.build_details import render_build_details
from crosswheel.render.build_paths import BuildPaths
from crosswheel.render.cargo import PYO3_CONFIG, render_pyo3_config
from crosswheel.render.cmake_toolchain import render_cmake_toolchain, render_program_runner
from crosswheel.render.config_site import render_config_site
from crosswheel.render.import_library import Exports, declared_exports, render_import_library
from crosswheel.render.meson_cross_file import render_meson_cross_file
from crosswheel.render.python_config import EMPTY_ARCHIVE, python_config_names, render_python_config
from crosswheel.render.sysconfigdata import (
    Variables,
    build_time_variables,
    render_makefile,
    render_sysconfig_vars,
    render_sysconfigdata,
    shared_arguments,
)
from crosswheel.render.uname_program import render_uname
from crosswheel.render.view_document import SYSTEM_NAMES, render_view_document
from crosswheel.target.descriptions import TargetDescription
from crosswheel.target.python_names import sys_platform
from crosswheel.values.canonical_json import canonical_json
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Linux, MacOs, Windows

__all__ = [
    "BYTE_ORDER_GUARD",
    "MESON_CROSS_FILE",
    "VIEW_MODULES",
    "VIEW_VARIABLE",
    "activate_in",
    "build_environment_variables",
    "write_cross_python",
]

#: Has the code of the project be refused an answer about the byte order, for a target that has another.
BYTE_ORDER_GUARD = {"CROSSWHEEL_GUARD": "byteorder"}

#: Names the view document for every interpreter of the build environment; without it the view is off.
VIEW_VARIABLE = "CROSSWHEEL_VIEW"

_VIEW_MODULE = "_crosswheel_view"
#: The view and what it imports.
VIEW_MODULES = (
    _VIEW_MODULE,
    "_crosswheel_asking",
    "_crosswheel_byte_order",
    "_crosswheel_children",
    "_crosswheel_commands",
    "_crosswheel_libraries",
    "_crosswheel_limits",
    "_crosswheel_loading",
    "_crosswheel_names",
    "_crosswheel_release",
    "_crosswheel_scope",
    "_crosswheel_sizes",
    "_crosswheel_system_names",
    "_crosswheel_unloaded",
)
_VIEW_DOCUMENT = "view.json"
_CONFIG_SITE = "config.site"
_CMAKE_TOOLCHAIN = "toolchain.cmake"
#: A `make check` of Automake's kind, which some builds run in passing, then compiles and runs no program of the target.
#: https://www.gnu.org/software/automake/manual/html_node/Scripts_002dbased-Testsuites.html
_NO_TESTS = "TESTS= check_PROGRAMS= check_LIBRARIES= check_LTLIBRARIES="
#: What makefiles call the compiler of a program that they run themselves. Most say it is `$(CC)`, whatever the environment
#: says; what stands in MAKEFLAGS goes before that. https://luajit.org/install.html#cross
#: https://docs.kernel.org/kbuild/kbuild.html#hostcflags
_MAKE_COMPILERS = {
    "HOST_CC": "build-cc",
    "HOSTCC": "build-cc",
    "HOST_CXX": "build-c++",
    "HOSTCXX": "build-c++",
}
#: Name of Meson's cross file below `BuildPaths.target`.
MESON_CROSS_FILE = "meson-cross.ini"


def write_cross_python(
    destination: Path,
    *,
    description: TargetDescription,
    headers: Path,
    paths: BuildPaths,
    source_date_epoch: int,
) -> None:
    """Fill the folder that a build sees as ``paths.target``.

    Args:
        destination: an empty or absent folder.
        description: the target description.
        headers: the headers pack.
        paths: where things stand during the build.
        source_date_epoch: modification time of every file written, so that no clock is seen.

    Raises:
        InputError: the pack is none, or it is of another Python than the target's.
    """
    destination.mkdir(parents=True, exist_ok=True)
    unpack_headers(headers, destination)
    folder = description.python_directory
    if not (destination / "include" / folder / "pyconfig.h").is_file():
        raise InputError(
            "unpack headers",
            str(headers),
            why=f"it has no include/{folder}/pyconfig.h, which {description.target.id} needs",
            fix="make the pack for this target with `crosswheel target pack`",
        )
    variables = build_time_variables(description, paths)
    texts = _texts(description, paths, variables, release=stated_release(destination / "include" / folder))
    programs = _programs(description, paths)
    for path, text in (texts | programs).items():
        file = destination / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        file.chmod(0o755 if path in programs else 0o644)
    (destination / "lib" / str(variables["LIBRARY"])).write_bytes(EMPTY_ARCHIVE)
    _write_import_libraries(destination, description)
    for path_ in (destination, *destination.rglob("*")):
        os.utime(path_, (source_date_epoch, source_date_epoch))


def _texts(
    description: TargetDescription, paths: BuildPaths, variables: Variables, *, release: str
) -> dict[str, str]:
    folder = description.python_directory
    name = description.sysconfigdata_name
    makefile = (
        f"config-{description.python.version}{description.python.flags}-{description.multiarch}/Makefile"
    )
    texts = {
        f"lib/{folder}/{name}.py": render_sysconfigdata(variables),
        f"lib/{folder}/{name.replace('_sysconfigdata_', '_sysconfig_vars_')}.json": render_sysconfig_vars(
            variables
        ),
        f"lib/{folder}/build-details.json": render_build_details(description),
        f"lib/{folder}/{makefile}": render_makefile(variables),
        _VIEW_DOCUMENT: render_view_document(description, paths, release=release),
        _CONFIG_SITE: render_config_site(description),
        _CMAKE_TOOLCHAIN: render_cmake_toolchain(description, paths),
        MESON_CROSS_FILE: render_meson_cross_file(description, paths),
        PYO3_CONFIG: render_pyo3_config(description, paths),
    }
    if not isinstance(description.platform.os, Linux):
        texts[SYSTEM_NAMES] = _system_names(sys_platform(description.platform))
    return texts


def _system_names(system: str) -> str:
    """Return the table of the names that Python's standard library has on a system and not on Linux, and the other way round."""
    tabled = {"darwin": "darwin", "ios": "darwin", "win32": "win32"}.get(system)
    if tabled is None:
        return canonical_json({"lacking_modules": "", "own_modules": "", "lacking": {}, "own": {}}).decode()
    folder = files("crosswheel") / "act" / "building" / "injected"
    return (folder / f"names-{tabled}.json").read_text("utf-8")


def _programs(description: TargetDescription, paths: BuildPaths) -> dict[str, str]:
    config = render_python_config(description, paths)
    return {f"bin/{script}": config for script in python_config_names(description)} | {
        "bin/uname": render_uname(description),
        "libexec/run-build-python": render_program_runner(description, paths),
    }


def _write_import_libraries(destination: Path, description: TargetDescription) -> None:
    """Write what links with ``pythonXY.dll`` and ``python3.dll`` for Windows, from the headers below `destination`."""
    if not isinstance(description.platform.os, Windows):
        return
    python, folder = description.python, destination / "libs"
    headers = sorted((destination / "include" / description.python_directory).rglob("*.h"))
    declared = declared_exports(path.read_text("utf-8", "replace") for path in headers)
    symbols = stable_symbols(python.minor)
    stable = Exports(functions=symbols - declared.data, data=symbols & declared.data)
    # Of the names with a macro in front (PY_SSIZE_T_CLEAN) only the stable ABI's table has the true ones.
    exports = declared | stable
    folder.mkdir()
    for name, names in ((f"python{python.major}{python.minor}{python.flags}", exports), ("python3", stable)):
        library = render_import_library(f"{name}.dll", names, description.platform.arch)
        (folder / f"{name}.lib").write_bytes(library)


def activate_in(site_packages: Path, paths: BuildPaths) -> None:
    """Hook the view into a build environment, whose interpreters then show the target while a build asks for it.

    Args:
        site_packages: ``site-packages`` of the build environment.
        paths: where things stand during the build.
    """
    del paths  # the document's place comes from the environment variable, so that a tree serves every target
    source = files("crosswheel") / "act" / "building" / "injected"
    for module in VIEW_MODULES:
        (site_packages / f"{module}.py").write_bytes((source / f"{module}.py").read_bytes())
    # Python 3.15 reads the second and then ignores the first, which 3.18 no longer runs (PEP 829).
    (site_packages / f"{_VIEW_MODULE}.pth").write_bytes(
        f"import os, sys; ({VIEW_VARIABLE!r} in os.environ or os.path.exists(os.path.dirname(sys.prefix) + '/target/{_VIEW_DOCUMENT}')) "
        f"and __import__({_VIEW_MODULE!r}).activate()\n".encode()
    )
    (site_packages / f"{_VIEW_MODULE}.start").write_bytes(f"{_VIEW_MODULE}:activate\n".encode())


def build_environment_variables(
    description: TargetDescription, paths: BuildPaths, *, source_date_epoch: int
) -> dict[str, str]:
    """Return the whole environment of a build; nothing of the caller's environment is in it.

    There is no CFLAGS: setuptools takes it in place of sysconfig's, not beside it.
    """
    tools = f"{paths.toolchain}/bin"
    shared = shared_arguments(description)
    system = description.platform.os
    deployment = (
        {"MACOSX_DEPLOYMENT_TARGET": f"{system.major}.{system.minor}"} if isinstance(system, MacOs) else {}
    )
    return {
        "AR": f"{tools}/ar",
        "CC": f"{tools}/cc",
        "CC_FOR_BUILD": f"{tools}/build-cc",
        "CXX_FOR_BUILD": f"{tools}/build-c++",
        "CMAKE_TOOLCHAIN_FILE": f"{paths.target}/{_CMAKE_TOOLCHAIN}",
        "CONFIG_SITE": f"{paths.target}/{_CONFIG_SITE}",
        "CPP": f"{tools}/cpp",  # `$CPP -v` lists the folders of headers, which `cc -E -v` of nothing does not
        "CROSSWHEEL_NOTES": paths.temporary,  # the compiler launchers' own (injected/launcher.py)
        VIEW_VARIABLE: f"{paths.target}/{_VIEW_DOCUMENT}",
        "CXX": f"{tools}/c++",
        "HOME": paths.home,
        "LC_ALL": "C",  # the sandbox holds no locale; Python is told its encoding by PYTHONUTF8
        "LD": f"{tools}/ld",
        "LDCXXSHARED": f"{tools}/c++ {shared}",
        "LDSHARED": f"{tools}/cc {shared}",
        **deployment,
        "MATURIN_NO_INSTALL_RUST": "1",  # planning puts the toolchain in place, or knows that none is needed
        "MAKEFLAGS": _make_flags(tools),
        # GNU make's own word goes after the environment's: its defaults are the weakest.
        "MAKE_HOST": description.gnu_triple,
        "NM": f"{tools}/nm",
        "PATH": f"{paths.environment}/bin:{paths.target}/bin:{tools}:/usr/bin:/bin",
        "PKG_CONFIG": f"{tools}/pkg-config",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "RANLIB": f"{tools}/ranlib",
        "SOURCE_DATE_EPOCH": str(source_date_epoch),
        "STRIP": f"{tools}/strip",
        "TMPDIR": paths.temporary,
        "TZ": "UTC",
    }


def _make_flags(tools: str) -> str:
    """Return the variables that go before those of a makefile; a blank in a path would end the value."""
    folder = tools.replace(" ", "\\ ")
    return " ".join([_NO_TESTS, *(f"{name}={folder}/{tool}" for name, tool in _MAKE_COMPILERS.items())])
