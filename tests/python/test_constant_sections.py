"""Constants of assembler code stay where they were put: the one flag that lets a linker move them is taken away."""

from __future__ import annotations

import struct

import pytest

from crosswheel.act.building.injected.constant_sections import keep_constants_apart

#: Section flags: allocated; and to be merged; and of strings.
PLAIN, CONSTANTS, STRINGS = 0x2, 0x12, 0x32


def object_file(*flags: int, wide: bool, order: str) -> bytes:
    """Return an object file whose sections have these flags."""
    header = f"{order}II" + ("QQQQIIQQ" if wide else "IIIIIIII")
    sections = b"".join(struct.pack(header, 0, 1, flag, 0, 0, 0, 0, 0, 0, 16) for flag in flags)
    start = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + b"\0" * 9
    place = 64 if wide else 52
    words = f"{order}HHI" + ("QQQ" if wide else "III") + "IHHHHHH"
    ends = (0, place, 0, 0, struct.calcsize(header), len(flags), 0)
    whole = start + struct.pack(words, 1, 183, 1, 0, 0, place, *ends)
    return whole.ljust(place, b"\0") + sections


@pytest.mark.parametrize(("wide", "order"), [(True, "<"), (True, ">"), (False, "<"), (False, ">")])
def test_constants_are_no_longer_merged_and_all_else_is_as_it_was(wide: bool, order: str) -> None:
    before = object_file(PLAIN, CONSTANTS, STRINGS, CONSTANTS, wide=wide, order=order)
    after = object_file(PLAIN, PLAIN, STRINGS, PLAIN, wide=wide, order=order)
    assert keep_constants_apart(before) == after


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"BC\xc0\xde" + b"\0" * 99])
def test_what_is_no_object_file_of_elf_is_left_alone(data: bytes) -> None:
    assert keep_constants_apart(data) == data
