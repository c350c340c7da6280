"""The digest of everything in crosswheel itself that can change the bytes of a built wheel."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from crosswheel.values.digests import Digest

__all__ = ["recipe_digest"]

#: Packages whose source decides what a build yields; a change in any of them makes a new build.
_FOLDERS = (
    "act/building",
    "act/check",
    "act/sysroot",
    "act/target_python",
    "act/wheels",
    "render",
    "target",
    "values",
)
#: What puts a wheel together after its build, and data that the check reads, which decides the tags.
_FILES = ("act/planned_build.py", "toolchains/musl_symbols.json", "toolchains/stable_abi.json")


@cache
def recipe_digest() -> Digest:
    """Return the digest of crosswheel's own source as far as it decides what a build yields.

    It is part of every build's identity in the store, so that a wheel made by an older crosswheel is never
    taken for one this crosswheel would make.
    """
    whole = hashlib.sha256()
    for folder in _FOLDERS:
        for name, data in _sources(files("crosswheel") / folder, folder):
            whole.update(f"{name}\0{len(data)}\0".encode())
            whole.update(data)
    for name in _FILES:
        data = (files("crosswheel") / name).read_bytes()
        whole.update(f"{name}\0{len(data)}\0".encode())
        whole.update(data)
    return Digest(whole.hexdigest())


def _sources(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name != "__pycache__":
            found += _sources(entry, f"{name}/{entry.name}")
        elif entry.is_file():
            found.append((f"{name}/{entry.name}", entry.read_bytes()))
    return found
