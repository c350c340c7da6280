"""Where the parts of a toolchain are that the user names by one path: a compiler, or a folder of a known layout."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

from crosswheel.act.planning.compiler_questions import Compiler, read_compiler
from crosswheel.act.planning.located_toolchain import LocatedToolchain, programs_beside
from crosswheel.act.planning.vendor_toolchains import (
    android_ndk,
    emscripten_sdk,
    is_android_ndk,
    is_emscripten_sdk,
)
from crosswheel.decide.configuration.toolchain_source import ToolchainSource
from crosswheel.decide.plans.toolchain_pin import TOOLS
from crosswheel.target.targets import Target
from crosswheel.target.triples import gnu_triple
from crosswheel.values.errors import InputError

__all__ = ["locate_toolchain"]

_LAYOUTS = (
    "a compiler (bin/aarch64-linux-gnu-gcc, bin/clang), a folder with bin/TRIPLE-gcc, an Android NDK "
    "(with toolchains/llvm/prebuilt) or an emsdk (with upstream/emscripten)"
)


def locate_toolchain(source: ToolchainSource, target: Target, *, base: Path) -> LocatedToolchain:
    """Return the toolchain that `source` means for a target.

    Args:
        source: as the user names it.
        target: what it shall compile for.
        base: the folder that relative paths start from.

    Raises:
        InputError: there is no such toolchain, it lacks a program, or it is not for such a target.
    """
    if source.folder is not None:
        folder = base / source.folder
        if not folder.is_dir():
            raise _missing(source.folder, "there is no such folder", "give the toolchain's own folder")
        found = _of_folder(folder, source, target)
    else:
        path = _path(source.path, base)
        if is_android_ndk(path):
            found = android_ndk(path, target)
        elif is_emscripten_sdk(path):
            found = emscripten_sdk(path, target)
        elif path.is_dir():
            found = _of_folder(path, replace(source, path=_compiler_in(path), inputs=()), target)
        else:
            found = _of_program(path, source, target)
    return _completed(found, source, base)


def _missing(path: str, why: str, fix: str) -> InputError:
    return InputError("use toolchain", path, why=why, fix=fix)


def _path(text: str, base: Path) -> Path:
    """Return a path as it is meant: relative to `base`, or a program on PATH."""
    path = base / text
    if not path.exists() and "/" not in text and (found := shutil.which(text)) is not None:
        return Path(found)
    if not path.exists():
        raise _missing(text, "there is no such file or folder", f"give {_LAYOUTS}")
    return path


def _compiler_in(folder: Path) -> str:
    """Return the one compiler in ``bin`` of a folder, relative to it."""
    programs = sorted(path.name for path in (folder / "bin").glob("*-gcc"))
    programs = programs or [name for name in ("clang",) if (folder / "bin" / name).is_file()]
    if len(programs) == 1:
        return f"bin/{programs[0]}"
    why = f"its bin has {', '.join(programs)}" if programs else "its bin has no TRIPLE-gcc and no clang"
    raise _missing(str(folder), why, f"give {_LAYOUTS}")


def _of_folder(folder: Path, source: ToolchainSource, target: Target) -> LocatedToolchain:
    """Return a toolchain whose folder is named: all of it, or the inputs said."""
    program = folder / source.path
    if not program.is_file():
        raise _missing(
            source.path, f"{folder} has no such file", "give the compiler's path relative to the folder"
        )
    compiler = read_compiler(program, folder)
    return _described(compiler, source, target, folder, source.inputs, program)


def _of_program(path: Path, source: ToolchainSource, target: Target) -> LocatedToolchain:
    """Return a toolchain of which the compiler alone is named, for example a distribution's."""
    program = Path(os.path.realpath(path))
    own = program.parent.parent if program.parent.name == "bin" else program.parent
    # A distribution's linker scripts name files below /usr, so that folder's parent is the root.
    folder = own.parent if own.name == "usr" else own
    compiler = read_compiler(program, folder)
    _refuse_machines_own(program, compiler)
    programs = programs_beside(folder, program, compiler.family)
    inputs = {os.path.relpath(part, folder) for part in compiler.parts}
    if any(path.split("/")[0] == ".." for path in inputs):
        raise _missing(
            str(path),
            f"it reads {', '.join(compiler.parts)}, and these are not all below {folder}",
            "name the folder that has all its parts (folder in [tool.crosswheel.toolchains])",
        )
    inputs |= {*programs.values(), *source.inputs}
    return _described(compiler, source, target, folder, tuple(sorted(inputs)), program)


def _described(
    compiler: Compiler,
    source: ToolchainSource,
    target: Target,
    folder: Path,
    inputs: tuple[str, ...],
    program: Path,
) -> LocatedToolchain:
    programs = programs_beside(folder, program, compiler.family)
    # Clang would look for GNU's linker on PATH.
    said = (*source.options, *source.link_options)
    linker = compiler.family == "clang" and "ld" in programs
    linker = linker and not any(option.startswith(("-fuse-ld=", "--ld-path=")) for option in said)
    return LocatedToolchain(
        family=compiler.family,
        version=compiler.version,
        folder=folder,
        inputs=inputs,
        programs=programs,
        options=_options(compiler, source, target),
        link_options=("-fuse-ld=lld",) if linker else (),
    )


def _options(compiler: Compiler, source: ToolchainSource, target: Target) -> tuple[str, ...]:
    """Return what a compiler must be told that nobody said: where its root is, and what it shall compile for.

    A sysroot ``/`` is the machine's own root unless said otherwise, and its headers would be found.
    """
    rooted = compiler.sysroot == "/" and source.sysroot is None
    told = any(option.startswith("--target=") for option in (*source.options, *source.c_options))
    aimed = compiler.family == "clang" and not told
    return (
        *(("--sysroot={folder}",) if rooted else ()),
        *((f"--target={gnu_triple(target.platform)}",) if aimed else ()),
    )


def _refuse_machines_own(program: Path, compiler: Compiler) -> None:
    if f"/usr/lib/gcc/{compiler.triple}" in compiler.parts:
        raise _missing(
            str(program),
            "it is this machine's own compiler, whose headers and libraries are among everything else's",
            "name a cross compiler, which has folders of its own",
        )


def _completed(found: LocatedToolchain, source: ToolchainSource, base: Path) -> LocatedToolchain:
    """Return a toolchain with all that the user said beyond its place."""
    sysroot = found.sysroot
    options = found.options
    if source.sysroot is not None:
        sysroot = base / source.sysroot
        if not sysroot.is_dir():
            raise InputError(
                "use sysroot",
                source.sysroot,
                why="there is no such folder",
                fix="give the folder that has usr/include and usr/lib of the target",
            )
        options = ("--sysroot={sysroot}", *options)
    programs = {**found.programs, **source.programs}
    inputs = found.inputs and tuple(sorted({*found.inputs, *source.programs.values()}))
    if lacking := [tool for tool in TOOLS[:3] if tool not in programs]:
        raise _missing(
            source.path,
            f"there is no {' and no '.join(lacking)} beside it",
            "install what is missing (of GNU's: binutils for that target; of LLVM's: llvm), or name it in programs",
        )
    return replace(
        found,
        sysroot=sysroot,
        programs=programs,
        inputs=inputs,
        options=(*options, *source.options),
        c_options=source.c_options,
        cxx_options=source.cxx_options,
        link_options=(*found.link_options, *source.link_options),
        environment={**found.environment, **source.environment},
    )
