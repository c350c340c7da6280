"""The compiler launchers: programs with the names every build system knows, in front of whatever compiles.

What they do to a call is decided by `crosswheel.render.compiler_arguments`; docs/concepts/toolchain.md tells why.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from crosswheel.act.building.libc_files import write_libc_files
from crosswheel.act.building.toolchain_settings import INJECTED_SOURCES, TIME_HEADER, toolchain_settings
from crosswheel.act.building.zig_library import write_zig_library
from crosswheel.decide.plans.toolchain_pin import ToolchainPin
from crosswheel.render.build_paths import BuildPaths
from crosswheel.render.rustc_arguments import RUSTC_WRAPPER
from crosswheel.target.targets import Target
from crosswheel.target.triples import gnu_triple
from crosswheel.values.canonical_json import JsonValue, pretty_json

__all__ = ["write_launchers"]

#: Modules copied beside the launchers, each importing nothing but the others.
_REWRITER = (
    "compiler_answers.py", "compiler_arguments.py", "compiler_call.py", "compiler_families.py", "compiler_flags.py",
    "compiler_outputs.py", "cpu_flags.py", "gcc_functions.py", "package_config.py", "rustc_arguments.py",
    "sysroot_libraries.py", "system_flags.py",
)  # fmt: skip
_PROGRAMS = ("constant_sections.py", "launcher.py", "symbol_listing.py")
_BINUTILS = ("ar", "ranlib", "strip", "ld", "nm", "objcopy")
_COMPILERS = ("cc", "c++", "gcc", "g++")
_NAMES = (*_COMPILERS, "clang", "clang++", "cpp", *_BINUTILS, "pkg-config")
#: Names that have the GNU triple in front as well.
_TRIPLED = (*_COMPILERS, "cpp", *_BINUTILS, "gcc-ar", "gcc-nm", "gcc-ranlib")
_NATIVE = (*_COMPILERS, "ar", "ranlib")


def write_launchers(
    destination: Path,
    target: Target,
    paths: BuildPaths,
    *,
    zig: Path,
    libraries: Mapping[str, JsonValue] | None = None,
    own: ToolchainPin | None = None,
) -> None:
    """Fill the folder seen as `BuildPaths.toolchain`: launchers in ``bin/``, their program, ``toolchain.json``.

    For a musl or macOS target it holds what zig takes for its own ``lib``, too, and for all what the target's C library is found by.

    Args:
        destination: the folder, empty.
        target: what is compiled for.
        paths: where things stand.
        zig: what `prepare_zig` returned.
        libraries: the sysroot's link table; ``None`` for a build without a sysroot.
        own: the user's own toolchain that compiles for the target; ``None`` for zig.

    Raises:
        InputError: see `toolchain_settings`.
    """
    if own is None:
        write_zig_library(destination, zig, target.platform, paths)
    write_libc_files(destination, zig, target.platform, paths, headers=own is None)
    settings = toolchain_settings(
        target, paths, build_machine=os.uname().machine, libraries=libraries, own=own
    )
    (destination / "toolchain.json").write_bytes(pretty_json(settings))
    package = destination / "lib" / "crosswheel_launcher"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    source = files("crosswheel")
    injected = source / "act" / "building" / "injected"
    for name in INJECTED_SOURCES:
        (destination / "lib" / name).write_bytes((injected / name).read_bytes())
    (destination / "include").mkdir()
    (destination / "include" / TIME_HEADER).write_bytes((injected / TIME_HEADER).read_bytes())
    modules = [*(injected / name for name in _PROGRAMS), *(source / "render" / name for name in _REWRITER)]
    for module in (*modules, source / "act" / "sysroot" / "ar_archives.py"):
        (package / module.name).write_bytes(module.read_bytes())
    folder = destination / "bin"
    folder.mkdir()
    triple = gnu_triple(target.platform)
    text = (
        f"#!{paths.python}/bin/python{target.python.version} -ISE\n"
        "import sys\n"
        f"sys.path.insert(0, {paths.toolchain + '/lib'!r})\n"
        "from crosswheel_launcher.launcher import main\n"
        f"main({paths.toolchain + '/toolchain.json'!r})\n"
    )
    names = [*_NAMES, RUSTC_WRAPPER, *(f"{triple}-{name}" for name in _TRIPLED)]
    names += [f"{before}{name}" for name in _readers(settings) for before in ("", f"{triple}-")]
    names += [f"{prefix}-{name}" for prefix in ("build", "build-shared") for name in _NATIVE]
    for name in names:
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)


def _readers(settings: Mapping[str, JsonValue]) -> list[str]:
    """Return those programs that only tell of files and that the toolchain has; a build finds no others."""
    target = settings["target"]
    assert isinstance(target, dict)
    programs = target["programs"]
    assert isinstance(programs, dict)
    return [name for name in ("objdump", "readelf") if name in programs]
