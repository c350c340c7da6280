"""What differs between two wheels: no byte goes unnoticed, and a damaged one is refused."""

from __future__ import annotations

import shutil
import struct
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from crosswheel.difference_api import diff
from crosswheel.values.errors import InputError
from made_wheels import make_wheel, stored


def lines(old: Path, new: Path) -> list[str]:
    return [f"{one.where}|{one}" for one in diff(old, new)]


def copied(wheel: Path, folder: Path, change: Callable[[bytearray], object]) -> Path:
    """Write a wheel with its bytes changed."""
    data = bytearray(wheel.read_bytes())
    change(data)
    folder.mkdir()
    (folder / wheel.name).write_bytes(data)
    return folder / wheel.name


def rewritten(wheel: Path, folder: Path, names: list[str], extra: Mapping[str, bytes] | None = None) -> Path:
    """Write a wheel whose files come in another order, and further ones."""
    folder.mkdir()
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(folder / wheel.name, "w") as new:
        for name in names:
            data = (extra or {}).get(name)
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)) if data is not None else old.getinfo(name)
            new.writestr(info, old.read(name) if data is None else data)
    return folder / wheel.name


def test_no_change_of_a_byte_goes_unnoticed(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "old", files={"demo.py": b"A = 1\n" * 9})
    data = wheel.read_bytes()
    other = tmp_path / wheel.name
    told = 0
    for place in range(0, len(data), 2):
        changes = (
            data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :],
            data[:place] + b"\0" + data[place:],
            data[:place],
        )
        other.write_bytes(changes[place % 3])
        with suppress(InputError):
            assert diff(wheel, other), f"byte {place}"
            told += 1
    assert told > 10


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda data: data.extend(b"junk"), "something follows its end"),
        (lambda data: data.__setitem__(slice(0, 0), b"junk"), "its central directory is not where it says"),
        (lambda data: data.__setitem__(slice(14, 18), b"junk"), "its two headers of demo.py disagree"),
        (lambda data: data.__setitem__(slice(18, 22), b"junk"), "its two headers of demo.py disagree"),
        (lambda data: data.__setitem__(slice(37, 41), b"junk"), "demo.py"),
        (lambda data: data.clear(), "it is empty"),
    ],
)
def test_damaged_wheels_are_refused_on_both_sides(
    tmp_path: Path, change: Callable[[bytearray], object], why: str
) -> None:
    wheel = make_wheel(tmp_path / "old", files={"demo.py": b"A = 1\n" * 99})
    damaged = copied(wheel, tmp_path / "new", change)
    for pair in ((wheel, damaged), (damaged, wheel), (damaged, damaged)):
        with pytest.raises(InputError, match=why):
            diff(*pair)


def test_what_stands_before_a_wheel_that_knows_it_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "old")

    def put_before(data: bytearray) -> None:
        end, place = data.rindex(b"PK\5\6"), data.index(b"PK\1\2")
        for field in [end + 16, *(at + 42 for at in range(place, end) if data[at : at + 4] == b"PK\1\2")]:
            struct.pack_into("<L", data, field, struct.unpack_from("<L", data, field)[0] + 4)
        data[:0] = b"junk"

    with pytest.raises(InputError, match="something stands before its first file"):
        diff(wheel, copied(wheel, tmp_path / "new", put_before))


def test_stored_content_that_its_crc_denies_is_refused(tmp_path: Path) -> None:
    wheel = stored(make_wheel(tmp_path / "old"))
    damaged = copied(wheel, tmp_path / "new", lambda data: data.__setitem__(data.index(b"NAME"), 0))
    with pytest.raises(InputError, match=r"the content of demo.py does not match its CRC-32"):
        diff(wheel, damaged)


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "old")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = rewritten(wheel, tmp_path / "new", [*names, "demo.py"])
    with pytest.raises(InputError, match=r"it holds demo\.py twice"):
        diff(wheel, twice)


def test_another_order_is_told_of_the_files_that_both_have(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "old", files={"a.py": b"", "b.py": b"", "c.py": b""})
    with zipfile.ZipFile(wheel) as archive:
        first, second, third, *others = archive.namelist()
    added = rewritten(wheel, tmp_path / "added", [first, "new.py", second, third, *others], {"new.py": b"1"})
    assert lines(wheel, added) == ["|+ new.py: 1 bytes"]
    moved = rewritten(wheel, tmp_path / "moved", [first, third, second, *others])
    assert lines(wheel, moved) == [
        "|  order of the files: b.py, c.py, demo-1.0.dist-info/METADATA -> c.py, b.py, demo-1.0.dist-info/METADATA"
    ]


def test_line_ends_are_told(tmp_path: Path) -> None:
    def told(old: bytes, new: bytes) -> list[str]:
        pair = [
            rewritten(base, tmp_path / f"{name}{old.hex()[:20]}{new.hex()[:20]}", names, {"a.txt": data})
            for name, data in (("old", old), ("new", new))
        ]
        found = [line for line in lines(*pair) if line.startswith("a.txt|")]
        return [line.partition("|")[2].strip() for line in found]

    base = make_wheel(tmp_path / "base")
    with zipfile.ZipFile(base) as archive:
        names = ["a.txt", *archive.namelist()]
    assert told(b"A\nB\n", b"A\r\nB\r\n") == ["line ends: 2 LF -> 2 CR LF"]
    assert told(b"A\nB\n", b"A\nB") == ["- line: B", "+ line: B (without a line end)"]
    assert told(b"A\nB\r\n", b"A\r\nB\n")[:2] == ["- line: A", "- line: B (ends with CR LF)"]
    assert told(b"A\n\n", b"A\n") == ["- line: (empty)"]
    assert told(b"-- \n", b"++ \n") == ["- line: --", "+ line: ++"]
    assert told(b"\xff1", b"\xff2") == ["at byte 1: 31 -> 32"]
    assert told(b"\0" * 9, b"\0" * 8) == ["at byte 8: 00 -> the end"]


def test_large_files_are_compared_byte_by_byte(tmp_path: Path) -> None:
    data = bytes(3 << 20)
    old = make_wheel(tmp_path / "old", files={"_x.so": data})
    new = stored(make_wheel(tmp_path / "new", files={"_x.so": data[:-2] + b"\1\0"}))
    told = lines(old, new)
    assert f"_x.so|  at byte {(3 << 20) - 2}: 00 00 -> 01 00" in told
    assert "  method of 4 files: deflated -> stored" in [line.lstrip("|") for line in told]
    assert sum("_x.so: 3145728 bytes " in line for line in told) == 1


def test_what_only_the_bytes_tell_is_told_last(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "old")
    changed = copied(wheel, tmp_path / "new", lambda data: data.__setitem__(10, data[10] ^ 2))
    (line,) = lines(wheel, changed)  # the time in the header of the file itself
    assert line.startswith("|  bytes (the same files with the same facts): sha256 ")
    shutil.copy(wheel, tmp_path / "same.whl")
    assert lines(wheel, tmp_path / "same.whl") == []
