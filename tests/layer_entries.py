"""Entries of layers, and layers read back with other people's tools."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import zstandard

from crosswheel.act.layers.layer_entries import BytesContent, Folder, LayerEntry, MemberContent, Symlink
from crosswheel.act.wheels.wheel_archive import WheelArchive
from crosswheel.act.wheels.wheel_record import parse_record

#: The earliest time a zip file can hold, which is also what installed trees have.


def file(path: str, data: bytes = b"x\n", *, mode: int = 0o644, owner: str = "") -> LayerEntry:
    return LayerEntry(path=path, content=BytesContent(data), mode=mode, owner=owner)


def folder(path: str, *, mode: int = 0o755, owner: str = "") -> LayerEntry:
    return LayerEntry(path=path, content=Folder(), mode=mode, owner=owner)


def link(path: str, target: str) -> LayerEntry:
    return LayerEntry(path=path, content=Symlink(target), mode=0o777)


def member_entries(archive: WheelArchive) -> list[LayerEntry]:
    """Return every member of a wheel that RECORD has a hash of, at its own path."""
    record = next(name for name in archive.members if name.endswith(".dist-info/RECORD"))
    entries, _ = parse_record(bytes(archive.read(archive.members[record])))
    return [
        LayerEntry(
            path=name,
            content=MemberContent(archive, member, entries[name]),
            mode=0o755 if member.is_executable else 0o644,
            owner=archive.path.name,
        )
        for name, member in archive.members.items()
        if name != record
    ]


def listing(layer: Path) -> list[tuple[str, str, int, bytes | str]]:
    """Return path, type, mode and content of each entry, as Python's tarfile and gzip read them."""
    data = layer.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    elif data[:4] == b"\x28\xb5\x2f\xfd":
        data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    found: list[tuple[str, str, int, bytes | str]] = []
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for info in archive:
            stream = archive.extractfile(info) if info.isreg() else None
            content = stream.read() if stream else info.linkname
            found.append((info.name, info.type.decode(), info.mode, content))
    return found
