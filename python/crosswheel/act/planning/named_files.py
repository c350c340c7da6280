"""Digests of the files and folders that a request names beside the lock: what they hold is an input of the plan."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from crosswheel.act.storage.store import digest_of_file
from crosswheel.decide.configuration.headers_sources import headers_place
from crosswheel.decide.configuration.policy_model import PackagePolicy, Policy
from crosswheel.values.canonical_json import digest_of_json
from crosswheel.values.digests import Digest

__all__ = ["configured_files", "configured_patches", "content_digest", "contents"]


def configured_files(policy: Policy) -> frozenset[str]:
    """Return the paths that a configuration gives, patches apart: folders of libraries, Rust's archive, headers."""
    folders = {one.sysroot[0] for one in _policies(policy) if one.sysroot_folder and one.sysroot}
    rust = set() if policy.rust is None else {policy.rust}
    return frozenset(folders | rust | set(map(headers_place, policy.headers)))


def configured_patches(policy: Policy) -> frozenset[str]:
    """Return the paths of the patches that a configuration gives."""
    return frozenset(path for one in _policies(policy) for path in one.patches)


def _policies(policy: Policy) -> Iterator[PackagePolicy]:
    for entry in policy.packages:
        yield from (entry.policy, *entry.targets.values())


def contents(names: Iterable[str], folder: Path) -> Mapping[str, str]:
    """Return by name the digest of what lies there; names below `folder` where nothing lies are left out.

    Args:
        names: paths, or words and URLs that are none.
        folder: what paths are relative to.
    """
    found = ((name, content_digest(folder / name)) for name in sorted(names))
    return {name: digest.hex for name, digest in found if digest is not None}


def content_digest(path: Path) -> Digest | None:
    """Return the digest of a file, or of every name, link and file below a folder; ``None`` if there is neither."""
    try:
        if path.is_file():
            return digest_of_file(path)
        if not path.is_dir():
            return None
    except OSError:  # a URL or a word too long for a path
        return None
    listed = {
        one.relative_to(path).as_posix(): (
            f"link {os.readlink(one)}" if one.is_symlink() else digest_of_file(one).hex  # noqa: PTH115
        )
        for one in path.rglob("*")
        if one.is_symlink() or one.is_file()
    }
    return digest_of_json(listed)
