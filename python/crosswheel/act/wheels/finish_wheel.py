"""Writes a checked wheel anew: earned tags, fresh RECORD, and a canonical zip that no zlib version can change.

Follows the binary distribution format
(https://packaging.python.org/en/latest/specifications/binary-distribution-format/).
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from crosswheel.act.check.findings import CheckReport, check_error
from crosswheel.act.check.wheel_file import WheelArchive, WheelName, parse_wheel_fields, parse_wheel_name
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import CheckError, OutputError

__all__ = ["canonical_record", "canonical_wheel_file", "earned_name", "finish_wheel", "write_canonical_zip"]

_SIGNATURES = ("RECORD.jws", "RECORD.p7s")
_LEVEL = 9
_LIMIT = (1 << 32) - 1
_LIMIT_FILES = (1 << 16) - 1
#: 1980-01-01 00:00:00, the oldest time a zip can say.
_DATE, _TIME = (0 << 9) | (1 << 5) | 1, 0


def finish_wheel(
    wheel: Path, report: CheckReport, destination: Path, *, added: Mapping[str, bytes] | None = None
) -> Path:
    """Write the final wheel of a build.

    The bytes depend on the members' names, contents and executable bits and on the earned tags alone.

    Args:
        wheel: the raw wheel the backend made.
        report: its check; must not refuse it.
        destination: folder to write to; must exist.
        added: further files by path below ``.dist-info``.

    Returns:
        The final wheel, named by its earned tags.

    Raises:
        CheckError: the report refuses the wheel.
        OutputError: the wheel cannot be written.
    """
    if report.refused:
        raise check_error(report)
    name = parse_wheel_name(wheel.name)
    if name is None or not report.earned_tags:
        raise CheckError(
            "finish wheel",
            wheel.name,
            why="no tags were earned for it",
            fix="check it first and pass that report",
        )
    final = destination / earned_name(name, report)
    with WheelArchive(wheel) as archive:
        (folder,) = archive.dist_info_folders()
        files = {m.name: (archive.read(m.name), m.executable) for m in archive.members}
    for signature in _SIGNATURES:
        files.pop(f"{folder}/{signature}", None)
    files |= {f"{folder}/{path}": (data, False) for path, data in (added or {}).items()}
    metadata = canonical_wheel_file(files[f"{folder}/WHEEL"][0], name.build, report)
    files[f"{folder}/WHEEL"] = (metadata, False)
    record_name = f"{folder}/RECORD"
    record = canonical_record({path: data for path, (data, _) in files.items()}, record_name)
    files[record_name] = (record, False)
    ordered = sorted(files, key=lambda path: (path.startswith(f"{folder}/"), path == record_name, path))
    _write_atomically(final, [ZipMember(path, *files[path]) for path in ordered])
    return final


def earned_name(name: WheelName, report: CheckReport) -> str:
    """Return the file name with the earned tags, compressed and sorted as PEP 425 says."""
    tags = report.earned_tags
    parts = [
        ".".join(sorted({getattr(tag, part) for tag in tags})) for part in ("interpreter", "abi", "platform")
    ]
    build = [name.build] if name.build else []
    return "-".join([name.project, name.version, *build, *parts]) + ".whl"


def canonical_wheel_file(old: bytes, build: str, report: CheckReport) -> bytes:
    """Return the WHEEL file with the earned tags, one sorted line each; all other lines are kept."""
    kept = [(key, value) for key, value in parse_wheel_fields(old) if key.lower() not in ("tag", "build")]
    lines = [f"{key}: {value}" for key, value in kept]
    lines += [f"Tag: {tag}" for tag in sorted(str(tag) for tag in report.earned_tags)]
    lines += [f"Build: {build}"] if build else []
    return ("\n".join(lines) + "\n").encode()


def canonical_record(files: Mapping[str, bytes], record_name: str) -> bytes:
    r"""Return RECORD for `files`: sorted, SHA-256, ``\\n`` line ends, itself last and without a hash."""
    lines = [
        f"{_quoted(path)},{digest_of(data).record},{len(data)}"
        for path, data in sorted(files.items())
        if path != record_name
    ]
    return ("\n".join([*lines, f"{_quoted(record_name)},,"]) + "\n").encode()


def _quoted(path: str) -> str:
    return '"' + path.replace('"', '""') + '"' if any(c in path for c in ',"\n') else path


@dataclass(frozen=True, slots=True)
class ZipMember:
    """A file to write: its name, bytes, and whether it is executable."""

    name: str
    data: bytes
    executable: bool


def _write_atomically(path: Path, members: Iterable[ZipMember]) -> None:
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            try:
                write_canonical_zip(file, members)
                temporary.chmod(0o644)
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        why = error.strerror or str(error)
        raise OutputError("write wheel", str(path), why=why, fix="choose another folder") from error


def write_canonical_zip(file: IO[bytes], members: Iterable[ZipMember]) -> None:
    """Write a zip whose bytes depend on the members alone.

    Times are 1980-01-01, modes 0644 or 0755, the creator is Unix, there are no extra fields. Data is deflated by
    libdeflate, pinned, as the bytes of the standard library's zlib differ between systems; stored when not smaller.

    Args:
        file: where to write, at its start.
        members: in order.

    Raises:
        OutputError: it would need Zip64.
    """
    import zlib

    import deflate

    directory: list[bytes] = []
    offset = 0
    for member in members:
        body: bytes | bytearray = deflate.deflate_compress(member.data, _LEVEL)
        method = 8
        if len(body) >= len(member.data):
            body, method = member.data, 0
        name = member.name.encode()
        flags = 0 if member.name.isascii() else 0x800
        # Version 2.0 to extract; zlib's CRC-32 is one function everywhere, only its deflate is not.
        fields = (
            20,
            flags,
            method,
            _TIME,
            _DATE,
            zlib.crc32(member.data),
            len(body),
            len(member.data),
            len(name),
            0,
        )
        mode = 0o100755 if member.executable else 0o100644
        if max(offset, len(member.data)) > _LIMIT or len(directory) >= _LIMIT_FILES:
            raise OutputError(
                "write wheel",
                member.name,
                why="the wheel would need Zip64",
                fix="split the package; wheels end at 4 GiB",
            )
        file.write(struct.pack("<IHHHHHIIIHH", 0x04034B50, *fields) + name)
        file.write(body)
        made_by = 3 << 8 | 20
        directory.append(
            struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, made_by, *fields, 0, 0, 0, mode << 16, offset)
            + name
        )
        offset += 30 + len(name) + len(body)
    size = sum(map(len, directory))
    file.writelines(directory)
    file.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(directory), len(directory), size, offset, 0))
