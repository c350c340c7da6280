"""Keeps apart what assembler code put into one section of constants; copied beside the compiler launchers.

A section flagged to be merged holds constants of one size, which a linker may drop, join and reorder. Hand-written code
declares such sections and reads a table of several constants from them: GNU's linker keeps their order, LLVM's does not,
and the code computes nonsense. Unmerged, a section costs a few bytes and is right with any linker.
ELF specification, "Section attribute flags": https://gabi.xinuos.com/elf/03-sheader.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loading it takes longer than a compiler's probe
    from typing import Literal

__all__ = ["keep_constants_apart"]

_MERGE, _STRINGS = 0x10, 0x20


def keep_constants_apart(data: bytes) -> bytes:
    """Return an object file with no section of constants that may be merged; strings still may.

    Args:
        data: an object file; returned as it is if it is no ELF file.
    """
    if data[:4] != b"\x7fELF" or len(data) < 64:
        return data
    order: Literal["little", "big"] = "little" if data[5] == 1 else "big"
    wide = data[4] == 2

    def number(place: int, size: int) -> int:
        return int.from_bytes(data[place : place + size], order)

    headers, width = (number(40, 8), 8) if wide else (number(32, 4), 4)
    each, count = (number(58, 2), number(60, 2)) if wide else (number(46, 2), number(48, 2))
    changed = bytearray(data)
    for index in range(count):
        place = headers + index * each + 8
        flags = number(place, width)
        if flags & _MERGE and not flags & _STRINGS:
            changed[place : place + width] = (flags & ~_MERGE).to_bytes(width, order)
    return bytes(changed)
