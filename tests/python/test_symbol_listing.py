"""The launcher `nm` of a toolchain that has none."""

from __future__ import annotations

import importlib
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from crosswheel.act import sysroot
from crosswheel.act.building import injected
from crosswheel.act.sysroot import ar_archives

#: Name, type and binding (``info``), section, value, size.
SYMBOLS = (
    ("source.c", 4, 0xFFF1, 0, 0),
    ("$x", 0, 1, 0, 0),
    ("main", 0x12, 1, 0x10, 8),
    ("helper", 0x02, 1, 0, 4),
    ("puts", 0x10, 0, 0, 0),
    ("maybe", 0x20, 0, 0, 0),
    ("spare", 0x21, 2, 4, 4),
    ("data", 0x11, 2, 0, 4),
    ("text", 0x11, 3, 0, 6),
    ("zeroes", 0x01, 4, 0, 16),
    ("shared", 0x11, 0xFFF2, 8, 8),
    ("fixed", 0x10, 0xFFF1, 0x20, 0),
)
#: Kind and flags: code, data, read-only data, zeroes.
SECTIONS = ((1, 6), (1, 3), (1, 2), (8, 3))
LISTED = """\
{0}00 D data
{0}20 A fixed
{0}00 t helper
{0}10 T main
{1}   w maybe
{1}   U puts
{0}08 C shared
{0}04 V spare
{0}00 R text
{0}00 b zeroes
"""


def object_file(*, wide: bool, order: str, machine: int = 183) -> bytes:
    """Return a relocatable ELF file with `SYMBOLS`."""
    strings, table = b"\0", b"\0" * (24 if wide else 16)
    for name, info, section, value, size in SYMBOLS:
        place, strings = len(strings), strings + name.encode() + b"\0"
        table += (
            struct.pack(f"{order}IBBHQQ", place, info, 0, section, value, size)
            if wide
            else struct.pack(f"{order}IIIBBH", place, value, size, info, 0, section)
        )
    begin = 64 if wide else 52
    header = f"{order}IIQQQQIIQQ" if wide else f"{order}IIIIIIIIII"
    made = [(0, 0, 0, 0, 0), *((kind, flags, begin, 0, 0) for kind, flags in SECTIONS)]
    made += [(2, 0, begin, len(table), 6), (3, 0, begin + len(table), len(strings), 0)]
    headers = b"".join(
        struct.pack(header, 0, kind, flags, 0, place, size, link, 0, 0, 0)
        for kind, flags, place, size, link in made
    )
    sections = begin + len(table) + len(strings)
    words = f"{order}HHI" + ("QQQ" if wide else "III") + "IHHHHHH"
    start = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + b"\0" * 9
    ends = (0, begin, 0, 0, struct.calcsize(header), len(made), len(made) - 1)
    return start + struct.pack(words, 1, machine, 1, 0, 0, sections, *ends) + table + strings + headers


def archive(*members: tuple[str, bytes]) -> bytes:
    """Return an archive of these members."""
    whole = b"!<arch>\n"
    for name, data in members:
        whole += f"{name + '/':16}{0:<12}{0:<6}{0:<6}{644:<8}{len(data):<10}`\n".encode() + data
        whole += b"\n" * (len(data) % 2)
    return whole


@pytest.fixture(scope="module")
def nm() -> Iterator[Callable[[Sequence[str]], tuple[str, str, int]]]:
    """Return the launcher's function; the package it is copied into has the module it needs beside it."""
    package = type(sys)("crosswheel_launcher")
    package.__path__ = [str(Path(injected.__file__).parent), str(Path(sysroot.__file__).parent)]
    sys.modules["crosswheel_launcher"] = package
    sys.modules["crosswheel_launcher.ar_archives"] = ar_archives
    yield importlib.import_module("crosswheel_launcher.symbol_listing").list_symbols
    for name in [name for name in sys.modules if name.startswith("crosswheel_launcher")]:
        del sys.modules[name]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x.o"
    path.write_bytes(object_file(wide=True, order="<"))
    return path


