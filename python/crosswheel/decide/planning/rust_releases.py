"""Releases of Rust, and which of their files one build needs: compiler, cargo, the standard libraries.

A release is what the distribution's channel manifest says of it
(https://forge.rust-lang.org/infra/channel-layout.html); the one crosswheel ships is a short table of the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crosswheel.decide.plans.plan import Artifact
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError, ResolutionError

__all__ = [
    "DISTRIBUTION",
    "RustRelease",
    "components_for",
    "manifest_url",
    "release_of_manifest",
    "release_of_table",
]

#: Where Rust's official distribution is.
DISTRIBUTION = "https://static.rust-lang.org/dist"

_COMPILER = ("cargo", "rustc")
_STANDARD_LIBRARY = "rust-std"


@dataclass(frozen=True, kw_only=True, slots=True)
class RustRelease:
    """One release.

    Attributes:
        version: e.g. ``1.95.0``.
        files: address and SHA-256 by component (``rustc``, ``cargo``, ``rust-std``) and Rust target.
    """

    version: str
    files: Mapping[tuple[str, str], tuple[str, Digest]]

    def targets(self, component: str) -> tuple[str, ...]:
        """Return the Rust targets a component is there for, sorted."""
        return tuple(sorted(target for name, target in self.files if name == component))


def manifest_url(version: str) -> str:
    """Return where the manifest of a release is."""
    return f"{DISTRIBUTION}/channel-rust-{version}.toml"


def release_of_table(table: Mapping[str, Any]) -> RustRelease:
    """Return the release that ``toolchains/rust.json`` holds."""
    version, folder = str(table["release"]), str(table["folder"])
    known = [
        (component, target, sha256)
        for target, components in table["compilers"].items()
        for component, sha256 in components.items()
    ]
    known += [(_STANDARD_LIBRARY, target, sha256) for target, sha256 in table["standard_libraries"].items()]
    return RustRelease(
        version=version,
        files={
            (component, target): (f"{folder}/{component}-{version}-{target}.tar.xz", Digest(sha256))
            for component, target, sha256 in known
        },
    )


def release_of_manifest(manifest: Mapping[str, Any], *, version: str) -> RustRelease:
    """Return the release that a channel manifest describes.

    Args:
        manifest: the manifest, parsed.
        version: the release it was asked for.

    Raises:
        InputError: it is no manifest of that release.
    """
    packages = manifest.get("pkg")
    if manifest.get("manifest-version") != "2" or not isinstance(packages, Mapping):
        raise InputError(
            "read the manifest of Rust",
            version,
            why="it is no channel manifest of version 2",
            fix="make the mirror serve the original file",
        )
    files: dict[tuple[str, str], tuple[str, Digest]] = {}
    for component in (*_COMPILER, _STANDARD_LIBRARY):
        for target, entry in packages.get(component, {}).get("target", {}).items():
            if entry.get("available") and "xz_url" in entry and "xz_hash" in entry:
                files[component, target] = (str(entry["xz_url"]), Digest(str(entry["xz_hash"])))
    return RustRelease(version=version, files=files)


def components_for(release: RustRelease, *, build: str, target: str) -> tuple[Artifact, ...]:
    """Return the files of a release that one build needs, sorted by name.

    Args:
        release: the release.
        build: Rust target of the build platform.
        target: Rust target that is built for.

    Raises:
        ResolutionError: the release has no compiler, or no standard library, for one of them.
    """
    wanted = [*((component, build) for component in _COMPILER), (_STANDARD_LIBRARY, build)]
    if target != build:
        wanted.append((_STANDARD_LIBRARY, target))
    missing = [one for one in wanted if one not in release.files]
    if missing:
        component, triple = missing[0]
        kind = "standard library" if component == _STANDARD_LIBRARY else "compiler"
        raise ResolutionError(
            f"choose Rust {kind} for",
            triple,
            why=f"Rust {release.version} has it only for {', '.join(release.targets(component))}",
            fix="name another release, or a toolchain of your own that has it, with 'rust' in [tool.crosswheel]",
        )
    found = (release.files[one] for one in wanted)
    artifacts = [Artifact(sha256=digest, filename=url.rpartition("/")[2], url=url) for url, digest in found]
    return tuple(sorted(artifacts, key=lambda artifact: artifact.filename))
