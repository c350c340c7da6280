"""The Mach-O reader on files made here: what it reads, and that damage never gets past it as anything but an error."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosswheel.act.check.byte_reader import DamagedBinaryError
from crosswheel.act.check.code_signature import Signature
from crosswheel.act.check.mach_o import MachOLibrary, MachOSymbol, parse_mach_o
from mach_o_files import ARM64, MAC_X86_64, apple_module, mach_o_file, universal_file


def test_it_reads_what_the_file_says() -> None:
    (image,) = parse_mach_o(
        mach_o_file(
            exports=["PyInit_x", "other"],
            imports=[("memcpy", 1), ("PyLong_FromLong", 0xFE), ("deflate", 2)],
            libraries=["/usr/lib/libSystem.B.dylib"],
            weak_libraries=["@rpath/libz.dylib"],
            install_name="@rpath/x.so",
            run_paths=["@loader_path/.dylibs"],
            minimum=(12, 3),
        )
    )
    assert (image.cpu, image.type, image.platform, image.minimum) == (ARM64, 8, 1, (12, 3, 0))
    assert image.libraries == (
        MachOLibrary("/usr/lib/libSystem.B.dylib", weak=False),
        MachOLibrary("@rpath/libz.dylib", weak=True),
    )
    assert (image.install_name, image.run_paths) == ("@rpath/x.so", ("@loader_path/.dylibs",))
    assert image.defined == {"PyInit_x", "other"}
    assert image.undefined == (
        MachOSymbol("memcpy", False, "/usr/lib/libSystem.B.dylib"),
        MachOSymbol("PyLong_FromLong", False, None),
        MachOSymbol("deflate", False, "@rpath/libz.dylib"),
    )
    assert image.signature is Signature.VALID


def test_exports_are_found_in_the_trie_of_a_stripped_file() -> None:
    (image,) = parse_mach_o(mach_o_file(exports=["PyInit_x", "other"], in_trie=True))
    assert image.defined == {"PyInit_x", "other"}


def test_the_older_command_for_the_deployment_target_counts() -> None:
    (image,) = parse_mach_o(mach_o_file(MAC_X86_64, platform=0, minimum=(10, 9)))
    assert (image.platform, image.minimum) == (1, (10, 9, 0))


@pytest.mark.parametrize("state", ["absent", "valid", "broken"])
def test_a_signature_is_held_against_the_bytes(state: str) -> None:
    (image,) = parse_mach_o(apple_module("x", signature=state))
    assert image.signature.value == state


def test_a_byte_changed_after_signing_breaks_the_signature() -> None:
    data = apple_module("x", run_paths=["@loader_path/a"])
    (image,) = parse_mach_o(data.replace(b"@loader_path/a", b"@loader_path/b"))
    assert image.signature is Signature.BROKEN


def test_a_universal_file_is_read_part_by_part() -> None:
    arm, intel = apple_module("x"), apple_module("x", cpu=MAC_X86_64, minimum=(10, 13))
    images = parse_mach_o(universal_file((MAC_X86_64, intel), (ARM64, arm)))
    assert [(image.cpu, image.minimum) for image in images] == [
        (MAC_X86_64, (10, 13, 0)),
        (ARM64, (11, 0, 0)),
    ]


def test_a_trie_that_leads_in_a_circle_is_refused() -> None:
    data = mach_o_file(exports=["a" * 8, "b" * 8], in_trie=True, signature="absent")
    start = data.index(b"_bbbbbbbb\0") + len(b"_bbbbbbbb\0")
    with pytest.raises(DamagedBinaryError, match="no tree"):
        parse_mach_o(data[:start] + b"\x80\x00" + data[start + 2 :])


@pytest.mark.parametrize(
    ("offset", "value"),
    [(16, 0xFFFFFFFF), (20, 4), (36, 0), (36, 0xFFFFFFFF)],
    ids=["many commands", "short table", "command of size 0", "huge command"],
)
def test_lying_headers_are_refused(offset: int, value: int) -> None:
    data = bytearray(apple_module("x"))
    struct.pack_into("<I", data, offset, value)
    with pytest.raises(DamagedBinaryError):
        parse_mach_o(bytes(data))


def test_too_many_architectures_are_refused() -> None:
    with pytest.raises(DamagedBinaryError, match="4294967295 architectures"):
        parse_mach_o(b"\xca\xfe\xba\xbe" + b"\xff" * 64)


_GOOD = universal_file((ARM64, mach_o_file(exports=["PyInit_x"], in_trie=True, imports=[("memcpy", 1)])))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(_GOOD) - 1), st.binary(min_size=1, max_size=8), st.integers(0, len(_GOOD)))
def test_damage_is_an_error_or_nothing(place: int, damage: bytes, cut: int) -> None:
    for data in (_GOOD[:place] + damage + _GOOD[place + len(damage) :], _GOOD[:cut]):
        try:
            parse_mach_o(data)
        except DamagedBinaryError:
            continue
