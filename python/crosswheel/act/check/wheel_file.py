"""A wheel as an archive: its members, its dist-info files and RECORD, read without trusting any of them.

Follows the binary distribution format (https://packaging.python.org/en/latest/specifications/binary-distribution-format/).
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import mmap
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from crosswheel.act.wheels.wheel_record import RECORD_ALGORITHMS
from crosswheel.values.digests import Digest, digest_of

from .file_bytes import IN_MEMORY, FileBytes
from .findings import Finding, Severity

__all__ = [
    "DamagedMemberError",
    "DistInfo",
    "Member",
    "WheelArchive",
    "WheelName",
    "member_faults",
    "parse_wheel_fields",
    "parse_wheel_name",
    "record_findings",
]

#: Deflate cannot exceed 1032:1; real wheels stay below 30:1 but for tiny ones.
_BOMB_RATIO = 200
_BOMB_FREE = 64 << 20
_PIECE = 1 << 20
#: What is to be done about a file that is not the one of which RECORD tells.
_CHANGED = "the wheel was changed after it was made: fetch it again, or rebuild it"
_UNRECORDED = ("RECORD", "RECORD.jws", "RECORD.p7s")


class DamagedMemberError(ValueError):
    """A member cannot be inflated or its CRC-32 differs."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a wheel.

    Attributes:
        name: path inside the wheel, ``/``-separated.
        size: bytes, inflated.
        executable: it carries an executable bit.
    """

    name: str
    size: int
    executable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelName:
    """A wheel's file name, taken apart.

    Attributes:
        project: the name component as it stands.
        version: the version component as it stands.
        build: the build tag, ``""`` without one.
        interpreters: the Python tags.
        abis: the ABI tags.
        platforms: the platform tags.
    """

    project: str
    version: str
    build: str
    interpreters: tuple[str, ...]
    abis: tuple[str, ...]
    platforms: tuple[str, ...]

    @property
    def tags(self) -> frozenset[str]:
        """Every single tag the compressed ones stand for."""
        return frozenset(f"{i}-{a}-{p}" for i in self.interpreters for a in self.abis for p in self.platforms)


def parse_wheel_name(filename: str) -> WheelName | None:
    """Take a wheel's file name apart; ``None`` when it is not one.

    >>> parse_wheel_name("a-1.0-py3-none-any.whl").platforms
    ('any',)
    """
    if not filename.endswith(".whl"):
        return None
    parts = filename.removesuffix(".whl").split("-")
    if len(parts) not in (5, 6) or not all(parts) or (len(parts) == 6 and not parts[2][0].isdecimal()):
        return None
    return WheelName(
        project=parts[0],
        version=parts[1],
        build=parts[2] if len(parts) == 6 else "",
        interpreters=tuple(parts[-3].split(".")),
        abis=tuple(parts[-2].split(".")),
        platforms=tuple(parts[-1].split(".")),
    )


@dataclass(frozen=True, slots=True)
class DistInfo:
    """The ``*.dist-info`` folder of a wheel and the text of its files.

    Attributes:
        folder: its name.
        files: bytes by name inside the folder, of the files that checks read.
    """

    folder: str
    files: Mapping[str, bytes]


def parse_wheel_fields(text: bytes) -> list[tuple[str, str]]:
    """Return the ``Key: value`` lines of a WHEEL file, in order."""
    fields = []
    for line in text.decode("utf-8", "replace").splitlines():
        key, colon, value = line.partition(":")
        if colon:
            fields.append((key.strip(), value.strip()))
    return fields


class WheelArchive:
    """An open wheel.

    Args:
        path: the wheel.

    Raises:
        zipfile.BadZipFile: it is not a zip.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self._zip = zipfile.ZipFile(self._file)
        # zipfile trusts the offsets and versions it reads, and fails on wrong ones in as many ways.
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error) as error:
            self._file.close()
            raise zipfile.BadZipFile(str(error)) from error
        self._archive_size = path.stat().st_size
        self._infos = self._zip.infolist()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file and of its directory, of which zipfile keeps half a kilobyte for each member."""
        self._zip.close()
        self._file.close()
        self._infos.clear()  # zipfile's own list
        self._zip.NameToInfo.clear()

    @property
    def members(self) -> tuple[Member, ...]:
        """The files, in the archive's order, without folders."""
        return tuple(
            Member(info.filename, info.file_size, bool(info.external_attr >> 16 & 0o111))
            for info in self._infos
            if not _is_folder(info)
        )

    def faults(self, *, case_sensitive: bool, built: bool) -> list[Finding]:
        """Return what is hostile about the archive; with errors among them, do not read the members."""
        return member_faults(self._infos, self._archive_size, case_sensitive=case_sensitive, built=built)

    def read(self, name: str) -> bytes:
        """Return a member's bytes.

        Raises:
            DamagedMemberError: it cannot be inflated.
        """
        # It gives its bytes away without a copy, which the zip file's own method does not.
        content = io.BytesIO()
        for piece in self._pieces(name):
            content.write(piece)
        return content.getvalue()

    def content(self, member: Member) -> tuple[FileBytes, Digest]:
        """Return a member's bytes, which a large one has in a file without a name, and their SHA-256.

        Raises:
            DamagedMemberError: it cannot be inflated.
            OSError: there is no room for it.
        """
        data: FileBytes
        if member.size <= IN_MEMORY:
            data = self.read(member.name)
            return data, digest_of(data)
        found = hashlib.sha256()
        with tempfile.TemporaryFile() as stream:
            for piece in self._pieces(member.name):
                found.update(piece)
                stream.write(piece)
            stream.flush()
            data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) if stream.tell() else b""
        return data, Digest(found.hexdigest())

    def _pieces(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as member:
                while piece := member.read(_PIECE):
                    yield piece
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            ValueError,
            OSError,
        ) as error:
            raise DamagedMemberError(str(error)) from error

    def dist_info_folders(self) -> tuple[str, ...]:
        """Return the names of all ``*.dist-info`` folders at the top, sorted."""
        tops = {info.filename.split("/", 1)[0] for info in self._infos if "/" in info.filename}
        return tuple(sorted(top for top in tops if top.endswith(".dist-info")))


