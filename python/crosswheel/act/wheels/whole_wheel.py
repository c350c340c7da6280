"""A wheel of which every byte that counts has been read: its contents are what its directory and its headers say."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crosswheel.act.wheels.wheel_archive import Member, WheelArchive
from crosswheel.values.errors import CheckError

__all__ = ["WholeWheel", "open_whole_wheel"]

_PIECE = 1 << 20
#: The flag that says that CRC and sizes follow the data (APPNOTE.TXT, 4.4.4).
_NUMBERS_FOLLOW = 0x8
#: What stands for a number that is in a zip64 field.
_WIDE = 0xFFFFFFFF


@dataclass(frozen=True, kw_only=True, slots=True)
class WholeWheel:
    """An open wheel.

    Attributes:
        archive: the archive; its files, read strictly.
        infos: what the directory says of each entry, folders included, in its order.
        comment: of the archive.
        digests: SHA-256 of the contents that have been read, hexadecimal, by name.
    """

    archive: WheelArchive
    infos: Mapping[str, zipfile.ZipInfo]
    comment: bytes
    digests: dict[str, str] = field(default_factory=dict)

    def check(self, member: Member, *, known: str = "") -> str:
        """Read a file to its end; return the digest of its content.

        Args:
            member: the file.
            known: its digest, where bytes and CRC are those of a file that has been checked: it is not read again.

        Raises:
            CheckError: it is damaged, or not what the headers say.
        """
        self._check_header(member)
        self.digests[member.name] = known or self._read(member)
        return self.digests[member.name]

    def _read(self, member: Member) -> str:
        digest, crc, size = hashlib.sha256(), 0, 0
        for piece in self.pieces(member):
            digest.update(piece)
            crc = zlib.crc32(piece, crc)
            size += len(piece)
        if crc != member.crc or size != member.size:
            raise self.archive.fault(f"the content of {member.name} does not match its CRC-32 and size")
        return digest.hexdigest()

    def pieces(self, member: Member) -> Iterator[bytes]:
        """Yield the content of a file, inflated piece by piece.

        Raises:
            CheckError: its compressed data is damaged.
        """
        packed = self.archive.packed(member)
        inflater = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        for start in range(0, len(packed), _PIECE):
            left = bytes(packed[start : start + _PIECE])
            self.archive.forget(len(left))
            if not member.is_deflated:
                yield left
                continue
            while left:
                try:
                    data = inflater.decompress(left, _PIECE)
                except zlib.error:
                    raise self._damaged(member) from None
                left = inflater.unconsumed_tail
                if data:
                    yield data
                if inflater.unused_data or (inflater.eof and start + _PIECE < len(packed)):
                    raise self._damaged(member)
        if member.is_deflated:
            if data := inflater.flush():
                yield data
            if not inflater.eof:
                raise self._damaged(member)

    def _damaged(self, member: Member) -> CheckError:
        return self.archive.fault(f"the compressed data of {member.name} is damaged")

    def _check_header(self, member: Member) -> None:
        """Refuse a file whose own header says other numbers than the directory: some readers go by the one, some by the other."""
        self.archive.packed(member)
        flags, *numbers = self.archive.own_numbers(member)
        said = (member.crc, member.packed, member.size)
        agree = all(one in {other, _WIDE} for one, other in zip(numbers, said, strict=True))
        if not agree and not flags & _NUMBERS_FOLLOW:
            raise self.archive.fault(f"its two headers of {member.name} disagree")


def open_whole_wheel(path: Path) -> WholeWheel:
    """Open a wheel, whose archive is to be closed; its files are read by `WholeWheel.check`.

    Raises:
        CheckError: it is no zip file, one that readers could understand differently, or something stands before or behind it.
    """
    archive = WheelArchive(path)
    try:
        with zipfile.ZipFile(path) as opened:
            infos = {info.filename: info for info in opened.infolist()}
            comment = opened.comment
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile) as error:
        archive.close()
        raise archive.fault(str(error)) from None
    if {name for name in infos if not name.endswith("/")} != {*archive.members}:
        archive.close()
        raise archive.fault("readers disagree about the names of its files")
    if infos and min(info.header_offset for info in infos.values()):
        archive.close()
        raise archive.fault("something stands before its first file")
    return WholeWheel(archive=archive, infos=infos, comment=comment)
