"""What an sdist says of its build system, its Rust code and its Meson wraps: read from the archive, remembered in the store."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crosswheel.act.storage.store import Store
from crosswheel.decide.configuration.downloads import Download
from crosswheel.decide.planning.build_requirements import BuildSystem, build_system_of
from crosswheel.decide.planning.cargo_projects import CargoProject, cargo_project, named_manifests
from crosswheel.decide.planning.meson_wraps import wrap_downloads
from crosswheel.decide.planning.planner import SOURCE_DATE_EPOCH
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import BuildError
from crosswheel.values.toml_text import parse_toml

__all__ = ["SourceFacts", "kept_source_facts", "read_source_facts", "unpack_patched"]

#: Changes whenever the same archive would be read in another way.
_READING = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFacts:
    """What planning reads from a source tree.

    Attributes:
        system: the build system.
        cargo: the Rust part; empty when there is none.
        wraps: what its Meson wraps download.
    """

    system: BuildSystem
    cargo: CargoProject = field(default_factory=CargoProject)
    wraps: tuple[Download, ...] = ()


def kept_source_facts(store: Store, sdist: Digest, patches: Sequence[Digest]) -> SourceFacts | None:
    """Return what is remembered of an sdist with these patches applied, or ``None``."""
    value = store.read_record("build-system", _key(sdist, patches))
    if not isinstance(value, Mapping):
        return None
    requires, backend, path = value.get("requires"), value.get("backend"), value.get("backend_path")
    if not isinstance(requires, list) or not isinstance(backend, str) or not isinstance(path, list):
        return None
    system = BuildSystem(
        requires=tuple(map(str, requires)), backend=backend, backend_path=tuple(map(str, path))
    )
    return SourceFacts(
        system=system, cargo=_kept_cargo(value.get("cargo")), wraps=_kept_wraps(value.get("wraps"))
    )


def _kept_cargo(value: JsonValue) -> CargoProject:
    if not isinstance(value, Mapping):
        return CargoProject()
    manifests, locks, unlocked = value.get("manifests"), value.get("locks"), value.get("unlocked")
    if not isinstance(manifests, list) or not isinstance(locks, Mapping) or not isinstance(unlocked, list):
        return CargoProject()
    return CargoProject(
        manifests=tuple(map(str, manifests)),
        locks={path: str(text) for path, text in locks.items()},
        unlocked=tuple(map(str, unlocked)),
    )


def _kept_wraps(value: JsonValue) -> tuple[Download, ...]:
    tables = value if isinstance(value, list) else ()
    return tuple(
        Download(url=str(table["url"]), sha256=Digest(str(table["sha256"])), filename=str(table["filename"]))
        for table in tables
        if isinstance(table, Mapping)
    )


def read_source_facts(
    store: Store, sdist: Path, *, digest: Digest, patches: Sequence[tuple[Path, Digest]]
) -> SourceFacts:
    """Read the build system, the Rust part and the Meson wraps of an sdist and remember them.

    Args:
        store: for scratch space and the record.
        sdist: the archive.
        digest: its digest.
        patches: patches to apply first, with their digests: they may change pyproject.toml, or add a Cargo.lock.

    Raises:
        BuildError: the archive cannot be unpacked, or a patch does not apply.
        InputError: its pyproject.toml is wrong.
    """
    with store.scratch() as scratch:
        tree = unpack_patched(sdist, scratch, patches)
        pyproject = _bytes_of(tree / "pyproject.toml")
        system = build_system_of(pyproject, name=sdist.name)
        cargo = _cargo_of(tree, pyproject)
        wraps = _wraps_of(tree / "subprojects")
    record: dict[str, JsonValue] = {
        "requires": list(system.requires),
        "backend": system.backend,
        "backend_path": list(system.backend_path),
    }
    if cargo.manifests:
        record["cargo"] = {
            "manifests": list(cargo.manifests),
            "locks": dict(cargo.locks),
            "unlocked": list(cargo.unlocked),
        }
    if wraps:
        record["wraps"] = [
            {"url": one.url, "sha256": one.sha256.hex, "filename": one.filename} for one in wraps
        ]
    store.write_record("build-system", _key(digest, [own for _, own in patches]), record)
    return SourceFacts(system=system, cargo=cargo, wraps=wraps)


def unpack_patched(sdist: Path, scratch: Path, patches: Sequence[tuple[Path, Digest]]) -> Path:
    """Return the source tree of `sdist`, unpacked below the empty folder `scratch`, with `patches` applied.

    Raises:
        BuildError: the archive cannot be unpacked, or a patch does not apply.
    """
    from crosswheel.act.building.sdist import unpack_sdist

    (scratch / "source").mkdir()
    tree = unpack_sdist(sdist, scratch / "source", source_date_epoch=SOURCE_DATE_EPOCH)
    for patch, _ in patches:
        _apply(patch, tree, sdist.name)
    return tree


def _bytes_of(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _cargo_of(tree: Path, pyproject: bytes | None) -> CargoProject:
    files = [
        Path(root, name).relative_to(tree).as_posix()
        for root, _, names in os.walk(tree)
        for name in names
        if name in {"Cargo.toml", "Cargo.lock"}
    ]
    if not files:
        return CargoProject()
    setup = (_bytes_of(tree / "setup.py") or b"").decode(errors="replace")
    document = parse_toml(pyproject) if pyproject is not None else {}
    manifests, locks = cargo_project(files, named_manifests(document, setup))
    return CargoProject(
        manifests=manifests,
        locks={lock: (tree / lock).read_text("utf-8", "replace") for lock in sorted(set(locks.values()))},
        unlocked=tuple(manifest for manifest in manifests if manifest not in locks),
    )


def _wraps_of(subprojects: Path) -> tuple[Download, ...]:
    if not subprojects.is_dir():
        return ()
    present = {
        path.relative_to(subprojects).as_posix()
        for pattern in ("*", "packagecache/*")
        for path in subprojects.glob(pattern)
    }
    texts = {
        path.stem: path.read_text("utf-8", "replace") for path in subprojects.glob("*.wrap") if path.is_file()
    }
    return wrap_downloads(texts, present)


def _apply(patch: Path, tree: Path, name: str) -> None:
    done = subprocess.run(
        ["patch", "-p1", "--batch", "--forward", "--no-backup-if-mismatch", "-i", str(patch.absolute())],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(
            "apply patch",
            patch.name,
            why=f"it does not apply to {name}",
            fix="make the patch against this release",
            details=done.stdout.splitlines(),
        )


def _key(sdist: Digest, patches: Sequence[Digest]) -> Digest:
    return digest_of_json(
        {"reading": _READING, "sdist": sdist.hex, "patches": [patch.hex for patch in patches]}
    )
