"""What differs between two wheels, and why their digests do where their files are the same."""

from __future__ import annotations

import difflib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from crosswheel.act.storage.store import digest_of_file
from crosswheel.decide.difference import Difference, differences
from crosswheel.values.errors import InputError

__all__ = ["wheel_differences"]

#: Text up to this size is compared by line, bytes.
_TEXT = 1 << 20
#: Lines of a file's difference that are shown.
_LINES = 12
#: So many files may be held otherwise in the same way before they share a line.
_ALIKE = 3
_METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}


def wheel_differences(old: Path, new: Path) -> tuple[Difference, ...]:
    """Return what differs between two wheels: files, what is in them, and how the archive holds them.

    Args:
        old: a wheel.
        new: another.

    Raises:
        InputError: one cannot be read, or is no zip.
    """
    with _opened(old) as first, _opened(new) as second:
        if digest_of_file(old) == digest_of_file(new):
            return ()
        found = [*_files(first, second)]
        found += _wholes(_whole(first), _whole(second))
    if not found:
        found.append(
            Difference(
                where="",
                what="bytes",
                old="another compression or extra fields of the zip",
                new="of the same files",
            )
        )
    return tuple(found)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError("read wheel", str(path), why=why, fix="give a wheel") from None


def _whole(wheel: zipfile.ZipFile) -> Mapping[str, str]:
    return {
        "order of the files": "\n".join(wheel.namelist()),
        "comment": wheel.comment.decode("utf-8", "replace"),
    }


def _wholes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for one in differences("", old, new):
        several = "\n" in one.old + one.new
        yield Difference(where="", what=one.what, old="one", new="another") if several else one


def _files(old: zipfile.ZipFile, new: zipfile.ZipFile) -> Iterator[Difference]:
    infos = [{info.filename: info for info in wheel.infolist()} for wheel in (old, new)]
    for name in sorted({*infos[0], *infos[1]}):
        before, after = infos[0].get(name), infos[1].get(name)
        if before is None or after is None:
            sizes = ["" if info is None else f"{info.file_size} bytes" for info in (before, after)]
            yield Difference(where="", what=name, old=sizes[0], new=sizes[1])
            continue
        if (before.CRC, before.file_size) != (after.CRC, after.file_size):
            yield Difference(
                where="", what=name, old=f"{before.file_size} bytes", new=f"{after.file_size} bytes"
            )
            if not name.endswith(".dist-info/RECORD"):  # which says what the other files say
                yield from _lines(name, _data(old, before), _data(new, after))
    held: dict[tuple[str, str, str], list[str]] = {}
    for name in sorted({*infos[0]} & {*infos[1]}):
        for one in differences(name, _stored(infos[0][name]), _stored(infos[1][name])):
            held.setdefault((one.what, one.old, one.new), []).append(name)
    for (what, was, is_now), names in held.items():
        if len(names) > _ALIKE:
            yield Difference(where="", what=f"{what} of {len(names)} files", old=was, new=is_now)
            continue
        for name in names:
            yield Difference(where=name, what=what, old=was, new=is_now)


def _stored(info: zipfile.ZipInfo) -> Mapping[str, str]:
    return {
        "time": "{:04}-{:02}-{:02} {:02}:{:02}:{:02}".format(*info.date_time),
        "mode": f"{info.external_attr >> 16:o}",
        "method": _METHODS.get(info.compress_type, str(info.compress_type)),
    }


def _data(wheel: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.file_size > _TEXT:
        return b""
    try:
        return wheel.read(info)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise InputError(
            "read wheel",
            f"{wheel.filename}: {info.filename}",
            why=str(error),
            fix="build or download it again",
        ) from None


def _lines(name: str, old: bytes, new: bytes) -> Iterator[Difference]:
    """Yield the first lines of a text that differ, or where the bytes of other files begin to."""
    texts = [data.decode("utf-8", "replace") for data in (old, new)]
    if any("\0" in text or "�" in text for text in texts):
        pairs = enumerate(zip(old, new, strict=False))
        first = next((place for place, pair in pairs if pair[0] != pair[1]), min(len(old), len(new)))
        bytes_there = [data[first : first + 8].hex(" ") or "the end" for data in (old, new)]
        yield Difference(where=name, what=f"at byte {first}", old=bytes_there[0], new=bytes_there[1])
        return
    changed = [
        line
        for line in difflib.unified_diff(texts[0].splitlines(), texts[1].splitlines(), lineterm="", n=0)
        if line[:1] in "+-" and not line.startswith(("+++", "---"))
    ]
    for line in changed[:_LINES]:
        old_line, new_line = (line[1:], "") if line[0] == "-" else ("", line[1:])
        yield Difference(where=name, what="line", old=old_line, new=new_line)
    if len(changed) > _LINES:
        yield Difference(where=name, what="lines", old="", new=f"{len(changed) - _LINES} more differ")
