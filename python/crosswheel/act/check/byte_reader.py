"""Reads numbers and texts at offsets that a file itself names, and survives files that lie about them."""

from __future__ import annotations

import struct

from .file_bytes import PartBytes

__all__ = ["ByteReader", "DamagedBinaryError"]

_SHORT_STRUCTS = {1: "B", 2: "H", 4: "I", 8: "Q"}


class DamagedBinaryError(ValueError):
    """The bytes begin like a file of machine code but cannot be read as one."""


class ByteReader:
    """Bounds-checked reading.

    Every read also spends from a budget in proportion to the file's size, so that tables which point at each other's
    entries again and again end in an error and not in hours of work.

    Args:
        data: the whole file.
        order: ``<`` or ``>``, as `struct` has it.
    """

    def __init__(self, data: PartBytes, order: str = "<") -> None:
        self.data = data
        self.order = order
        self._budget = 64 * len(data) + (1 << 20)

    def number(self, offset: int, size: int) -> int:
        """Return the unsigned number of `size` bytes at `offset`.

        Raises:
            DamagedBinaryError: it is outside of the file.
        """
        self._check(offset, size)
        self.spend(size)
        return int(struct.unpack(self.order + _SHORT_STRUCTS[size], self.data[offset : offset + size])[0])

    def numbers(self, layout: str, offset: int) -> tuple[int, ...]:
        """Return the numbers of a `struct` layout without byte order.

        Raises:
            DamagedBinaryError: they are outside of the file.
        """
        compiled = struct.Struct(self.order + layout)
        self._check(offset, compiled.size)
        self.spend(compiled.size)
        return compiled.unpack(self.data[offset : offset + compiled.size])

    def part(self, offset: int, size: int) -> bytes:
        """Return `size` bytes at `offset`.

        Raises:
            DamagedBinaryError: they are not all there.
        """
        self._check(offset, size)
        self.spend(size)
        return self.data[offset : offset + size]

    def text(self, offset: int, end: int | None = None) -> str:
        """Return the text at `offset` up to its zero byte, which has to come before `end`.

        Raises:
            DamagedBinaryError: there is no such text.
        """
        stop = len(self.data) if end is None else min(end, len(self.data))
        if not 0 <= offset < stop:
            raise DamagedBinaryError(f"a text at {offset:#x} is outside of its table")
        zero = self.data.find(b"\0", offset, stop)
        if zero < 0:
            raise DamagedBinaryError("a text runs past its table")
        self.spend(zero - offset + 1)
        return self.data[offset:zero].decode("utf-8", "surrogateescape")

    def _check(self, offset: int, size: int) -> None:
        if offset < 0 or size < 0 or offset + size > len(self.data):
            raise DamagedBinaryError(f"{size} bytes at {offset:#x} are outside of the file")

    def spend(self, size: int) -> None:
        """Take `size` from the budget.

        Raises:
            DamagedBinaryError: nothing is left of it.
        """
        self._budget -= size + 1
        if self._budget < 0:
            raise DamagedBinaryError("its tables refer to themselves")
