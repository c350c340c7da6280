"""Parts of mapped files, and names kept by their hashes: both answer like bytes and sets do."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from crosswheel.act.check.binary_kinds import archive_members
from crosswheel.act.check.elf import parse_elf
from crosswheel.act.check.file_bytes import IN_MEMORY, FilePart, looked_through, map_file
from crosswheel.act.check.symbol_names import CompactNames
from elf_files import Need, elf_file, extension_module
from sysroot_packages import archive


@pytest.fixture
def part(tmp_path: Path) -> tuple[bytes, FilePart]:
    """An object of an archive that is too large to be held in memory, and its bytes."""
    data = elf_file(file_type=1, imports=[Need("puts")], exports=["own"], code=bytes(IN_MEMORY))
    (tmp_path / "x.a").write_bytes(archive({"x.o": data, "y.o": b"y"}))
    (_, body), (_, small) = archive_members(map_file(tmp_path / "x.a"))
    assert isinstance(body, FilePart)
    assert small == b"y", "what is small is copied"
    return data, body


def test_a_part_of_a_file_reads_like_its_bytes(part: tuple[bytes, FilePart]) -> None:
    data, body = part
    assert (len(body), body[4], body[-1], body[:]) == (len(data), data[4], data[-1], data)
    assert [body[2:9], body[-5:], body[9:2], body[:1]] == [data[2:9], data[-5:], b"", data[:1]]
    end = len(data)
    assert body.find(b"own", 0, end) == data.find(b"own") > 0
    assert (body.find(b"own", 0, 9), body.find(b"nowhere", 0, end)) == (-1, -1)
    assert bytes(body.buffer()) == data
    with looked_through(body):
        assert parse_elf(body) == parse_elf(data)
    assert body[:] == data, "what left the memory is read again"
    with pytest.raises(IndexError):
        _ = body[len(data)]


def test_names_kept_by_their_hashes_answer_like_a_set() -> None:
    names = {f"name{number}" for number in random.Random(1).sample(range(10**6), 1000)}
    found = CompactNames()
    for name in (*names, "PyInit_x", "_PyOwn"):
        found.add(name)
    assert all(name in found for name in names)
    assert not any(f"{name}_" in found for name in names)
    assert len(found) == 1002
    assert sorted(found) == ["PyInit_x", "_PyOwn"], "those of Python can be listed"
    assert {"name", "PyInit_x", "PyInit_y"} & found == {"PyInit_x"}
    assert {"name", "PyInit_x"} - found == {"name"}
    assert not CompactNames()


def test_an_elf_file_says_the_same_with_names_kept_by_their_hashes() -> None:
    whole, compact = (parse_elf(extension_module("x"), compact=is_compact) for is_compact in (False, True))
    assert isinstance(compact.defined, CompactNames)
    assert (set(compact.defined), compact.undefined) == ({"PyInit_x"}, whole.undefined)
