"""What a musl target's toolchain has besides zig: a libc to link against that is no newer than the target's.

Why and what it contains: `crosswheel.render.musl_libc`, docs/decisions (link against the target's musl).
"""

from __future__ import annotations

from crosswheel.act.building.zig_library import MUSL_SYMBOLS, zig_library
from crosswheel.render.build_paths import BuildPaths
from crosswheel.render.musl_libc import libc_source_defines, musl_soname
from crosswheel.target.triples import zig_triple
from crosswheel.values.platforms import Linux, Musl, Platform

__all__ = ["libc_command", "libc_library", "musl_of"]


def musl_of(platform: Platform) -> Musl | None:
    """Return the musl of the platform, or ``None``."""
    libc = platform.os.libc if isinstance(platform.os, Linux) else None
    return libc if isinstance(libc, Musl) else None


def libc_library(platform: Platform, paths: BuildPaths) -> str:
    """Return where the libc lies that modules for the platform are linked against; empty where it is zig's own."""
    return f"{paths.cache}/musl/{musl_soname(platform.arch)}" if musl_of(platform) is not None else ""


def libc_command(platform: Platform, paths: BuildPaths) -> list[str]:
    """Return the call of zig that makes `libc_library`."""
    soname = musl_soname(platform.arch)
    return [
        *(f"{paths.zig}/zig", "cc", "-target", zig_triple(platform), "-shared", "-nostdlib", "-g0", "-s"),
        *(f"-D{name}" for name in libc_source_defines(platform.arch)),
        *(f"-Wl,-soname,{soname}", f"{zig_library(paths)}/{MUSL_SYMBOLS}"),
        *("-o", libc_library(platform, paths)),
    ]