Nm = Callable[[Sequence[str]], tuple[str, str, int]]


@pytest.mark.parametrize(("wide", "order"), [(True, "<"), (True, ">"), (False, "<"), (False, ">")])
def test_every_kind_of_symbol_has_its_letter(nm: Nm, tmp_path: Path, wide: bool, order: str) -> None:
    path = tmp_path / "x.o"
    path.write_bytes(object_file(wide=wide, order=order))
    zeroes = 14 if wide else 6
    expected = LISTED.format("0" * zeroes, " " * zeroes)
    assert nm([str(path)]) == (expected, "", 0)


def test_marks_of_the_assembler_are_symbols_where_the_machine_has_none(nm: Nm, tmp_path: Path) -> None:
    path = tmp_path / "x.o"
    path.write_bytes(object_file(wide=True, order="<", machine=62))
    assert nm([str(path)])[0].startswith(f"{0:016x} t $x\n")


@pytest.mark.parametrize(
    ("option", "names"),
    [
        ("-g", "data fixed main maybe puts shared spare text"),
        ("-u", "maybe puts"),
        ("--defined-only", "data fixed helper main shared spare text zeroes"),
        ("-p", "main helper puts maybe spare data text zeroes shared fixed"),
        ("-n", "maybe puts data helper text zeroes spare shared main fixed"),
        ("-gr", "text spare shared puts maybe main fixed data"),
    ],
)
def test_what_is_asked_for_is_listed(nm: Nm, file: Path, option: str, names: str) -> None:
    printed, said, status = nm(["-B", option, str(file)])
    assert [line.split()[-1] for line in printed.splitlines()] == names.split()
    assert (said, status) == ("", 0)


def test_the_form_of_posix(nm: Nm, file: Path) -> None:
    lines = nm(["-P", str(file)])[0].splitlines()
    assert [line for line in lines if line.split()[0] in {"main", "puts", "fixed"}] == [
        "fixed A 20 ", "main T 10 8", "puts U         ",
    ]  # fmt: skip


def test_members_of_an_archive_are_named(nm: Nm, file: Path, tmp_path: Path) -> None:
    place = tmp_path / "x.a"
    place.write_bytes(archive(("one.o", file.read_bytes()), ("a_rather_odd.o", file.read_bytes())))
    plain, named = nm(["-u", str(place)])[0], nm(["-uA", str(place)])[0]
    blank = " " * 16
    one = f"{blank} w maybe\n{blank} U puts\n"
    assert plain == f"\none.o:\n{one}\na_rather_odd.o:\n{one}"
    assert named.splitlines()[0] == f"{place}:one.o:{blank} w maybe"


def test_several_files_are_told_apart(nm: Nm, file: Path) -> None:
    printed, said, status = nm(["-u", str(file), "/nowhere/x.o"])
    assert printed.startswith(f"\n{file}:\n")
    assert (said, status) == ("nm: '/nowhere/x.o': No such file or directory\n", 1)


def test_libtool_sees_that_it_knows_its_option(nm: Nm) -> None:
    # What libtool.m4 looks for to take a program for an `nm` in BSD's style.
    assert nm(["-B", "/dev/null"]) == ("", "nm: /dev/null: file format not recognized\n", 1)


def test_a_damaged_file_is_told(nm: Nm, file: Path) -> None:
    file.write_bytes(file.read_bytes()[:200])
    assert nm([str(file)]) == ("", f"nm: {file}: file format not recognized\n", 1)


@pytest.mark.parametrize("option", ["-C", "-D", "--size-sort"])
def test_what_it_cannot_do_is_refused(nm: Nm, file: Path, option: str) -> None:
    told = f"nm: error: the toolchain of this build has no option '{option}'; do without it\n"
    assert nm([option, str(file)]) == ("", told, 1)


def test_it_says_what_it_is(nm: Nm) -> None:
    assert nm(["--version"]) == ("crosswheel nm (compatible with GNU nm)\n", "", 0)
