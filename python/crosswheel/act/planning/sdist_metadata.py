"""What an sdist says of its build system: read from the archive, remembered in the store."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from crosswheel.act.storage.store import Store
from crosswheel.decide.build_requirements import BuildSystem, build_system_of
from crosswheel.decide.planner import SOURCE_DATE_EPOCH
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import BuildError

__all__ = ["kept_build_system", "read_build_system"]

#: Changes whenever the same archive would be read in another way.
_READING = 1


def kept_build_system(store: Store, sdist: Digest, patches: Sequence[Digest]) -> BuildSystem | None:
    """Return what is remembered of an sdist with these patches applied, or ``None``."""
    value = store.read_record("build-system", _key(sdist, patches))
    if not isinstance(value, Mapping):
        return None
    requires, backend, path = value.get("requires"), value.get("backend"), value.get("backend_path")
    if not isinstance(requires, list) or not isinstance(backend, str) or not isinstance(path, list):
        return None
    return BuildSystem(
        requires=tuple(map(str, requires)), backend=backend, backend_path=tuple(map(str, path))
    )


def read_build_system(
    store: Store, sdist: Path, *, digest: Digest, patches: Sequence[tuple[Path, Digest]]
) -> BuildSystem:
    """Read the build system of an sdist and remember it.

    Args:
        store: for scratch space and the record.
        sdist: the archive.
        digest: its digest.
        patches: patches to apply first, with their digests: they may change pyproject.toml.

    Raises:
        BuildError: the archive cannot be unpacked, or a patch does not apply.
        InputError: its pyproject.toml is wrong.
    """
    from crosswheel.act.building.sdist import unpack_sdist

    with store.scratch() as scratch:
        (scratch / "source").mkdir()
        tree = unpack_sdist(sdist, scratch / "source", source_date_epoch=SOURCE_DATE_EPOCH)
        for patch, _ in patches:
            _apply(patch, tree, sdist.name)
        pyproject = tree / "pyproject.toml"
        system = build_system_of(pyproject.read_bytes() if pyproject.is_file() else None, name=sdist.name)
    record: JsonValue = {
        "requires": list(system.requires),
        "backend": system.backend,
        "backend_path": list(system.backend_path),
    }
    store.write_record("build-system", _key(digest, [own for _, own in patches]), record)
    return system


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
