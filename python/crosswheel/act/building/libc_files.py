"""Where CMake finds the target's C library: files that stand for its libraries, and links to zig's headers of it.

Which they are: `crosswheel.render.libc_files`; why: docs/decisions (CMake).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path, PurePath

from crosswheel.render.build_paths import BuildPaths
from crosswheel.render.libc_files import libc_library_files, windows_definitions, zig_header_folders
from crosswheel.render.python_config import EMPTY_ARCHIVE
from crosswheel.render.sysroot_libraries import COMPILERS_OWN
from crosswheel.values.platforms import Platform

__all__ = ["write_libc_files"]


def write_libc_files(
    destination: Path, zig: Path, platform: Platform, paths: BuildPaths, *, headers: bool
) -> None:
    """Write the folder seen as `BuildPaths.libc`.

    Args:
        destination: the folder seen as `BuildPaths.toolchain`.
        zig: the folder of the zig toolchain.
        platform: what is compiled for.
        paths: where things stand.
        headers: whether zig's are those that are compiled with.
    """
    prefix = destination / PurePath(paths.libc).relative_to(paths.toolchain)
    libraries = prefix / "lib"
    (libraries / COMPILERS_OWN).mkdir(parents=True)
    (libraries / COMPILERS_OWN / "libgcc.a").write_bytes(EMPTY_ARCHIVE)
    definitions = [zig / "lib" / folder for folder in windows_definitions(platform)]
    names = sorted(file.name for folder in definitions if folder.is_dir() for file in folder.iterdir())
    for name, text in libc_library_files(platform, names).items():
        (libraries / name).write_text(text)
    found = [f"lib/{folder}" for folder in zig_header_folders(platform) if (zig / "lib" / folder).is_dir()]
    if headers and found:
        _link(prefix / "include", found, zig, paths.zig)


def _link(place: Path, sources: Sequence[str], zig: Path, seen: str) -> None:
    """Make `place` hold what the folders `sources` of `zig` do, which is seen as `seen`; the first of a name counts."""
    if len(sources) == 1:
        place.symlink_to(f"{seen}/{sources[0]}")
        return
    place.mkdir()
    entries: dict[str, list[str]] = {}
    for source in sources:
        for name in sorted(os.listdir(zig / source)):  # noqa: PTH208 # names only
            entries.setdefault(name, []).append(f"{source}/{name}")
    for name, paths in entries.items():
        folders = [path for path in paths if (zig / path).is_dir()]
        if folders and folders[0] == paths[0]:
            _link(place / name, folders, zig, seen)
        else:
            (place / name).symlink_to(f"{seen}/{paths[0]}")
