"""Folders that stand for zig's, and what stands in for its own library."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from crosswheel.act.building.zig_library import write_zig_library
from crosswheel.render.build_paths import SANDBOX_PATHS
from crosswheel.values.platforms import Platform

__all__ = ["library_for"]


def library_for(
    platform: Platform, folder: Path, names: Iterable[str], text: str
) -> tuple[Path, dict[str, str]]:
    """Write zig's library for a platform from files of such names, all with one text; return it and where its links lead."""
    zig, toolchain = folder / "zig", folder / "toolchain"
    for name in names:
        file = zig / "lib" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    toolchain.mkdir()
    write_zig_library(toolchain, zig, platform, SANDBOX_PATHS)
    library = toolchain / "zig-lib"
    return library, {
        path.relative_to(library).as_posix(): str(path.readlink())
        for path in library.rglob("*")
        if path.is_symlink()
    }
