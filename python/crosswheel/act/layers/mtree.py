"""The content of a layer as an mtree specification, which bsdtar and Bazel rules read.

Format: https://man.freebsd.org/cgi/man.cgi?query=mtree&sektion=5, in the form with full paths.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from crosswheel.act.layers.layer_entries import (
    BytesContent,
    FileContent,
    Folder,
    LayerEntry,
    MemberContent,
    Symlink,
)
from crosswheel.act.wheels.file_time import FILE_TIME

__all__ = ["mtree"]

_DIGEST_KEYWORDS = {"sha256": "sha256digest", "sha384": "sha384digest", "sha512": "sha512digest"}


def mtree(entries: Iterable[LayerEntry]) -> Iterator[bytes]:
    """Yield the specification of `entries`, one line each, in the order they come.

    Args:
        entries: what the layer holds.
    """
    yield b"#mtree\n"
    for entry in entries:
        yield f"{_line(entry)}\n".encode()


def _line(entry: LayerEntry) -> str:
    owner = f"uid={entry.uid} gid={entry.gid} mode={entry.mode:04o} time={FILE_TIME}.0"
    return f"./{_escaped(entry.path)} {owner} {_content(entry)}"


def _content(entry: LayerEntry) -> str:
    match entry.content:
        case Folder():
            return "type=dir"
        case Symlink(target=target):
            return f"type=link link={_escaped(target)}"
        case MemberContent(member=member, entry=recorded):
            return (
                f"type=file size={member.size} {_DIGEST_KEYWORDS[recorded.algorithm]}={recorded.digest.hex()}"
            )
        case BytesContent(data=data):
            return f"type=file size={len(data)} sha256digest={hashlib.sha256(data).hexdigest()}"
        case FileContent(path=path):
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256")
            return f"type=file size={path.stat().st_size} sha256digest={digest.hexdigest()}"


def _escaped(text: str) -> str:
    """Return a path with what is not plain ASCII as octal escapes, as vis(3) has it."""
    if text.isascii() and text.isprintable() and not set(text) & set(" #\\=*?["):
        return text
    return "".join(
        chr(byte) if 32 < byte < 127 and chr(byte) not in "#\\=*?[" else f"\\{byte:03o}"
        for byte in text.encode()
    )
