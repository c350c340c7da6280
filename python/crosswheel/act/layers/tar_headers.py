"""Headers of tar archives: ustar, and a pax record for whatever ustar has no room for.

Standard: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, "ustar Interchange Format" and "pax
Interchange Format". Nothing of the machine gets in: no names of users or groups, one time for all.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["END_OF_ARCHIVE", "FOLDER", "REGULAR", "SYMLINK", "padding", "tar_header"]

_BLOCK = 512
#: Two blocks of zeros.
END_OF_ARCHIVE = bytes(2 * _BLOCK)

REGULAR, SYMLINK, FOLDER, _PAX = b"0", b"2", b"5", b"x"
_NAME, _PREFIX, _LINK = 100, 155, 100
_WIDEST = {8: 0o7777777, 12: 0o77777777777}
#: What readers that know no pax records would call the record; the same as in Python's tarfile.
_PAX_NAME = b"././@PaxHeader"


def padding(size: int) -> bytes:
    """Return the zeros that follow `size` bytes of content."""
    return bytes(-size % _BLOCK)


def tar_header(
    path: str,
    kind: bytes,
    *,
    mode: int,
    uid: int = 0,
    gid: int = 0,
    size: int = 0,
    time: int = 0,
    link: str = "",
) -> bytes:
    """Return the header blocks of one entry.

    Args:
        path: the entry's path; that of a folder gets its slash here.
        kind: `REGULAR`, `SYMLINK` or `FOLDER`.
        mode: permission bits.
        uid: number of the owning user.
        gid: number of the owning group.
        size: of the content that follows, bytes.
        time: of the last change, seconds since 1970.
        link: what a symbolic link leads to.
    """
    name = path.encode() + (b"/" if kind == FOLDER else b"")
    target = link.encode()
    records: dict[str, bytes] = {}
    split = _split(name)
    if split is None or not name.isascii():
        records["path"] = name
        split = b"", _ascii(name)[:_NAME]
    if len(target) > _LINK or not target.isascii():
        records["linkpath"] = target
        target = _ascii(target)[:_LINK]
    numbers = {"uid": (uid, 8), "gid": (gid, 8), "size": (size, 12), "mtime": (time, 12)}
    for key, (number, width) in numbers.items():
        if number > _WIDEST[width]:
            records[key] = b"%d" % number
            numbers[key] = (0, width)
    narrow = {key: number for key, (number, _) in numbers.items()}
    header = _ustar(split, kind, mode, narrow, target)
    return _pax(records) + header if records else header


def _split(name: bytes) -> tuple[bytes, bytes] | None:
    """Return the two fields, prefix and name, that a slash joins to `name`; ``None`` if it does not fit."""
    if len(name) <= _NAME:
        return b"", name
    place = name.find(b"/", len(name) - _NAME - 1, len(name) - 1)
    return None if place < 0 or place > _PREFIX else (name[:place], name[place + 1 :])


def _ascii(name: bytes) -> bytes:
    return name.decode().encode("ascii", "replace")


def _pax(records: Mapping[str, bytes]) -> bytes:
    data = b"".join(_pax_record(key, value) for key, value in sorted(records.items()))
    numbers = {"uid": 0, "gid": 0, "size": len(data), "mtime": 0}
    return _ustar((b"", _PAX_NAME), _PAX, 0o644, numbers, b"") + data + padding(len(data))


def _pax_record(key: str, value: bytes) -> bytes:
    """Return a line whose number at its start is the line's own length."""
    rest = b" " + key.encode() + b"=" + value + b"\n"
    length = len(rest) + len(str(len(rest)))
    if len(str(length)) + len(rest) != length:
        length += 1
    return b"%d" % length + rest


def _ustar(
    split: tuple[bytes, bytes], kind: bytes, mode: int, numbers: Mapping[str, int], target: bytes
) -> bytes:
    prefix, name = split
    before = b"%s%07o\0%07o\0%07o\0%011o\0%011o\0" % (
        name.ljust(_NAME, b"\0"),
        mode,
        numbers["uid"],
        numbers["gid"],
        numbers["size"],
        numbers["mtime"],
    )
    after = kind + target.ljust(_LINK, b"\0") + b"ustar\x0000" + bytes(64) + b"0000000\0" * 2
    block = (before + b" " * 8 + after + prefix).ljust(_BLOCK, b"\0")
    return before + b"%06o\0 " % sum(block) + block[len(before) + 8 :]
