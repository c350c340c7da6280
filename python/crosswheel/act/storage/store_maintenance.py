"""Keeping the store: how much it holds, what of it is damaged, and throwing away what is old.

Knows nothing of what the entries are for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.storage.file_locks import remove_tree
from crosswheel.act.storage.store import Store, digest_of_file

__all__ = ["PruneSummary", "StoreSize", "is_there", "prune", "store_size", "verify"]

_SECTIONS = ("artifacts", "trees", "records", "partial", "scratch")


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreSize:
    """What one section of the store holds: entries, and bytes on disk (hard links counted once)."""

    section: str
    entries: int
    bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PruneSummary:
    """What `prune` removed."""

    entries: int
    bytes: int


def is_there(store: Store) -> bool:
    """Tell whether there is a store at all: one that nothing was put into yet is none, and nothing is wrong with that.

    Raises:
        StoreError: the store cannot be used.
    """
    store.refuse_unusable()
    return store.folder.is_dir()


def store_size(store: Store) -> tuple[StoreSize, ...]:
    """Return the size of each section, in a fixed order.

    Raises:
        StoreError: the store cannot be used.
    """
    store.refuse_unusable()
    sizes = []
    for section in _SECTIONS:
        entries = list(_entries(store, section))
        sizes.append(
            StoreSize(section=section, entries=len(entries), bytes=sum(_bytes_of(entry) for entry in entries))
        )
    return tuple(sizes)


def prune(store: Store, *, older_than_days: float | None) -> PruneSummary:
    """Remove the entries not used for `older_than_days`, or all when it is ``None``.

    Use is noted once a day, so an entry may be up to a day younger than it looks.

    Raises:
        StoreError: the store cannot be used, or another run uses it.
    """
    if not is_there(store):
        return PruneSummary(entries=0, bytes=0)
    limit = None if older_than_days is None else time.time() - older_than_days * 86_400
    removed = freed = 0
    with store.alone(), store.scratch() as scratch:
        for section in _SECTIONS:
            for entry in list(_entries(store, section)):
                if entry == scratch or (limit is not None and entry.stat().st_mtime >= limit):
                    continue
                size = _bytes_of(entry)
                _remove(entry, scratch)
                removed, freed = removed + 1, freed + size
        if limit is None:
            remove_tree(store.folder / "locks")
    return PruneSummary(entries=removed, bytes=freed)


def verify(store: Store) -> tuple[Path, ...]:
    """Read every artifact, drop those whose content is not their digest, and return them.

    Raises:
        StoreError: the store cannot be used.
    """
    store.refuse_unusable()
    damaged = []
    for entry in list(_entries(store, "artifacts")):
        files = [path for path in entry.rglob("*") if path.is_file()]
        if not files or any(digest_of_file(path).hex != entry.name for path in files):
            damaged.append(entry)
            with store.lock("damage"), store.scratch() as scratch:
                _remove(entry, scratch)
    return tuple(damaged)


def _entries(store: Store, section: str) -> Iterator[Path]:
    # Depth of an entry below its section, see the layout in docs/reference/cache.md.
    depth = {"artifacts": 2, "trees": 3, "records": 3}.get(section, 1)
    return (path for path in (store.folder / section).glob("/".join("*" * depth)))


def _remove(entry: Path, scratch: Path) -> None:
    """Take `entry` out of the store in one step, then delete it: nobody sees half of it."""
    away = scratch / entry.name
    with suppress(FileNotFoundError):
        if entry.is_dir():
            entry.chmod(0o755)  # a read-only folder cannot be moved
        entry.rename(away)
        remove_tree(away)


def _bytes_of(entry: Path) -> int:
    seen: set[int] = set()
    total = 0
    paths = (
        [entry]
        if entry.is_file()
        else (Path(folder, name) for folder, _, names in os.walk(entry) for name in names)
    )
    for path in paths:
        with suppress(FileNotFoundError):
            status = path.lstat()
            if status.st_ino not in seen:
                seen.add(status.st_ino)
                total += status.st_blocks * 512
    return total
