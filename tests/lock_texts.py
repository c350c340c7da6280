"""Small pylock.toml texts, made from file names; every file lies on https://index.example/."""

from __future__ import annotations

import hashlib

from crosswheel.decide.locks.locks import Lock, LockedFile, parse_pylock
from crosswheel.values.digests import Digest

HEAD = 'lock-version = "1.0"\ncreated-by = "hand"\n'


def sha256(filename: str) -> str:
    """A digest that only this file name has."""
    return hashlib.sha256(filename.encode()).hexdigest()


def entry(filename: str) -> str:
    """The inline table of one file."""
    return f'{{ url = "https://index.example/{filename}", hashes = {{ sha256 = "{sha256(filename)}" }} }}'


def package(name: str, version: str, *files: str, **keys: str) -> str:
    """One ``[[packages]]`` entry; `keys` are further keys with TOML values, ``_`` for ``-``."""
    lines = ["[[packages]]", f'name = "{name}"', f'version = "{version}"']
    lines += [f"{key.replace('_', '-')} = {value}" for key, value in keys.items()]
    wheels = [entry(file) for file in files if file.endswith(".whl")]
    lines += [f"sdist = {entry(file)}" for file in files if not file.endswith(".whl")]
    if wheels:
        lines += [f"wheels = [{', '.join(wheels)}]"]
    return "\n".join(lines) + "\n"


def lock_of(*packages: str, head: str = "") -> Lock:
    """A parsed lock of such entries."""
    return parse_pylock((HEAD + head + "".join(packages)).encode(), name="pylock.toml")


def locked_file(filename: str) -> LockedFile:
    """What `entry` becomes once parsed."""
    return LockedFile(
        filename=filename, sha256=Digest(sha256(filename)), url=f"https://index.example/{filename}"
    )
