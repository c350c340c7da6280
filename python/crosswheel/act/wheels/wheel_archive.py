"""Reading a wheel as a zip file, fast and strictly: what one reader would see and another not is refused.

Follows https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT. Knows nothing of RECORD or of installing.
"""

from __future__ import annotations

import mmap
import stat
import struct
import sys
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from crosswheel.values.errors import CheckError

__all__ = ["Member", "WheelArchive", "is_safe_path"]

_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _UTF8 = 0x1, 0x800
_END = struct.Struct("<4s4H2LH")
_END_64_PLACE = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s2B4HL2L2H")
_UNKNOWN_16, _UNKNOWN_32 = 0xFFFF, 0xFFFFFFFF
#: So much of a file may stay in memory although it is done with.
_MANY = 1 << 21
#: Deflate cannot do better than this; a member that claims more would only eat memory.
_BEST_RATIO = 1032
#: So many compressed bytes say what a file begins with.
_LONG_ENOUGH = 1 << 16


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the archive; `header` is the place of its local header."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    header: int
    is_executable: bool

    @property
    def is_deflated(self) -> bool:
        """Whether the archive holds it as a raw deflate stream; else it is stored as it is."""
        return self.method == _DEFLATED


class WheelArchive:
    """An open wheel.

    Attributes:
        path: the wheel.
        members: its files by name, in the archive's order; folders are left out.

    Raises:
        CheckError: it is not a zip file, or one that readers could understand differently.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0
        try:
            with path.open("rb") as stream:
                self._bytes = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise self.fault("it is empty") from None
        except OSError as error:
            raise self.fault(error.strerror or "it cannot be read") from None
        self._view = memoryview(self._bytes)
        try:
            self.members: Mapping[str, Member] = self._read_directory()
        except struct.error:
            self.close()
            raise self.fault("its central directory is damaged") from None
        except CheckError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._view.release()
        with suppress(BufferError):  # a part of it is still in use; it goes with that
            self._bytes.close()

    def fault(self, why: str) -> CheckError:
        """Return the error that refuses this wheel for `why`."""
        return CheckError(
            "read wheel", self.path.name, why=why, fix="get the file again, or have its author repair it"
        )

    def read(self, member: Member) -> bytes | bytearray | memoryview:
        """Return the content of `member`, inflated; its CRC is not checked, see `read_checked`."""
        packed = self.packed(member)
        if not member.is_deflated:
            return packed
        import deflate

        try:
            data: bytes | bytearray = deflate.deflate_decompress(packed, member.size)
        except deflate.DeflateError:
            raise self.fault(f"the compressed data of {member.name} is damaged") from None
        if len(data) != member.size:
            raise self.fault(f"{member.name} has {len(data)} bytes, not {member.size}")
        return data

    def beginning(self, member: Member, count: int) -> bytes:
        """Return the first `count` bytes of the content of `member`, or all if it has no more; nothing is checked."""
        packed = self.packed(member)
        if not member.is_deflated:
            return bytes(packed[:count])
        try:
            return zlib.decompressobj(wbits=-zlib.MAX_WBITS).decompress(packed[:_LONG_ENOUGH], count)
        except zlib.error:
            raise self.fault(f"the compressed data of {member.name} is damaged") from None

    def packed(self, member: Member) -> memoryview:
        """Return the bytes that the archive holds of `member`: a deflate stream, or the content itself."""
        header = member.header
        signature, _, _, _, method, _, _, _, _, _, name_length, extra_length = _LOCAL.unpack_from(
            self._view, header
        )
        start = header + _LOCAL.size
        name = bytes(self._view[start : start + name_length])
        if signature != b"PK\3\4" or method != member.method or _decode(name, utf8=True) != member.name:
            raise self.fault(f"its two headers of {member.name} disagree")
        start += name_length + extra_length
        packed = self._view[start : start + member.packed]
        if len(packed) != member.packed:
            raise self.fault(f"{member.name} ends after the archive does")
        return packed

    def own_numbers(self, member: Member) -> tuple[int, int, int, int]:
        """Return what the header of `member` itself says: flags, CRC, packed and inflated size."""
        fields = _LOCAL.unpack_from(self._view, member.header)
        return fields[3], fields[7], fields[8], fields[9]

    def forget(self, read: int) -> None:
        """Count `read` more bytes as done with; once they are many, give the memory back that they were read into.

        What is asked for again is read again, so any number will do.
        """
        self._read += read
        if self._read >= _MANY:
            self.forget_all()

    def forget_all(self) -> None:
        """Give the memory back that the file was read into."""
        self._read = 0
        if sys.platform == "linux":
            self._bytes.madvise(mmap.MADV_DONTNEED)

    def read_checked(self, member: Member) -> bytes:
        """Return the content of a member no RECORD vouches for, compared with its CRC."""
        data = bytes(self.read(member))
        if zlib.crc32(data) != member.crc:
            raise self.fault(f"the content of {member.name} does not match its CRC-32")
        return data

    def _read_directory(self) -> dict[str, Member]:
        count, size, offset = self._find_directory()
        members: dict[str, Member] = {}
        names: set[str] = set()
        place, end = offset, offset + size
        for _ in range(count):
            member, is_folder, offset = self._read_entry(offset)
            if member.name in names:
                raise self.fault(f"it holds {member.name} twice")
            if member.header + _LOCAL.size > place:
                raise self.fault(f"{member.name} does not lie before the central directory")
            names.add(member.name)
            if not is_folder:
                members[member.name] = member
        if offset != end:
            raise self.fault("its central directory has another length than it says")
        return members

    def _find_directory(self) -> tuple[int, int, int]:
        """Return the number of entries, the size and the place of the central directory."""
        place = self._bytes.rfind(b"PK\5\6", max(0, len(self._bytes) - _END.size - 0xFFFF))
        if place < 0:
            raise self.fault("it is not a zip file")
        _, disk, _, _, count, size, offset, comment = _END.unpack_from(self._view, place)
        if place + _END.size + comment != len(self._bytes) or disk not in {0, _UNKNOWN_16}:
            raise self.fault("something follows its end, or it is one of several volumes")
        if self._bytes[max(0, place - _END_64_PLACE.size) : place - _END_64_PLACE.size + 4] == b"PK\6\7":
            _, _, place, _ = _END_64_PLACE.unpack_from(self._view, place - _END_64_PLACE.size)
            signature, _, _, _, _, _, _, count, size, offset = _END_64.unpack_from(self._view, place)
            if signature != b"PK\6\6":
                raise self.fault("its zip64 end is missing")
        if offset + size != place:
            raise self.fault("its central directory is not where it says")
        return count, size, offset

    def _read_entry(self, offset: int) -> tuple[Member, bool, int]:
        fields = _CENTRAL.unpack_from(self._view, offset)
        signature, _, _, _, _, flags, method, _, _, crc, packed, size = fields[:12]
        name_length, extra_length, comment_length, _, _, attributes, header = fields[12:]
        if signature != b"PK\1\2":
            raise self.fault("its central directory is damaged")
        start = offset + _CENTRAL.size
        raw = bytes(self._view[start : start + name_length])
        name = _decode(raw, utf8=bool(flags & _UTF8) or raw.isascii())
        extra = bytes(self._view[start + name_length : start + name_length + extra_length])
        if _UNKNOWN_32 in {packed, size, header}:
            size, packed, header = _wide(extra, size, packed, header)
        mode = attributes >> 16
        if flags & _ENCRYPTED or method not in {_STORED, _DEFLATED}:
            raise self.fault(f"{name} is encrypted or packed with method {method}")
        # Systems without such modes put nothing there.
        if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise self.fault(f"{name} is a link or a special file")
        if (method == _STORED and packed != size) or size > packed * _BEST_RATIO + 64:
            raise self.fault(f"{name} claims {size} bytes out of {packed}")
        member = Member(name, method, crc, packed, size, header, bool(mode & 0o111))
        return member, name.endswith("/"), start + name_length + extra_length + comment_length


def _decode(raw: bytes, *, utf8: bool) -> str:
    return raw.decode("utf-8" if utf8 else "cp437", "surrogateescape")


def _wide(extra: bytes, size: int, packed: int, header: int) -> tuple[int, int, int]:
    """Return the three numbers with those that do not fit taken from the zip64 field."""
    offset = 0
    while offset + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, offset)
        if kind == 1:
            wide = [
                value
                for (value,) in struct.iter_unpack("<Q", extra[offset + 4 : offset + 4 + length // 8 * 8])
            ]
            narrow = (size, packed, header)
            filled = [wide.pop(0) if value == _UNKNOWN_32 and wide else value for value in narrow]
            return filled[0], filled[1], filled[2]
        offset += 4 + length
    return size, packed, header


def is_safe_path(name: str) -> bool:
    """Whether `name` is a plain relative path that stays where it is put, on every system."""
    if not name or name.startswith("/") or "\\" in name or "\0" in name or ":" in name.split("/", 1)[0]:
        return False
    return not any(part in {"", ".", ".."} for part in name.split("/"))
