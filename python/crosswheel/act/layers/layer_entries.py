"""What a layer holds: paths with modes and owners, and where the content of each comes from.

A description only; `crosswheel.act.layers.layer_writer` writes it. Rules for what a layer may hold:
https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md.
"""

from __future__ import annotations

import filecmp
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from crosswheel.act.wheels.wheel_archive import Member, WheelArchive, is_safe_path
from crosswheel.act.wheels.wheel_record import RecordEntry
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

__all__ = [
    "BytesContent",
    "Content",
    "FileContent",
    "Folder",
    "LayerEntry",
    "MemberContent",
    "Symlink",
    "merged_entries",
]

#: A name that starts like this removes a file of the layers below (layer.md, "Whiteouts").
_WHITEOUT = ".wh."
_ALL_MODE_BITS = 0o7777


@dataclass(frozen=True, slots=True)
class MemberContent:
    """A file of a wheel, whose compressed bytes are taken over.

    Attributes:
        archive: the open wheel.
        member: which of its members.
        entry: the hash that RECORD promises; checked while the content is written.
    """

    archive: WheelArchive
    member: Member
    entry: RecordEntry


@dataclass(frozen=True, slots=True)
class BytesContent:
    """A file with content made here."""

    data: bytes


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file whose content is that of the file at `path` on this machine; links are followed."""

    path: Path


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder."""


@dataclass(frozen=True, slots=True)
class Symlink:
    """A symbolic link to `target`, as the image's system reads it."""

    target: str


_FILE = (MemberContent, BytesContent, FileContent)
Content: TypeAlias = MemberContent | BytesContent | FileContent | Folder | Symlink


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerEntry:
    """One entry of a layer.

    Attributes:
        path: below the image's root, ``/``-separated, without a slash at either end.
        content: what it is.
        mode: permission bits.
        uid: number of the user that owns it.
        gid: number of the group that owns it.
        owner: who brings it, for messages; the file name of a wheel, for instance.
    """

    path: str
    content: Content
    mode: int
    uid: int = 0
    gid: int = 0
    owner: str = ""


def merged_entries(entries: Iterable[LayerEntry]) -> tuple[LayerEntry, ...]:
    """Return `entries` with each path once, sorted by the bytes of the path, so that folders precede what they hold.

    Of several entries that are the same file or folder the first stays.

    Raises:
        InputError: a path cannot stand in a layer, two entries are different things with one path, or one lies below
            another that is no folder.
    """
    merged: dict[str, LayerEntry] = {}
    faults: list[CrosswheelError] = []
    for entry in entries:
        other = merged.setdefault(entry.path, entry)
        if other is entry:
            faults += _faults_of(entry)
        elif not _are_same(other, entry):
            faults.append(_collision(other, entry))
    faults += _below_no_folder(merged)
    raise_faults(faults)
    # The order of letters is that of their bytes in UTF-8, without a copy of all paths.
    return tuple(sorted(merged.values(), key=lambda entry: entry.path))


def _faults_of(entry: LayerEntry) -> list[CrosswheelError]:
    why = entry_fault(entry)
    if not why:
        return []
    fix = f"leave {entry.owner} out" if entry.owner else "give it another name"
    return [InputError("put into a layer", entry.path, why=why, fix=fix)]


def entry_fault(entry: LayerEntry) -> str:
    """Return why an entry cannot stand in a layer, a clause; nothing where it can."""
    if "\\" in entry.path:
        return "a name with a backslash is several folders to some tools"
    if not is_safe_path(entry.path):
        return "it is no plain path below the root"
    if any(part.startswith(_WHITEOUT) for part in entry.path.split("/")):
        return f"a name that starts with {_WHITEOUT} removes files of other layers"
    if not _is_unicode(entry.path) or (
        isinstance(entry.content, Symlink) and not _is_unicode(entry.content.target)
    ):
        return "its name is not UTF-8"
    return f"{entry.mode:o} is more than a mode" if entry.mode & ~_ALL_MODE_BITS else ""


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def _are_same(one: LayerEntry, other: LayerEntry) -> bool:
    match one.content, other.content:
        case MemberContent(), MemberContent():
            return one.content.entry.hash == other.content.entry.hash
        case FileContent(), FileContent():
            alike = filecmp.cmp(one.content.path, other.content.path, shallow=False)
        case _:
            alike = one.content == other.content
    return alike and (one.mode, one.uid, one.gid) == (other.mode, other.uid, other.gid)


def _below_no_folder(merged: dict[str, LayerEntry]) -> list[CrosswheelError]:
    faults: list[CrosswheelError] = []
    others = {path for path, entry in merged.items() if not isinstance(entry.content, Folder)}
    told: set[str] = set()
    for path, entry in merged.items():
        parent = path
        while parent := parent.rpartition("/")[0]:
            if parent in others and parent not in told:
                told.add(parent)
                faults.append(_collision(merged[parent], entry))
    return faults


def _collision(one: LayerEntry, other: LayerEntry) -> InputError:
    """Return the error for two entries that exclude each other; the path told is the shorter one."""
    if one.path != other.path:
        how = "one as a file, one as a folder"
    elif one.content == other.content:
        how = "with different modes"
    elif type(one.content) is type(other.content) or (
        isinstance(one.content, _FILE) and isinstance(other.content, _FILE)
    ):
        how = "with different content"
    else:
        how = "as different things"
    owners = (one.owner or "one source", other.owner or "another")
    return InputError(
        "put into a layer",
        one.path,
        why=f"{owners[0]} and {owners[1]} both bring it, {how}"
        if owners[0] != owners[1]
        else f"{owners[0]} brings it twice, {how}",
        fix="leave one of them out",
    )
