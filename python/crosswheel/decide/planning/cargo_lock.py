"""The crates a ``Cargo.lock`` pins: what a build of Rust code reads besides its own source.

The format: https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html; versions 1 to 4 are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crosswheel.values.digests import Digest
from crosswheel.values.errors import CrosswheelError, InputError, ResolutionError, raise_faults
from crosswheel.values.toml_text import TomlError, parse_toml

__all__ = ["CRATES_URL", "Crate", "crates_of"]

#: Where crates.io keeps its crates: ``dl`` of the index's ``config.json``, which names files by this pattern.
CRATES_URL = "https://static.crates.io/crates"

_CRATES_IO = frozenset(
    {"registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"}
)
#: What cargo allows in names, and what versions are made of (SemVer); both become part of a path.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]*")
_NEWEST_FORMAT = 4


@dataclass(frozen=True, kw_only=True, order=True, slots=True)
class Crate:
    """One release of crates.io.

    Attributes:
        name: its name.
        version: its version.
        checksum: SHA-256 of its ``.crate`` file.
    """

    name: str
    version: str
    checksum: Digest

    @property
    def filename(self) -> str:
        """Name of its file."""
        return f"{self.name}-{self.version}.crate"

    @property
    def url(self) -> str:
        """Where crates.io has it."""
        return f"{CRATES_URL}/{self.name}/{self.filename}"


def crates_of(data: bytes, *, place: tuple[str, ...]) -> tuple[Crate, ...]:
    """Return the crates that a ``Cargo.lock`` pins, sorted; packages of the source tree itself are none.

    Args:
        data: its text.
        place: where it is, for messages.

    Raises:
        CrosswheelError: it is no Cargo.lock, or a package comes from where no hash of it is known (a git
            repository, another registry); all faults are collected.
    """
    try:
        document = parse_toml(data)
    except TomlError as error:
        raise _unreadable(str(error), place) from None
    number = document.get("version", 1)
    if not isinstance(number, int) or number > _NEWEST_FORMAT:
        raise _unreadable(f"it has format {number}, and formats up to {_NEWEST_FORMAT} are known", place)
    packages = document.get("package", [])
    if not isinstance(packages, list) or not all(isinstance(package, dict) for package in packages):
        raise _unreadable("its packages are no tables", place)
    metadata = document.get("metadata", {})
    faults: list[CrosswheelError] = []
    crates: list[Crate] = []
    for package in packages:
        try:
            crate = _crate(package, metadata if isinstance(metadata, dict) else {}, place)
        except CrosswheelError as fault:
            faults.append(fault)
        else:
            crates += [] if crate is None else [crate]
    raise_faults(faults)
    return tuple(sorted(crates))


def _crate(package: Mapping[str, Any], metadata: Mapping[str, Any], place: tuple[str, ...]) -> Crate | None:
    name, version, source = (str(package.get(key, "")) for key in ("name", "version", "source"))
    if not source:
        return None
    if source not in _CRATES_IO:
        raise _elsewhere(f"{name} {version}", source, place)
    # Format 1 keeps checksums in a table of their own.
    checksum = package.get("checksum") or metadata.get(f"checksum {name} {version} ({source})")
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version) or not isinstance(checksum, str):
        raise _unreadable(f"its entry of '{name} {version}' has no name, version or checksum", place)
    try:
        return Crate(name=name, version=version, checksum=Digest(checksum))
    except InputError:
        raise _unreadable(f"the checksum of '{name} {version}' is no SHA-256", place) from None


def _unreadable(why: str, place: tuple[str, ...]) -> InputError:
    return InputError(
        "read Cargo.lock",
        why=why,
        fix="patch the sdist ([tool.crosswheel] patches) or lock another release",
        context=place,
    )


def _elsewhere(crate: str, source: str, place: tuple[str, ...]) -> ResolutionError:
    kind, _, address = source.partition("+")
    where = f"the git repository {address}" if kind == "git" else f"the registry {address or source}"
    return ResolutionError(
        "lock crate",
        crate,
        why=f"it comes from {where}, for which Cargo.lock has no hash of any file; only crates.io's are locked",
        fix="patch the sdist to take it from crates.io ([tool.crosswheel] patches), lock another release, "
        "or take a prebuilt wheel",
        context=place,
    )
