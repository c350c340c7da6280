"""What the manifests of zig's cache say of the compiler's own files."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from crosswheel.act.building.zig_manifests import fit_manifests

_DIGEST = bytes(range(16))
_OF_ZIG, _FOLDER_OF_ZIG, _OF_CACHE = 4, 5, 12


def entry(path: str, *, inode: int = 7, time: int = 0, flags: int = _OF_ZIG) -> bytes:
    return struct.pack("<QQq", 10, inode, time) + _DIGEST + bytes([flags]) + path.encode() + b"\0"


@pytest.fixture
def zig(tmp_path: Path) -> Path:
    for name in ("a.cpp", "include/a.h"):
        place = tmp_path / "zig" / "lib" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"x" * 10)
        os.utime(place, ns=(5, 5))
    return tmp_path / "zig"


def fitted(manifest: bytes, zig: Path) -> bytes:
    place = zig.parent / "cache" / "h" / "0123"
    place.parent.mkdir(parents=True)
    place.write_bytes(manifest)
    fit_manifests(zig.parent / "cache", zig)
    return place.read_bytes()


def inode(zig: Path, name: str) -> int:
    return (zig / "lib" / name).stat().st_ino


def test_files_of_the_compiler_are_where_it_is_now(zig: Path) -> None:
    others = entry("shared.c", flags=_OF_CACHE) + entry("include", flags=_FOLDER_OF_ZIG)
    before = entry("a.cpp") + others + entry("include/a.h") + b"\0"
    assert fitted(before, zig) == (
        entry("a.cpp", inode=inode(zig, "a.cpp"), time=5)
        + others
        + entry("include/a.h", inode=inode(zig, "include/a.h"), time=5)
        + b"\0"
    )


def test_a_manifest_that_is_true_of_its_source_is_true(zig: Path) -> None:
    before = entry("a.cpp", inode=inode(zig, "a.cpp"), time=5) + entry("include/a.h") + b"\0"
    assert fitted(before, zig) == before


@pytest.mark.parametrize(
    "manifest",
    [b"", b"\0", b"warm", entry("a.cpp")[:-8], entry("a.cpp") + b"x" * 60, entry("gone.cpp") + b"\0"],
    ids=["empty", "no file", "text", "cut off", "no end", "another compiler's"],
)
def test_what_is_no_manifest_of_the_compiler_is_left_alone(manifest: bytes, zig: Path) -> None:
    assert fitted(manifest, zig) == manifest


def test_a_cache_without_manifests_is_left_alone(zig: Path) -> None:
    fit_manifests(zig.parent / "none", zig)
    assert not (zig.parent / "none").exists()
