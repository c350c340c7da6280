"""What a pylock.toml (PEP 751) says: packages, and the files each may become.

`packaging.pylock` validates; this file refuses what no wheel repository can be made of, by name and with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from packaging.markers import Marker
from packaging.pylock import Package, Pylock, PylockValidationError
from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from crosswheel.values.digests import Digest
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.toml_text import TomlError, parse_toml
from crosswheel.values.urls import without_user_info

from .lock_faults import faults_of_document
from .lock_file_names import FileNames, settle_file_names
from .lock_formats import LockFormat, lock_format
from .one_machine import is_for_all, only_platform
from .wheel_names import is_sdist_name

__all__ = [
    "Lock",
    "LockFormat",
    "LockedFile",
    "LockedPackage",
    "Refusal",
    "folder_refusal",
    "lock_format",
    "parse_pylock",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class LockedFile:
    """One file of a lock: a wheel or an sdist.

    Attributes:
        filename: its own name.
        sha256: its digest.
        url: where it is; ``None`` for a local file.
        path: where it is, relative to the lock's folder, ``/``-separated; ``None`` for a remote file.
        size: bytes, when the lock says.
    """

    filename: str
    sha256: Digest
    url: str | None = None
    path: str | None = None
    size: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why a package of a lock cannot be used; it matters only where the package is alive.

    Attributes:
        why: what is wrong, a clause.
        fix: what to do, a clause.
        folder: the folder that the lock names as its source, if that is why.
    """

    why: str
    fix: str
    folder: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LockedPackage:
    """One entry of ``[[packages]]``.

    Attributes:
        position: index of the entry, for messages.
        name: normalized name.
        version: as the lock spells it; empty only if `refusal` is set.
        marker: where the entry is alive; ``None`` means everywhere.
        requires_python: Python versions that may use it.
        wheels: its wheels, in the lock's order.
        sdist: its sdist.
        refusal: set for sources that cannot be used.
        only_platform: the one that the whole lock has wheels for, in words; empty where it has them for several, or none, and where it
            was made for all.
    """

    position: int
    name: str
    version: str
    marker: Marker | None = None
    requires_python: SpecifierSet | None = None
    wheels: tuple[LockedFile, ...] = ()
    sdist: LockedFile | None = None
    refusal: Refusal | None = None
    only_platform: str = ""

    @property
    def place(self) -> str:
        """The entry's place in the lock file."""
        return f"packages[{self.position}]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """A validated lock.

    Attributes:
        name: its file name, for messages.
        packages: its entries, in the lock's order; one name may occur several times (multiple-use).
        requires_python: Python versions the lock was made for.
        environments: markers of the environments it was made for; empty means any.
        extras: extras it can install.
        dependency_groups: groups it can install.
        default_groups: groups it installs when none is named.
        notes: what was read past, sentences.
    """

    name: str
    packages: tuple[LockedPackage, ...]
    requires_python: SpecifierSet | None = None
    environments: tuple[Marker, ...] = ()
    extras: tuple[str, ...] = ()
    dependency_groups: tuple[str, ...] = ()
    default_groups: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


#: https://pip.pypa.io/en/stable/cli/pip_lock/ says so; nothing in the file tells which machine that was.
_OF_ONE_MACHINE = (
    "{name} was made by pip, which locks for the machine it runs on: what another platform needs besides, and its wheels, "
    "may be missing; `uv pip compile --universal --format pylock.toml` locks for all"
)


_USERS = (
    "the user names and passwords in URLs of {name} are left out, for plans are committed; "
    "they are taken from what pip, uv and netrc are told"
)


def parse_pylock(data: bytes, *, name: str) -> Lock:
    """Parse a pylock.toml.

    Args:
        data: its bytes.
        name: its file name, put in front of every message.

    Raises:
        CrosswheelError: `InputError` for the one fault, or `FaultsError` for all of them.
    """
    document = _toml(data, name)
    names = settle_file_names(document)
    notes = list(names.notes)
    if document.get("created-by") == "pip":
        notes.append(_OF_ONE_MACHINE.format(name=name))
    version = document.get("lock-version")
    if isinstance(version, str) and version.startswith("1.") and version != "1.0":
        notes.append(f"{name} has lock-version {version}; what is newer than 1.0 in it was read past")
        document["lock-version"] = "1.0"  # packaging would log the same to standard error
    try:
        pylock = Pylock.from_dict(document)
    except PylockValidationError:
        raise_faults([fault.within(name) for fault in faults_of_document(document)])
        raise
    faults: list[CrosswheelError] = []
    packages = tuple(
        _locked_package(position, package, names, faults) for position, package in enumerate(pylock.packages)
    )
    raise_faults([fault.within(name) for fault in faults])
    alone = only_platform(wheel.filename for package in packages for wheel in package.wheels)
    if alone and not is_for_all(data.decode()):
        packages = tuple(replace(package, only_platform=alone) for package in packages)
    if any(map(_names_a_user, pylock.packages)):
        notes.append(_USERS.format(name=name))
    return Lock(
        name=name,
        packages=packages,
        requires_python=pylock.requires_python,
        environments=tuple(pylock.environments or ()),
        extras=tuple(pylock.extras or ()),
        dependency_groups=tuple(pylock.dependency_groups or ()),
        default_groups=tuple(pylock.default_groups or ()),
        notes=tuple(notes),
    )


def _toml(data: bytes, name: str) -> dict[str, Any]:
    try:
        return parse_toml(data)
    except TomlError as error:
        raise InputError(
            "read lock file",
            name,
            why=str(error),
            fix=error.fix or "make the lock anew, for example with `uv export --format pylock.toml`",
        ) from None


def _names_a_user(package: Package) -> bool:
    files = [*(package.wheels or ()), package.sdist, package.archive]
    urls = [file.url for file in files if file is not None and file.url]
    return any("@" in url and without_user_info(url) != url for url in urls)


def _locked_package(
    position: int, package: Package, names: FileNames, faults: list[CrosswheelError]
) -> LockedPackage:
    wheels: list[LockedFile] = []
    sdist = None
    refusal = None
    place = f"packages[{position}]"
    for index, wheel in enumerate(package.wheels or ()):
        filename = names.wheels[position][index]
        if filename is not None:
            file = _locked_file(filename, wheel, f"{place}.wheels[{index}]", faults)
            wheels += [] if file is None else [file]
    if package.sdist is not None:
        filename = names.sdists[position] or package.sdist.filename
        sdist = _locked_file(filename, package.sdist, f"{place}.sdist", faults)
    if package.archive is not None:
        filename = names.archives[position] or ""
        file = _locked_file(filename, package.archive, f"{place}.archive", faults)
        refusal = _archive_refusal(filename, package)
        if file is not None and refusal is None:
            wheels, sdist = ([file], None) if filename.endswith(".whl") else ([], file)
    return LockedPackage(
        position=position,
        name=package.name,
        version="" if package.version is None else str(package.version),
        marker=package.marker,
        requires_python=package.requires_python,
        wheels=tuple(wheels),
        sdist=sdist,
        refusal=refusal or _source_refusal(package, usable=bool(wheels) or sdist is not None),
    )


def _locked_file(filename: str, entry: Any, place: str, faults: list[CrosswheelError]) -> LockedFile | None:
    sha256, fix = _sha256(entry.hashes), "lock again with a tool that records sha256 hashes"
    if sha256 is None:
        found = ", ".join(sorted(entry.hashes))
        why = f"it has no sha256 hash (only {found})"
    elif entry.size is not None and entry.size < 0:
        why, fix = f"no file has {entry.size} bytes", "lock again, or correct its size"
    else:
        try:
            # PEP 751: when both are given, the path is used.
            path = entry.path or None
            if path is not None and "/" not in path:
                path = path.replace("\\", "/")
            return LockedFile(
                filename=filename,
                sha256=Digest(sha256),
                url=None if path or not entry.url else without_user_info(entry.url),
                path=path,
                size=entry.size,
            )
        except InputError as error:
            why = f"its sha256 hash '{error.value}' is not 64 hexadecimal digits"
    faults.append(InputError("use file", filename, why=why, fix=fix, context=(place,)))
    return None


def _sha256(hashes: Mapping[str, str]) -> str | None:
    for algorithm, value in hashes.items():
        if algorithm.lower() == "sha256":
            return value.lower()
    return None


def _archive_refusal(filename: str, package: Package) -> Refusal | None:
    if package.archive is not None and package.archive.subdirectory:
        return Refusal(
            why=f"its archive holds the project in the subdirectory '{package.archive.subdirectory}'",
            fix="build an sdist of that folder and lock that file",
        )
    wheel = filename.endswith(".whl") and _is_wheel_of(filename, package)
    # An escaped slash in a URL's last part must not become a folder when the file is stored under its name.
    if wheel or (is_sdist_name(filename) and not re.search(r"[/\\\0]", filename)):
        return None
    return Refusal(
        why=f"its archive '{filename}' is neither a wheel of this release nor an archive that sdists come in",
        fix="lock a wheel (.whl) or an sdist (.tar.gz, .zip)",
    )


def _is_wheel_of(filename: str, package: Package) -> bool:
    try:
        name, version, _, _ = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return False
    return name == package.name and package.version in (None, version)


def folder_refusal(name: str, folder: str, *, planned: Sequence[str] = ()) -> Refusal:
    """Return why a package that is locked from a folder cannot be used.

    Args:
        name: of the package.
        folder: the folder.
        planned: names of packages locked from other folders, which are planned with their content: members of one
            workspace, as a rule, whose lock is of all members.
    """
    # Without the sibling alone, what only the sibling depends on would stay in the lock.
    names = planned or ("NAME",)
    export = " ".join(f"--package {one}" for one in names)
    part = f"the part of {' and '.join(planned)} in the lock" if planned else "one project of a workspace"
    return Refusal(
        why=f"it is locked from the folder '{folder}', whose content has no hash to check",
        fix="give that folder, or what `uv build` makes of it, with --project, or lock without it "
        f"(`uv export {export} --format pylock.toml -o pylock.{names[0]}.toml` for {part}, "
        f"else `uv export --no-emit-package {name}`)",
        folder=folder,
    )


def _source_refusal(package: Package, *, usable: bool) -> Refusal | None:
    if package.vcs is not None:
        where = without_user_info(package.vcs.url or package.vcs.path or "")
        return Refusal(
            why=f"it is locked from {package.vcs.type} ({where} at {package.vcs.commit_id}), "
            "which names no file and so has no hash to check",
            fix="build its sdist once (`python -m build --sdist`) and lock that file by path or URL",
        )
    if package.directory is not None:
        return folder_refusal(package.name, package.directory.path or package.name)
    if package.version is None:
        return Refusal(
            why="the lock does not say its version", fix="write `version` in its entry or lock a release"
        )
    if not usable:
        return Refusal(
            why="all its files are wheels with a variant label (PEP 825)",
            fix="lock a release with wheels without a label or with an sdist",
        )
    return None
