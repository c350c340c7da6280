"""Changing what an ELF file asks of the loader: what changes, what stays, and that the result loads."""

from __future__ import annotations

import dataclasses
import struct
import subprocess
import sys
from pathlib import Path

import deflate
import pytest

from crosswheel.act.check.elf import parse_elf
from crosswheel.act.wheels.elf_edit import ElfEdit, ElfEditError, edit_elf
from elf_files import ARCHITECTURES, Need, elf_file

LONG = "libz-0123456789abcdef.so.1"
IMPORTS = (
    Need("inflate", "ZLIB_1.2.0", "libz.so.1"),
    Need("memcpy", "GLIBC_2.17", "libc.so.6"),
    Need("PyList_New"),
)


def _file(arch: str = "aarch64", **changes: object) -> bytes:
    facts: dict[str, object] = {
        "needed": ("libz.so.1", "libc.so.6"),
        "imports": IMPORTS,
        "exports": ("PyInit_demo",),
        "sections": (".comment",),
        **changes,
    }
    return elf_file(arch, **facts)  # type: ignore[arg-type]  # the caller's names are elf_file's


@pytest.mark.parametrize("arch", ARCHITECTURES)
@pytest.mark.parametrize("section_headers", [True, False])
def test_everything_changes_at_once_and_nothing_else_does(arch: str, section_headers: bool) -> None:
    old = _file(arch, rpath="/build/lib", section_headers=section_headers)
    new = edit_elf(
        old,
        ElfEdit(needed={"libz.so.1": LONG}, soname="demo.so", run_path=("$ORIGIN", "$ORIGIN/../demo.libs")),
    )
    before, after = parse_elf(old), parse_elf(new)
    assert after.needed == (LONG, "libc.so.6")
    assert after.soname == "demo.so"
    assert after.run_paths == ("$ORIGIN", "$ORIGIN/../demo.libs")
    assert {(s.name, s.version, s.library) for s in after.undefined} == {
        ("inflate", "ZLIB_1.2.0", LONG),
        ("memcpy", "GLIBC_2.17", "libc.so.6"),
        ("PyList_New", None, None),
    }
    assert {need.library for need in after.version_needs} == {LONG, "libc.so.6"}
    ours = {"needed", "soname", "run_paths", "undefined", "version_needs", "code_size"}
    for field in dataclasses.fields(before):
        if field.name not in ours:
            assert getattr(before, field.name) == getattr(after, field.name), field.name


def test_the_same_edit_gives_the_same_bytes_and_undoing_it_the_same_meaning() -> None:
    old = _file()
    edit = ElfEdit(needed={"libz.so.1": LONG}, run_path=("$ORIGIN",))
    new = edit_elf(old, edit)
    assert edit_elf(bytes(bytearray(old)), edit) == new
    back = edit_elf(new, ElfEdit(needed={LONG: "libz.so.1"}, run_path=()))
    assert dataclasses.replace(parse_elf(back), code_size=0) == dataclasses.replace(
        parse_elf(old), code_size=0
    )


@pytest.mark.parametrize(
    "edit",
    [
        ElfEdit(),
        ElfEdit(needed={"libother.so": "libnew.so"}),
        ElfEdit(needed={"libz.so.1": "libz.so.1"}),
        ElfEdit(run_path=()),
        ElfEdit(soname="demo.so"),
    ],
)
def test_an_edit_that_changes_nothing_gives_the_file_itself(edit: ElfEdit) -> None:
    old = _file(soname="demo.so")
    assert edit_elf(old, edit) is old


def test_an_old_run_path_is_wiped_even_where_nothing_grows() -> None:
    old = _file(run_path="/home/me/lib")
    new = edit_elf(old, ElfEdit(run_path=()))
    assert parse_elf(new).run_paths == ()
    assert b"/home/me/lib" in old
    assert b"/home" not in new
    assert len(new) == len(old)


def test_an_old_run_path_is_wiped_where_the_strings_move() -> None:
    new = edit_elf(_file(rpath="/home/me/lib"), ElfEdit(run_path=("$ORIGIN/../a/longer/path",)))
    assert b"/home" not in new


def test_the_end_of_a_wiped_string_stays_where_a_symbol_is_named_by_it() -> None:
    # A linker stores "lib/inflate" once and names the symbol by its end.
    old = bytearray(_file(run_path="/lib/inflate"))
    table = old.index(b"\0inflate\0memcpy\0")
    symbol = old.index(struct.pack("<IBB", 1, 0x12, 0))
    old[symbol : symbol + 4] = struct.pack("<I", old.index(b"/lib/inflate\0") + len("/lib/") - table)
    assert {s.name for s in parse_elf(bytes(old)).undefined} == {"inflate", "memcpy", "PyList_New"}
    new = edit_elf(bytes(old), ElfEdit(run_path=("$ORIGIN",)))
    assert {s.name for s in parse_elf(new).undefined} == {"inflate", "memcpy", "PyList_New"}
    assert b"/lib/" not in new