def member_faults(
    infos: Sequence[zipfile.ZipInfo], archive_size: int, *, case_sensitive: bool, built: bool
) -> list[Finding]:
    """Find names and sizes that no honest wheel has.

    Args:
        infos: the central directory.
        archive_size: bytes of the archive.
        case_sensitive: the target's file system tells ``a`` from ``A``.
        built: we built the wheel.
    """

    def hostile(name: str, why: str) -> Finding:
        return Finding.of("hostile-member", name, f"{why}; do not install this wheel", built=built)

    findings = [hostile(info.filename, why) for info in infos for why in _faults_of(info)]
    seen: set[str] = set()
    folded: dict[str, str] = {}
    folders = {part for info in infos for part in _parents(info.filename)}
    for info in infos:
        if _is_folder(info):
            continue
        name = info.filename
        if name in seen:
            findings.append(hostile(name, "the archive holds this name twice"))
        elif name in folders:
            findings.append(hostile(name, "it is both a file and a folder"))
        elif folded.setdefault(name.casefold(), name) != name:
            other = folded[name.casefold()]
            message = f"its name differs from {other} by case only; one file would overwrite the other"
            limit = Severity.NOTE if case_sensitive else Severity.ERROR
            findings.append(Finding.of("case-collision", name, message, built=built, at_most=limit))
        seen.add(name)
    total = sum(info.file_size for info in infos)
    if total > _BOMB_FREE + _BOMB_RATIO * archive_size:
        message = f"{archive_size} bytes inflate to {total}; do not install this wheel"
        findings.append(Finding.of("zip-bomb", "", message, built=built))
    return findings


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.filename.endswith("/")  # zipfile's own is_dir() fails on an empty name


