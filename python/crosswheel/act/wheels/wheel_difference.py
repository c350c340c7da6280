"""What differs between two wheels, and why their digests do where their files are the same."""

from __future__ import annotations

import difflib
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from crosswheel.act.storage.store import digest_of_file
from crosswheel.act.wheels.whole_wheel import WholeWheel, open_whole_wheel
from crosswheel.decide.documents.difference import (
    Difference,
    bytes_difference,
    differences,
    grouped,
    order_difference,
    sample,
)
from crosswheel.values.errors import CheckError, InputError

__all__ = ["wheel_differences"]

#: Text up to this size is compared by line, bytes.
_TEXT = 1 << 20
#: So many bytes are shown where contents begin to differ.
_BYTES = 8
#: So many digits of an extra field are shown.
_EXTRA = 48
_METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}
_LINE_END = re.compile(r"\r\n|\n|\r")
_ENDS = {"\n": "LF", "\r\n": "CR LF", "\r": "CR"}


def wheel_differences(old: Path, new: Path) -> tuple[Difference, ...]:
    """Return what differs between two wheels: files, what is in them, and how the archive holds them.

    Both are read to the end of every file first. Wheels of different bytes always differ in something.

    Args:
        old: a wheel.
        new: another.

    Raises:
        InputError: one cannot be read, is no zip, or is damaged: a file is not what its CRC says, headers disagree, something
            stands before or behind the archive, or a name is in it twice.
    """
    with _opened(old) as first, _opened(new) as second:
        with _refusing(old):
            for member in first.archive.members.values():
                first.check(member)
        digests = digest_of_file(old), digest_of_file(new)
        if digests[0] == digests[1]:
            return ()
        with _refusing(new):
            _check_second(first, second)
        found = [*_files(first, second), *_held(first, second)]
        found += order_difference("", "order of the files", [*first.infos], [*second.infos])
        found += differences("", _comment(first), _comment(second))
    return tuple(found or bytes_difference("", "the same files with the same facts", *digests))