def test_a_needed_library_is_dropped_and_two_of_one_name_become_one() -> None:
    old = elf_file(needed=("libpthread.so.0", "librt.so.1", "libc.so.6"))
    dropped = edit_elf(old, ElfEdit(needed={"librt.so.1": None}))
    assert parse_elf(dropped).needed == ("libpthread.so.0", "libc.so.6")
    merged = edit_elf(old, ElfEdit(needed={"libpthread.so.0": "libc.so.6", "librt.so.1": "libc.so.6"}))
    assert parse_elf(merged).needed == ("libc.so.6",)


def test_a_library_whose_versions_are_needed_is_not_dropped() -> None:
    with pytest.raises(ElfEditError, match=r"bound to versions of libz\.so\.1"):
        edit_elf(_file(), ElfEdit(needed={"libz.so.1": None}))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"MZ" + bytes(100), "no ELF file"),
        (elf_file(needed=())[:64], "damaged"),
        (elf_file(file_type=1)[:56] + bytes(8) + elf_file()[64:], "no dynamic section"),
    ],
)
def test_what_cannot_be_changed_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ElfEditError, match=why):
        edit_elf(data, ElfEdit(soname="x"))


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ElfEditError, match="cannot be a name"):
        edit_elf(_file(), ElfEdit(soname=name))


def _with_segment(data: bytes, kind: int, **changes: int) -> bytes:
    """Return a 64-bit file whose first program header of `kind` is changed."""
    names = ("type", "flags", "offset", "address", "physical", "size", "memory_size", "alignment")
    layout, changed = struct.Struct("<IIQQQQQQ"), bytearray(data)
    (start,), (count,) = struct.unpack_from("<Q", data, 32), struct.unpack_from("<H", data, 56)
    for place in range(start, start + count * layout.size, layout.size):
        fields = dict(zip(names, layout.unpack_from(data, place), strict=True))
        if fields["type"] == kind:
            layout.pack_into(changed, place, *{**fields, **changes}.values())
            return bytes(changed)
    raise LookupError(kind)


_LOAD, _STACK = 1, 0x6474E551
_EDIT = ElfEdit(needed={"libz.so.1": LONG}, soname="demo.so", run_path=("$ORIGIN",))


def test_the_zeros_behind_a_segment_are_written_out_and_what_follows_moves() -> None:
    plain = _file()
    tail = b"\0not loaded\0"
    old = _with_segment(plain, _LOAD, memory_size=len(plain) + 1000) + tail
    new = edit_elf(old, _EDIT)
    after = parse_elf(new)
    assert (after.needed, after.soname, after.run_paths) == ((LONG, "libc.so.6"), "demo.so", ("$ORIGIN",))
    size = new.index(b"$ORIGIN") - len(plain)
    assert size > 1000
    assert new[len(plain) : len(plain) + 1000] == bytes(1000)
    assert new.endswith(tail)


def test_a_last_segment_of_zeros_alone_comes_into_the_file_at_a_fitting_place() -> None:
    facts = {"type": _LOAD, "flags": 6, "address": 0x123450, "memory_size": 0x80, "alignment": 0x10000}
    new = edit_elf(_with_segment(_file(), _STACK, **facts), _EDIT)
    after = parse_elf(new)
    assert (after.needed, after.soname, after.run_paths) == ((LONG, "libc.so.6"), "demo.so", ("$ORIGIN",))
    place = new.index(b"$ORIGIN")
    (offset,) = (
        struct.unpack_from("<Q", new, at + 8)[0]
        for at in range(64, 64 + 56 * 3, 56)
        if struct.unpack_from("<Q", new, at + 16)[0] == 0x123450
    )
    assert offset % 0x10000 == 0x3450
    assert offset + 0x80 <= place


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"type": _LOAD, "flags": 6, "address": 0x40, "memory_size": 0x80, "alignment": 16}, "overlap"),
        (
            {"type": _LOAD, "flags": 4, "address": 0x100000, "memory_size": 0x80, "alignment": 16},
            "cannot be written to",
        ),
    ],
)
def test_a_layout_no_linker_uses_is_refused(facts: dict[str, int], why: str) -> None:
    with pytest.raises(ElfEditError, match=why):
        edit_elf(_with_segment(_file(), _STACK, **facts), _EDIT)


def test_a_section_across_the_end_of_the_last_segment_is_refused() -> None:
    plain = _file(sections=(".debug_info",))
    with pytest.raises(ElfEditError, match="crosses the end"):
        edit_elf(_with_segment(plain, _LOAD, size=len(plain) - 3), _EDIT)


def test_a_real_module_loads_after_its_strings_and_dynamic_section_moved(tmp_path: Path) -> None:
    (module,) = Path(deflate.__file__).parent.glob("_deflate*.so")
    old = module.read_bytes()
    folders = tuple(f"$ORIGIN/{'x' * length}" for length in range(1, 40))
    new = edit_elf(old, ElfEdit(soname="demo.so", run_path=folders))
    assert parse_elf(new).run_paths == folders
    copy = tmp_path / module.name
    copy.write_bytes(new)
    code = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location({module.name.split('.')[0]!r}, sys.argv[1])\n"
        "loaded = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(loaded)\n"
        "print(sys.argv[1] in open('/proc/self/maps').read(), len(dir(loaded)) > 5)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(copy)], capture_output=True, text=True, check=True)
    assert done.stdout == "True True\n"
