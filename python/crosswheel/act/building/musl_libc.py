"""What a musl target's toolchain has besides zig: a libc to link against that is no newer than the target's.

Why and what it contains: `crosswheel.render.musl_libc`, docs/decisions (link against the target's musl).
"""

from __future__ import annotations

from pathlib import Path, PurePath

from crosswheel.render.build_paths import BuildPaths
from crosswheel.render.musl_libc import libc_source, libc_source_defines, musl_soname
from crosswheel.target.musl_symbols import newer_symbols
from crosswheel.target.triples import zig_triple
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Linux, Musl, Platform

__all__ = ["libc_command", "libc_library", "musl_facts", "musl_of", "write_zig_library", "zig_library"]

#: zig's list of musl's symbols, below its ``lib``.
_SOURCE = "libc/musl/libc.S"


def musl_of(platform: Platform) -> Musl | None:
    """Return the musl of the platform, or ``None``."""
    libc = platform.os.libc if isinstance(platform.os, Linux) else None
    return libc if isinstance(libc, Musl) else None


def libc_library(platform: Platform, paths: BuildPaths) -> str:
    """Return where the libc lies that modules for the platform are linked against; empty where it is zig's own."""
    return f"{paths.cache}/musl/{musl_soname(platform.arch)}" if musl_of(platform) is not None else ""


def zig_library(paths: BuildPaths) -> str:
    """Return where zig's own ``lib`` stands in, for musl targets."""
    return f"{paths.toolchain}/zig-lib"


def musl_facts(platform: Platform) -> list[JsonValue]:
    """Return what the runtime libraries of a musl platform depend on besides zig and its target's name."""
    musl = musl_of(platform)
    return (
        []
        if musl is None
        else ["musl", f"{musl.major}.{musl.minor}", newer_symbols((musl.major, musl.minor))]
    )


def write_zig_library(destination: Path, zig: Path, platform: Platform, paths: BuildPaths) -> None:
    """Write, for a musl platform, what zig takes for its own ``lib``: the same but for one file of it.

    Args:
        destination: the folder seen as `BuildPaths.toolchain`.
        zig: the folder of the zig toolchain.
        platform: what is compiled for; nothing is written for one that has another libc.
        paths: where things stand.

    Raises:
        InputError: the toolchain is no zig.
    """
    musl = musl_of(platform)
    source = zig / "lib" / _SOURCE
    if musl is None:
        return
    if not source.is_file():
        raise InputError(
            "use toolchain",
            zig.name,
            why=f"it has no lib/{_SOURCE}, which the libc of musl targets is made from",
            fix="take the zig that the plan names",
        )
    own, place = zig / "lib", destination / PurePath(zig_library(paths)).name
    for part in Path(_SOURCE).parts:
        place.mkdir(parents=True)
        for entry in sorted(own.iterdir()):
            if entry.name != part:
                inside = entry.relative_to(zig).as_posix()
                (place / entry.name).symlink_to(f"{paths.zig}/{inside}")
        own, place = own / part, place / part
    place.write_text(libc_source(source.read_text("utf-8"), (musl.major, musl.minor)), "utf-8")


def libc_command(platform: Platform, paths: BuildPaths) -> list[str]:
    """Return the call of zig that makes `libc_library`."""
    soname = musl_soname(platform.arch)
    return [
        *(f"{paths.zig}/zig", "cc", "-target", zig_triple(platform), "-shared", "-nostdlib", "-g0", "-s"),
        *(f"-D{name}" for name in libc_source_defines(platform.arch)),
        *(f"-Wl,-soname,{soname}", f"{zig_library(paths)}/{_SOURCE}"),
        *("-o", libc_library(platform, paths)),
    ]
