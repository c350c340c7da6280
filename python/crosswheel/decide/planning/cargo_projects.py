"""Where in a source tree Rust code is built from, as pyproject.toml and setup.py tell."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from packaging.requirements import Requirement

from .cargo_lock import Crate, crates_of

__all__ = [
    "RUST_BUILDERS",
    "CargoProject",
    "builds_rust",
    "cargo_project",
    "locked_crates",
    "named_manifests",
]

#: Projects that compile Rust while they build, or fetch a compiler for it.
RUST_BUILDERS = frozenset({"maturin", "puccinialin", "setuptools-rust"})

_MANIFEST, _LOCK = "Cargo.toml", "Cargo.lock"
#: Where maturin looks when pyproject.toml names no manifest.
_USUAL_MANIFESTS = (_MANIFEST, f"rust/{_MANIFEST}")
_IN_SETUP = re.compile(r"""["']([^"'\n]*Cargo\.toml)["']""")


@dataclass(frozen=True, kw_only=True, slots=True)
class CargoProject:
    """The Rust part of a source tree.

    Attributes:
        manifests: paths of the ``Cargo.toml`` files that are built, relative to the tree.
        locks: text of each ``Cargo.lock`` that holds for one of them, by path.
        unlocked: those of `manifests` for which there is none.
    """

    manifests: tuple[str, ...] = ()
    locks: Mapping[str, str] = field(default_factory=dict)
    unlocked: tuple[str, ...] = ()


def builds_rust(project: CargoProject, requires: Iterable[str], *, backend: str) -> bool:
    """Return whether a build will compile Rust: a tool for it is required, or crates are locked.

    Args:
        project: the Rust part of the source tree.
        requires: all build requirements (PEP 508).
        backend: the backend's object path.
    """
    if not project.manifests:
        return False
    names = {Requirement(text).name for text in requires} | {backend.partition(":")[0].partition(".")[0]}
    return bool(names & RUST_BUILDERS or project.locks)


def named_manifests(pyproject: Mapping[str, Any], setup: str) -> tuple[str, ...]:
    """Return the manifests that a project names, in no other order than its own.

    Args:
        pyproject: its pyproject.toml; ``[tool.maturin] manifest-path`` and ``[tool.setuptools-rust]`` are read.
        setup: text of its setup.py; strings that end in ``Cargo.toml`` are taken for paths.

    >>> named_manifests({"tool": {"maturin": {"manifest-path": "rust/Cargo.toml"}}}, "")
    ('rust/Cargo.toml',)
    """
    tool = _table(pyproject, "tool")
    found: list[object] = [_table(tool, "maturin").get("manifest-path")]
    for kind in ("ext-modules", "bins"):
        entries = _table(tool, "setuptools-rust").get(kind, [])
        tables = (
            [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
        )
        found += [table.get("path", _MANIFEST) for table in tables]
    found += _IN_SETUP.findall(setup)
    paths = (posixpath.normpath(path) for path in found if isinstance(path, str) and path)
    return tuple(dict.fromkeys(path for path in paths if not path.startswith(("/", ".."))))


def _table(parent: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = parent.get(key)
    return value if isinstance(value, Mapping) else {}


def cargo_project(files: Collection[str], named: Iterable[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the manifests that are built and, for each that has one, the lock that holds for it.

    The lock of a workspace lies beside its root's manifest, hence in a folder above its members'.

    Args:
        files: paths of all ``Cargo.toml`` and ``Cargo.lock`` of the tree.
        named: what `named_manifests` found.

    >>> cargo_project(["Cargo.lock", "Cargo.toml", "a/Cargo.toml"], ["a/Cargo.toml"])
    (('a/Cargo.toml',), {'a/Cargo.toml': 'Cargo.lock'})
    """
    manifests = tuple(path for path in named if path in files)
    manifests = manifests or tuple(path for path in _USUAL_MANIFESTS if path in files)[:1]
    locks: dict[str, str] = {}
    for manifest in manifests:
        folder = posixpath.dirname(manifest)
        while (lock := posixpath.join(folder, _LOCK)) not in files and folder:
            folder = posixpath.dirname(folder)
        if lock in files:
            locks[manifest] = lock
    return manifests, locks


def locked_crates(project: CargoProject, *, wanted_by: str) -> tuple[Crate, ...]:
    """Return the crates that the locks of a project pin, each once, sorted by file name.

    Args:
        project: the Rust part of a source tree.
        wanted_by: the sdist, for messages.

    Raises:
        ResolutionError: a lock names what is not on crates.io.
        InputError: a lock cannot be read.
    """
    found = {
        crate
        for path, text in project.locks.items()
        for crate in crates_of(text.encode(), place=(wanted_by, path))
    }
    return tuple(sorted(found, key=lambda crate: crate.filename))
