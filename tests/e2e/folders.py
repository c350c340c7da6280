"""Compares folders, byte by byte."""

from __future__ import annotations

import filecmp
from pathlib import Path

__all__ = ["folder_differences"]


def folder_differences(first: Path, second: Path) -> list[str]:
    """Return the paths at which two folders differ in names, kinds or bytes; links differ from anything."""
    names = [
        {path.relative_to(root).as_posix(): path for path in root.rglob("*")} for root in (first, second)
    ]
    return [
        name
        for name in sorted(names[0].keys() | names[1].keys())
        if not _same(names[0].get(name), names[1].get(name))
    ]


def _same(first: Path | None, second: Path | None) -> bool:
    if first is None or second is None or first.is_symlink() or second.is_symlink():
        return False
    return first.is_dir() == second.is_dir() and (first.is_dir() or filecmp.cmp(first, second, shallow=False))