def _faults_of(info: zipfile.ZipInfo) -> Iterator[str]:
    name = info.filename
    if not name:
        yield "it has no name"
    raw = info.orig_filename
    parts = name.rstrip("/").split("/")
    if ".." in parts:
        yield "its name leads out of the wheel by '..'"
    if name.startswith("/") or (len(name) > 1 and name[1] == ":" and name[0].isalpha()):
        yield "its name is absolute"
    if "\\" in raw or "\0" in raw:
        yield "its name holds a backslash or a NUL character"
    elif any(ord(character) < 32 for character in name):
        yield "its name holds control characters"
    elif "." in parts or "" in parts[1:]:
        yield "its name has empty or '.' parts"
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        yield "it is a symbolic link, which wheels cannot carry"
    elif mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        yield "it is neither a file nor a folder"
    if info.flag_bits & 0x1:
        yield "it is encrypted"


def _parents(name: str) -> Iterator[str]:
    parts = name.rstrip("/").split("/")
    for end in range(1, len(parts)):
        yield "/".join(parts[:end])


def record_findings(
    record: bytes,
    digests: Mapping[str, tuple[Digest, int]],
    read: Callable[[str], bytes],
    folder: str,
    *,
    built: bool,
) -> list[Finding]:
    """Compare RECORD with what the archive holds.

    Args:
        record: the RECORD file.
        digests: SHA-256 and size of every member.
        read: gives a member's bytes, asked only where RECORD has another hash than SHA-256.
        folder: the dist-info folder.
        built: we built the wheel.
    """
    findings = []
    listed: set[str] = set()
    unrecorded = {f"{folder}/{name}" for name in _UNRECORDED}
    for row in _rows(record):
        if not row:
            continue
        name, expected, size = (*row, "", "")[:3]
        listed.add(name)
        if name not in digests:
            # Folders and signatures may be listed though nothing is there for them.
            if not name.endswith("/") and name not in unrecorded:
                message = "RECORD lists it, but the wheel does not hold it; rebuild the wheel"
                findings.append(Finding.of("record-extra", name, message, built=built))
            continue
        why = _record_fault(name, expected, size, digests[name], read, folder)
        if why:
            message = why
            findings.append(Finding.of("record-mismatch", name, message, built=built))
    for name in sorted(digests.keys() - listed - unrecorded):
        message = "RECORD does not list it, so installers would refuse or lose it; rebuild the wheel"
        findings.append(Finding.of("record-incomplete", name, message, built=built))
    return findings


def _rows(record: bytes) -> Iterator[list[str]]:
    """Yield RECORD's lines; one that is no CSV is the last, so that the files it lists count as unlisted."""
    with suppress(csv.Error):
        yield from csv.reader(
            io.TextIOWrapper(io.BytesIO(record), encoding="utf-8", errors="replace", newline="")
        )


def _record_fault(
    name: str, expected: str, size: str, actual: tuple[Digest, int], read: Callable[[str], bytes], folder: str
) -> str | None:
    if not expected:
        if name in {f"{folder}/{file}" for file in _UNRECORDED}:
            return None
        return "RECORD gives no hash for it; rebuild the wheel"
    algorithm = expected.partition("=")[0]
    if algorithm == "sha256":
        if expected.rstrip("=") != actual[0].record:
            return f"its SHA-256 is {actual[0].record}, RECORD says {expected}; {_CHANGED}"
    elif algorithm not in RECORD_ALGORITHMS:
        return f"RECORD uses the hash {algorithm}, which the wheel format does not allow; rebuild the wheel"
    else:
        own = base64.urlsafe_b64encode(hashlib.new(algorithm, read(name)).digest()).rstrip(b"=").decode()
        if expected.rstrip("=") != f"{algorithm}={own}":
            return f"its {algorithm} differs from RECORD's; {_CHANGED}"
    if size and size != str(actual[1]):
        return f"it has {actual[1]} bytes, RECORD says {size}; {_CHANGED}"
    return None
