"""ELF, Mach-O and PE files cut off at every byte and damaged at every byte: read, or refused in words of ours."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from crosswheel.act.check.byte_reader import DamagedBinaryError
from crosswheel.act.check.elf import parse_elf
from crosswheel.act.check.mach_o import parse_mach_o
from crosswheel.act.check.pe import parse_pe
from elf_files import Need, elf_file
from mach_o_files import apple_module, universal_file
from pe_files import windows_module

IMPORTS = [Need("pow", "GLIBC_2.29", "libm.so.6"), Need("f")]
EXPORTS = ["PyInit_demo"]
SAMPLES: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "ELF": (
        parse_elf,
        elf_file("x86_64", imports=IMPORTS, exports=EXPORTS, sections=[".comment"], x86_isa=3, functions=2),
    ),
    "ELF, big-endian, stripped": (
        parse_elf,
        elf_file("s390x", imports=IMPORTS, exports=EXPORTS, section_headers=False),
    ),
    "ELF, 32 bits": (parse_elf, elf_file("armv7l", imports=IMPORTS, exports=EXPORTS, sections=[".debug_x"])),
    "Mach-O": (parse_mach_o, apple_module("demo", in_trie=True)),
    "Mach-O, universal": (parse_mach_o, universal_file((0x0100000C, apple_module("demo")))[:4600]),
    "PE": (parse_pe, windows_module("demo", delayed={"x.dll": ["f"]})),
}
#: Words of the libraries below the readers, which tell a person nothing.
RAW = ("unpack", "buffer", "struct", "index out of range", "codec")


def damaged(data: bytes) -> Iterator[bytes]:
    """Yield `data` cut off at every byte, every byte changed to what breaks most, and changed in several places."""
    chance = random.Random(1)
    yield from (data[:cut] for cut in range(len(data)))
    for place in range(min(len(data), 1500)):
        yield from (data[:place] + bytes([value]) + data[place + 1 :] for value in (0, 0xFF))
    for _ in range(300):
        changed = bytearray(data)
        for _ in range(chance.randint(2, 6)):
            place = chance.randrange(4, len(data))
            changed[place : place + 4] = chance.choice((b"\xff\xff\xff\xff", bytes(4), chance.randbytes(4)))
        yield bytes(changed)


@pytest.mark.parametrize("name", SAMPLES)
def test_damage_is_read_or_refused_in_plain_words(name: str) -> None:
    parse, data = SAMPLES[name]
    for one in damaged(data):
        try:
            parse(one)
        except DamagedBinaryError as error:
            assert not [word for word in RAW if word in str(error)], one  # noqa: PT017


def test_a_table_of_versions_that_refers_to_itself_comes_to_an_end() -> None:
    data = elf_file("x86_64", imports=IMPORTS)
    count = data.index(b"\1\0\1\0", data.index(b"GLIBC_2.29")) + 2
    with pytest.raises(DamagedBinaryError, match="its tables refer to themselves"):
        parse_elf(data[:count] + b"\xff\xff" + data[count + 2 :])
