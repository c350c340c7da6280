"""The PE reader on files made here: what it reads, and that damage never gets past it as anything but an error."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosswheel.act.check.byte_reader import DamagedBinaryError
from crosswheel.act.check.pe import PeImport, parse_pe
from pe_files import AMD64, ARM64_PE, X86, pe_file, windows_module


@pytest.mark.parametrize("machine", [AMD64, ARM64_PE, X86])
def test_it_reads_what_the_file_says(machine: int) -> None:
    pe = parse_pe(
        pe_file(
            machine,
            imports={"python313.dll": ["PyLong_FromLong", "12", "Py_IncRef"], "KERNEL32.dll": ["Sleep"]},
            delayed={"WINSPOOL.DRV": ["OpenPrinterW"]},
            exports=["PyInit_x", "other"],
        )
    )
    assert (pe.machine, pe.is_dll, pe.timestamp, pe.is_managed) == (machine, True, 7, False)
    assert pe.imports == (
        PeImport("python313.dll", ("PyLong_FromLong", "Py_IncRef"), delayed=False),
        PeImport("KERNEL32.dll", ("Sleep",), delayed=False),
        PeImport("WINSPOOL.DRV", ("OpenPrinterW",), delayed=True),
    )
    assert (pe.name, sorted(pe.exports)) == ("demo.dll", ["PyInit_x", "other"])


def test_net_code_is_told_apart() -> None:
    assert parse_pe(pe_file(X86, managed=True)).is_managed


def test_a_table_that_refers_to_itself_ends_in_an_error() -> None:
    data = windows_module("x")
    start = data.index(struct.pack("<I", 0x1000 + data.index(b"PyInit_x") - 0x400), 0x400)
    names = struct.pack("<I", 0x1000 + data.index(b"PyInit_x") - 0x400)
    count = data.index(struct.pack("<III", 1, 1, 1))
    lying = data[: count + 8] + struct.pack("<I", 0x7FFFFFFF) + data[count + 12 :]
    assert data[start : start + 4] == names
    with pytest.raises(DamagedBinaryError):
        parse_pe(lying)


@pytest.mark.parametrize("cut", [2, 0x40, 0x44, 0x60, 0x150, 0x3FF, 0x410])
def test_a_truncated_file_is_refused(cut: int) -> None:
    with pytest.raises(DamagedBinaryError):
        parse_pe(windows_module("x")[:cut])


_GOOD = windows_module("x", delayed={"user32.dll": ["MessageBoxW"]})


@settings(max_examples=300, deadline=None)
@given(st.integers(0x40, len(_GOOD) - 1), st.binary(min_size=1, max_size=8))
def test_damage_is_an_error_or_nothing(place: int, damage: bytes) -> None:
    try:
        parse_pe(_GOOD[:place] + damage + _GOOD[place + len(damage) :])
    except DamagedBinaryError:
        return
