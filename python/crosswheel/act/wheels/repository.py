"""Wheel repositories: the wheels of one target as a folder that pip and uv install from unchanged.

What is in the folder: docs/guides/use-the-repository.md. The texts come from `repository_pages`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from crosswheel.act.storage.output_directory import OutputKind, set_plain_modes
from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.act.wheels import repository_pages as pages
from crosswheel.act.wheels.repository_pages import RepositoryFile
from crosswheel.act.wheels.wheel_archive import WheelArchive
from crosswheel.act.wheels.wheel_files import find_dist_info
from crosswheel.decide.documents.json_fields import Faults, Fields
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.errors import CheckError, CrosswheelError, InputError, StoreError, raise_faults

__all__ = [
    "MANIFEST",
    "REPOSITORY",
    "Repository",
    "RepositoryWheel",
    "is_current",
    "read_repository",
    "repositories_below",
    "repository_state",
    "write_repository",
]

#: File that says what a repository holds, and that the folder is ours to replace.
MANIFEST = "manifest.json"
REPOSITORY = OutputKind(thing="wheel repository", marker=MANIFEST)
_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class RepositoryWheel:
    """A wheel to put into a repository: where it lies, its digest, and ``prebuilt`` or ``built``."""

    path: Path
    sha256: Digest
    origin: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Repository:
    """A repository found on disk: its target, the plan it is of, and its wheels in order."""

    target: Target
    plan_digest: Digest
    wheels: tuple[RepositoryWheel, ...]


def write_repository(
    destination: Path, *, target: Target, wheels: Sequence[RepositoryWheel], plan_digest: Digest
) -> None:
    """Write the repository of `target` to `destination`, in one step; the same wheels make the same bytes.

    Args:
        destination: the folder; replaced if it is an earlier repository of ours or empty.
        target: whose wheels they are.
        wheels: the wheels, already checked.
        plan_digest: digest of the plan they are of; what `is_current` compares.

    Raises:
        CheckError: a wheel has no readable metadata or a wrong file name.
        OutputError: `destination` is not ours to replace, or cannot be written.
        StoreError: the content of a wheel is not its digest's.
    """
    described: list[tuple[RepositoryFile, RepositoryWheel, bytes]] = []
    faults: list[CheckError] = []
    for wheel in wheels:
        try:
            described.append(_describe(wheel))
        except CheckError as error:
            faults.append(error)
    raise_faults(faults)
    described.sort(key=lambda entry: (entry[0].project, entry[0].filename))
    with REPOSITORY.replaced(destination) as root:
        for file, wheel, metadata in described:
            if _copy(wheel.path, root / file.filename) != wheel.sha256:
                raise _damaged(wheel)
            (root / f"{file.filename}.metadata").write_bytes(metadata)
        for place, text in _texts(target, plan_digest, [file for file, _, _ in described]).items():
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (root / place).write_bytes(text)
        set_plain_modes(root)


def _copy(source: Path, destination: Path) -> Digest:
    """Copy a file and return the digest of the very bytes that were written."""
    digest = hashlib.sha256()
    with source.open("rb") as reading, destination.open("wb") as writing:
        while block := reading.read(_BLOCK):
            digest.update(block)
            writing.write(block)
    return Digest(digest.hexdigest())


def _damaged(wheel: RepositoryWheel) -> StoreError:
    return StoreError(
        "publish wheel",
        wheel.path.name,
        why="the store's file was damaged since it was verified: its content is not that of its SHA-256",
        fix="run again, which drops the file and gets it anew",
    )


def _texts(target: Target, plan_digest: Digest, files: Sequence[RepositoryFile]) -> dict[str, bytes]:
    """Return all files of a repository but wheels and their metadata, by their place in it."""
    projects = sorted({file.project for file in files})
    texts = {
        "simple/index.html": pages.root_page_html(projects),
        "simple/index.json": pages.root_page_json(projects),
    }
    for project in projects:
        own = [file for file in files if file.project == project]
        texts[f"simple/{project}/index.html"] = pages.project_page_html(project, own)
        texts[f"simple/{project}/index.json"] = pages.project_page_json(project, own)
    texts[f"pylock.{target.id}.toml"] = pages.pylock(target, files)
    texts["requirements.txt"] = pages.requirements(files)
    texts[MANIFEST] = pages.manifest(target, plan_digest, files)
    return texts


def _describe(wheel: RepositoryWheel) -> tuple[RepositoryFile, RepositoryWheel, bytes]:
    try:
        project, version, _, _ = parse_wheel_filename(wheel.path.name)
    except InvalidWheelFilename as error:
        raise CheckError(
            "publish wheel", wheel.path.name, why=str(error), fix="give the wheel its standard file name"
        ) from None
    with WheelArchive(wheel.path) as archive:
        member = archive.members.get(f"{find_dist_info(archive)}/METADATA")
        if member is None:
            raise archive.fault("it has no METADATA")
        metadata = archive.read_checked(member)
    requires_python = BytesHeaderParser().parsebytes(metadata).get("Requires-Python", "")
    file = RepositoryFile(
        filename=wheel.path.name,
        project=str(project),
        version=str(version),
        sha256=wheel.sha256,
        metadata=digest_of(metadata),
        size=wheel.path.stat().st_size,
        requires_python=str(requires_python).strip(),
        origin=wheel.origin,
    )
    return file, wheel, metadata


def is_current(destination: Path, plan_digest: Digest) -> bool:
    """Whether `destination` is the whole repository of the plan, as `write_repository` left it; reads every byte.

    What somebody put beside it, where no installer looks, does not count.
    """
    try:
        found = read_repository(destination)
        if found.plan_digest != plan_digest:
            return False
        if any(digest_of_file(wheel.path) != wheel.sha256 for wheel in found.wheels):
            return False
        described = [_describe(wheel) for wheel in found.wheels]
        expected = {f"{file.filename}.metadata": metadata for file, _, metadata in described}
        expected |= _texts(found.target, plan_digest, [file for file, _, _ in described])
        names = {wheel.path.name for wheel in found.wheels}
        present = {
            place
            for place in _places(destination)
            if place.startswith("simple/") or place.endswith((".whl", ".whl.metadata"))
        }
        held = {place for place in expected if place.startswith("simple/")}
        held |= names | {f"{name}.metadata" for name in names}
        return present == held and all(
            (destination / place).read_bytes() == data for place, data in expected.items()
        )
    except (OSError, CrosswheelError):
        return False


def repository_state(folder: Path) -> dict[str, list[int]]:
    """Return size, times and number of every file of a repository: as long as they stay, so did the contents.

    The time of the last change (``st_ctime``) cannot be set back by a program. Nothing is read.

    Raises:
        OSError: the folder cannot be listed.
    """
    state = {}
    for place in sorted(_places(folder)):
        found = os.lstat(f"{folder}/{place}")  # many hundred files
        state[place] = [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
    return state


def _places(folder: Path) -> Iterator[str]:
    """Yield the places of all files and links below `folder`; folders that are links are not entered."""
    waiting = [""]
    while waiting:
        inner = waiting.pop()
        with os.scandir(f"{folder}/{inner}") as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{inner}{entry.name}/")
                else:
                    yield f"{inner}{entry.name}"


def repositories_below(folder: Path) -> list[Path]:
    """Return the folders right below one that are repositories, sorted."""
    return sorted(place.parent for place in folder.glob(f"*/{MANIFEST}"))


def read_repository(folder: Path) -> Repository:
    """Return what the repository in `folder` holds, wheels sorted by project.

    Raises:
        InputError: `folder` is no repository, or one of another version.
    """
    repository, why = None, f"its {MANIFEST} is not one that crosswheel wrote"
    fix = "give a folder `crosswheel build` wrote"
    try:
        repository = _of_manifest(json.loads((folder / MANIFEST).read_bytes()), folder)
    except OSError as error:
        why = f"its {MANIFEST} cannot be read ({error.strerror})"
        if below := repositories_below(folder):
            names = ", ".join(place.name for place in below)
            why, fix = "it holds one repository for each target", f"give one of them: {names}"
    except (ValueError, RecursionError):  # of the JSON
        repository = None
    if repository is None:
        raise InputError("read wheel repository", str(folder), why=why, fix=fix)
    return repository


def _of_manifest(document: JsonValue, folder: Path) -> Repository | None:
    """Return what the manifest of the repository in `folder` says; nothing unless it is one of ours."""
    faults = Faults("read manifest", MANIFEST)
    root = Fields(document, faults)
    target = root.parsed("target", parse_target_id, root.text("target"))
    plan, schema = root.digest("plan"), root.whole_number("schema", required=True)
    wheels = [
        RepositoryWheel(
            path=folder / fields.text("filename"),
            sha256=fields.digest("sha256"),
            origin=fields.text("origin"),
        )
        for fields in root.inners("wheels")
    ]
    plain = all(wheel.path.parent == folder and wheel.path.suffix == ".whl" for wheel in wheels)
    if faults.found or target is None or schema != pages.MANIFEST_SCHEMA or not plain:
        return None
    return Repository(target=target, plan_digest=plan, wheels=tuple(wheels))