@contextmanager
def _opened(path: Path) -> Iterator[WholeWheel]:
    with _refusing(path):
        wheel = open_whole_wheel(path)
    with wheel.archive:
        yield wheel


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Name the path in what is wrong with a wheel: two of one name are compared."""
    try:
        yield
    except CheckError as error:
        raise InputError(error.doing, str(path), why=error.why, fix=error.fix) from None


def _check_second(first: WholeWheel, second: WholeWheel) -> None:
    """Read the files of a wheel to their end; those that are held with the same bytes in the first have been."""
    for name, member in second.archive.members.items():
        other = first.archive.members.get(name)
        is_known = (
            other is not None
            and (other.crc, other.size) == (member.crc, member.size)
            and _is_packed_alike(first, second, name)
        )
        second.check(member, known=first.digests[name] if is_known else "")


def _is_packed_alike(first: WholeWheel, second: WholeWheel, name: str) -> bool:
    members = first.archive.members.get(name), second.archive.members.get(name)
    if members[0] is None or members[1] is None or members[0].method != members[1].method:
        return False
    return first.archive.packed(members[0]) == second.archive.packed(members[1])


def _comment(wheel: WholeWheel) -> Mapping[str, str]:
    return {"comment": wheel.comment.decode("utf-8", "replace")}


def _files(old: WholeWheel, new: WholeWheel) -> Iterator[Difference]:
    """Yield the files that one wheel has and the other has not, or has with another content."""
    for name in sorted({*old.infos, *new.infos}):
        infos = old.infos.get(name), new.infos.get(name)
        words = ["" if info is None else f"{info.file_size} bytes" for info in infos]
        digests = [wheel.digests.get(name, "") for wheel in (old, new)]
        if None not in infos and digests[0] == digests[1]:
            continue
        if words[0] == words[1]:
            words = [f"{word} {digest[:12]}" for word, digest in zip(words, digests, strict=True)]
        yield Difference(where="", what=name, old=words[0], new=words[1])
        # RECORD says what the other files say.
        if None not in infos and not name.endswith(".dist-info/RECORD"):
            yield from _content(name, old, new)


def _held(old: WholeWheel, new: WholeWheel) -> Iterator[Difference]:
    """Yield what the archives say otherwise of files that both have."""
    found: list[Difference] = []
    for name in sorted({*old.infos} & {*new.infos}):
        facts = _stored(old.infos[name]), _stored(new.infos[name])
        found += differences(name, *facts)
        if facts[0]["method"] != facts[1]["method"] or old.digests.get(name) != new.digests.get(name):
            continue
        if name in old.archive.members and not _is_packed_alike(old, new, name):
            packed = [wheel.archive.packed(wheel.archive.members[name]) for wheel in (old, new)]
            words = [f"{len(data)} bytes {sha256(data).hexdigest()[:12]}" for data in packed]
            found.append(Difference(where=name, what="compressed data", old=words[0], new=words[1]))
    yield from grouped(found, where="")


def _stored(info: zipfile.ZipInfo) -> Mapping[str, str]:
    """Return what the directory of an archive says of a file besides its content."""
    extra = info.extra.hex()
    return {
        "time": "{:04}-{:02}-{:02} {:02}:{:02}:{:02}".format(*info.date_time),
        "mode": f"{info.external_attr >> 16:o}",
        "method": _METHODS.get(info.compress_type, str(info.compress_type)),
        "attributes": f"{info.external_attr & 0xFFFF:04x} {info.internal_attr:04x}",
        "system and version": f"{info.create_system} {info.create_version}, {info.extract_version} to read it",
        "flags": f"{info.flag_bits:04x}",
        "extra field": f"{extra[:_EXTRA]}... ({len(info.extra)} bytes)" if len(extra) > _EXTRA else extra,
        "comment": info.comment.decode("utf-8", "replace"),
    }


def _content(name: str, old: WholeWheel, new: WholeWheel) -> Iterator[Difference]:
    """Yield the lines of a text that differ, or where the bytes of other files begin to."""
    members = old.archive.members[name], new.archive.members[name]
    pieces = [wheel.pieces(member) for wheel, member in zip((old, new), members, strict=True)]
    if max(member.size for member in members) <= _TEXT:
        texts = [_text(b"".join(one)) for one in pieces]
        if texts[0] is not None and texts[1] is not None:
            yield from _lines(name, texts[0], texts[1])
            return
        pieces = [wheel.pieces(member) for wheel, member in zip((old, new), members, strict=True)]
    place, shown = _first_difference(*pieces)
    words = [data.hex(" ") or "the end" for data in shown]
    yield Difference(where=name, what=f"at byte {place}", old=words[0], new=words[1])


def _text(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _first_difference(old: Iterator[bytes], new: Iterator[bytes]) -> tuple[int, tuple[bytes, bytes]]:
    """Return the place of the first byte that differs, and the bytes from there on."""
    place, left, right = 0, b"", b""
    while True:
        left, right = left or next(old, b""), right or next(new, b"")
        count = min(len(left), len(right))
        if not count or left[:count] != right[:count]:
            break
        place, left, right = place + count, left[count:], right[count:]
    pairs = enumerate(zip(left, right, strict=False))
    first = next((number for number, (one, other) in pairs if one != other), 0)
    return place + first, (left[first : first + _BYTES], right[first : first + _BYTES])


def _lines(name: str, old: str, new: str) -> Iterator[Difference]:
    """Yield the first lines of a text that differ; if all do in nothing but how they end, how many end so."""
    ends = [Counter(_LINE_END.findall(text)) for text in (old, new)]
    if _LINE_END.split(old) == _LINE_END.split(new) and ends[0] != ends[1]:
        yield Difference(where=name, what="line ends", old=_ends(ends[0]), new=_ends(ends[1]))
        return
    lines = [*difflib.unified_diff(_split(old), _split(new), lineterm="", n=0)][2:]
    changed = [line for line in lines if line[:1] in "+-"]
    found = [
        Difference(
            where=name,
            what="line",
            old=_line(line[1:]) if line[0] == "-" else "",
            new=_line(line[1:]) if line[0] == "+" else "",
        )
        for line in changed
    ]
    yield from sample(found, where=name, what="lines")


def _split(text: str) -> list[str]:
    """Return the lines of a text with their ends; what is no line end to an editor is none here."""
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+", text)


def _line(line: str) -> str:
    """Return a line in words: an end that is not the usual one is told."""
    text = line.rstrip("\r\n")
    end = line[len(text) :]
    words = text or "(empty)"
    if end == "\n":
        return words
    return f"{words} (ends with {_ENDS[end]})" if end else f"{words} (without a line end)"


def _ends(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts[end]} {word}" for end, word in _ENDS.items() if counts[end]) or "none"
