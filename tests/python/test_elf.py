"""The ELF reader, on files of every class, byte order and degree of damage."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.act.check.binary_kinds import BinaryKind, archive_members, kind_of, leftover_of, machine_name
from crosswheel.act.check.elf import UndefinedSymbol, VersionNeed, parse_elf, program_loader
from elf_files import ARCHITECTURES, Need, elf_file


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_machine_libraries_and_symbols_are_read_for_every_architecture(arch: str) -> None:
    machine, bits, order, flags = ARCHITECTURES[arch]
    elf = parse_elf(
        elf_file(
            arch,
            needed=["libm.so.6", "libc.so.6"],
            imports=[
                Need("pow", "GLIBC_2.29", "libm.so.6"),
                Need("memcpy", "GLIBC_2.17", "libc.so.6"),
                Need("PyErr_Clear"),
                Need("__gmon_start__", weak=True),
            ],
            exports=["PyInit_demo"],
            soname="demo.so",
        )
    )
    assert (elf.machine, elf.bits, elf.byteorder, elf.flags) == (
        machine, bits, "little" if order == "<" else "big", flags,
    )  # fmt: skip
    assert elf.needed == ("libm.so.6", "libc.so.6")
    assert elf.soname == "demo.so"
    assert elf.defined == {"PyInit_demo"}
    assert elf.undefined == (
        UndefinedSymbol("pow", "GLIBC_2.29", "libm.so.6", weak=False),
        UndefinedSymbol("memcpy", "GLIBC_2.17", "libc.so.6", weak=False),
        UndefinedSymbol("PyErr_Clear", None, None, weak=False),
        UndefinedSymbol("__gmon_start__", None, None, weak=True),
    )
    assert elf.version_needs == (
        VersionNeed("libm.so.6", "GLIBC_2.29", weak=False),
        VersionNeed("libc.so.6", "GLIBC_2.17", weak=False),
    )


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_symbols_are_read_without_section_headers(arch: str) -> None:
    elf = parse_elf(elf_file(arch, exports=["one", "two"], section_headers=False))
    assert elf.defined == {"one", "two"}


def test_run_paths_of_both_kinds_are_read() -> None:
    elf = parse_elf(elf_file(run_path="$ORIGIN/../demo.libs:/opt/lib", rpath="/usr/local/lib"))
    assert elf.run_paths == ("$ORIGIN/../demo.libs", "/opt/lib", "/usr/local/lib")


@pytest.mark.parametrize("wanted", [True, False])
def test_an_executable_stack_is_seen(wanted: bool) -> None:
    assert parse_elf(elf_file(executable_stack=wanted)).executable_stack is wanted


@pytest.mark.parametrize("wanted", [True, False])
def test_text_relocations_are_seen(wanted: bool) -> None:
    assert parse_elf(elf_file(text_relocations=wanted)).text_relocations is wanted


def test_debug_sections_and_loader_are_read() -> None:
    elf = parse_elf(elf_file(sections=[".debug_info", ".text"], interpreter="/lib/ld-linux-aarch64.so.1"))
    assert elf.debug_sections == (".debug_info",)
    assert elf.interpreter == "/lib/ld-linux-aarch64.so.1"


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_program_loader_is_told_by_the_first_bytes(arch: str) -> None:
    data = elf_file(arch, interpreter="/lib/ld-musl.so.1")
    name = data.index(b"/lib/ld-musl")
    assert program_loader(data[: name + 18]) == "/lib/ld-musl.so.1"
    assert [program_loader(data[:size]) for size in (0, 50, 100, name, name + 12)] == [None] * 5
    assert program_loader(elf_file(arch)) is None


def test_the_marked_instruction_set_level_is_read() -> None:
    assert parse_elf(elf_file("x86_64", x86_isa=1 | 2 | 4)).x86_isa == 7


def test_kinds_are_told_by_magic() -> None:
    pe = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0\x64\xaa"
    java = b"\xca\xfe\xba\xbe\0\0\0\x34"
    assert [kind_of(data) for data in (elf_file(), pe, b"\xcf\xfa\xed\xfe\x0c\0\0\x01", b"!<arch>\n", java, b"MZ text")] == [
        BinaryKind.ELF, BinaryKind.PE, BinaryKind.MACH_O, BinaryKind.ARCHIVE, None, None,
    ]  # fmt: skip
    assert machine_name(pe, BinaryKind.PE) == "arm64"
    assert machine_name(elf_file("s390x"), BinaryKind.ELF) == "s390x"


def _archive(members: list[tuple[bytes, bytes]]) -> bytes:
    data = b"!<arch>\n"
    for name, body in members:
        data += (
            name.ljust(16) + b"0           0     0     644     " + str(len(body)).encode().ljust(10) + b"`\n"
        )
        data += body + b"\n" * (len(body) % 2)
    return data


def test_members_of_static_archives_are_read_with_long_names() -> None:
    archive = _archive(
        [(b"/", b"x"), (b"//", b"a_rather_long_name.o/\n"), (b"/0", b"one"), (b"b.o/", b"two")]
    )
    assert list(archive_members(archive)) == [("a_rather_long_name.o", b"one"), ("b.o", b"two")]


def test_leftovers_are_told_by_content() -> None:
    assert (
        leftover_of("a/x.pdb", b"Microsoft C/C++ MSF 7.00\r\n\x1aDS")
        == "a debug database of a Windows linker"
    )
    assert leftover_of("a/molecule.pdb", b"HEADER    PROTEIN") is None
    assert leftover_of("a/x.o", elf_file(file_type=1)) == "an object file"
    assert leftover_of("a/x.lib", _archive([])) == "an import library of Windows"
    assert leftover_of("a/libx.a", _archive([])) is None


def test_a_real_module_is_read() -> None:
    from deflate import _deflate

    elf = parse_elf(Path(_deflate.__file__).read_bytes())
    assert "PyInit__deflate" in elf.defined
    assert "libc.so.6" in elf.needed
