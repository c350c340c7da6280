"""What zig takes for its own ``lib`` where its list of the C library's symbols is of a newer system than the target's.

Mach-O and musl have no symbol versions; what is left out of these lists, no link finds: `crosswheel.render.musl_libc` and
`crosswheel.render.macos_libc`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath

from crosswheel.render.build_paths import BuildPaths
from crosswheel.render.macos_libc import system_stub
from crosswheel.render.musl_libc import libc_source
from crosswheel.target.macos_symbols import newer_macos_symbols
from crosswheel.target.musl_symbols import newer_symbols
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Linux, MacOs, Musl, Platform

__all__ = ["MUSL_SYMBOLS", "library_facts", "library_variables", "write_zig_library", "zig_library"]

#: zig's list of musl's symbols, below its ``lib``.
MUSL_SYMBOLS = "libc/musl/libc.S"
#: The same of macOS.
_MACOS_SYMBOLS = "libc/darwin/libSystem.tbd"


def _list_of(
    platform: Platform,
) -> tuple[str, Callable[[str, tuple[int, int]], str], tuple[int, int], list[str]] | None:
    """Return where the list is, what narrows it, to which version, and which symbols that leaves out."""
    match platform.os:
        case Linux(libc=Musl(major=major, minor=minor)):
            return MUSL_SYMBOLS, libc_source, (major, minor), newer_symbols((major, minor))
        case MacOs(major=major, minor=minor):
            return _MACOS_SYMBOLS, system_stub, (major, minor), newer_macos_symbols((major, minor))
        case _:
            return None


def zig_library(paths: BuildPaths) -> str:
    """Return where zig's own ``lib`` stands in, for musl and macOS targets."""
    return f"{paths.toolchain}/zig-lib"


def library_variables(platform: Platform, paths: BuildPaths) -> dict[str, JsonValue]:
    """Return the variables that make zig take it."""
    return {} if _list_of(platform) is None else {"ZIG_LIB_DIR": zig_library(paths)}


def library_facts(platform: Platform) -> list[JsonValue]:
    """Return what the runtime libraries of a platform depend on besides zig and its target's name."""
    found = _list_of(platform)
    if found is None:
        return []
    _, _, (major, minor), newer = found
    word = "macos" if isinstance(platform.os, MacOs) else "musl"
    return [word, f"{major}.{minor}", [*newer]]


def write_zig_library(destination: Path, zig: Path, platform: Platform, paths: BuildPaths) -> None:
    """Write, for a musl or macOS platform, what zig takes for its own ``lib``: the same but for one file of it.

    Args:
        destination: the folder seen as `BuildPaths.toolchain`.
        zig: the folder of the zig toolchain.
        platform: what is compiled for; nothing is written for one that has another libc.
        paths: where things stand.

    Raises:
        InputError: the toolchain is no zig.
    """
    found = _list_of(platform)
    if found is None:
        return
    name, narrow, version, _ = found
    source = zig / "lib" / name
    if not source.is_file():
        raise InputError(
            "use toolchain",
            zig.name,
            why=f"it has no lib/{name}, which tells what the target's C library has",
            fix="take the zig that the plan names",
        )
    own, place = zig / "lib", destination / PurePath(zig_library(paths)).name
    for part in Path(name).parts:
        place.mkdir(parents=True)
        for entry in sorted(own.iterdir()):
            if entry.name != part:
                inside = entry.relative_to(zig).as_posix()
                (place / entry.name).symlink_to(f"{paths.zig}/{inside}")
        own, place = own / part, place / part
    place.write_text(narrow(source.read_text("utf-8"), version), "utf-8")
