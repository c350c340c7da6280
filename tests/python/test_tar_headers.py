"""Headers of tar archives are ustar where that is enough, and what Python's tarfile reads where not."""

from __future__ import annotations

import io
import tarfile

import pytest

from crosswheel.act.layers.tar_headers import END_OF_ARCHIVE, FOLDER, REGULAR, SYMLINK, tar_header


def read(header: bytes) -> tarfile.TarInfo:
    with tarfile.open(fileobj=io.BytesIO(header + END_OF_ARCHIVE), mode="r:") as archive:
        info = archive.next()
    assert info is not None
    return info


@pytest.mark.parametrize(
    ("path", "blocks"),
    [
        ("a", 1),
        ("a" * 100, 1),
        ("a" * 101, 3),
        ("a" * 100 + "/" + "b" * 100, 1),
        ("a" * 155 + "/" + "b" * 100, 1),
        ("a" * 156 + "/" + "b" * 100, 3),
        ("a/" * 127 + "b", 1),
        ("a/" * 400 + "b", 4),
        ("ä", 3),
        ("日本/" * 60 + "語", 4),
    ],
)
@pytest.mark.parametrize("kind", [REGULAR, FOLDER])
def test_a_path_of_any_length_comes_back(path: str, blocks: int, kind: bytes) -> None:
    header = tar_header(path, kind, mode=0o644)
    assert read(header).name == path
    assert len(header) <= 512 * (blocks + 2 * (kind == FOLDER))


@pytest.mark.parametrize("target", ["../a", "b" * 100, "b" * 101, "ü"])
def test_a_link_leads_to_what_it_was_told(target: str) -> None:
    assert read(tar_header("a", SYMLINK, mode=0o777, link=target)).linkname == target


@pytest.mark.parametrize("number", [0, 0o7777777, 0o10000000])
def test_owners_of_any_number_come_back(number: int) -> None:
    info = read(tar_header("a", FOLDER, mode=0o755, uid=number, gid=number))
    assert (info.uid, info.gid, info.uname, info.gname) == (number, number, "", "")


@pytest.mark.parametrize("size", [0, 0o77777777777, 0o100000000000])
def test_sizes_above_eight_gigabytes_come_back(size: int) -> None:
    assert read(tar_header("a", REGULAR, mode=0o644, size=size)).size == size


def test_ustar_is_what_tarfile_writes() -> None:
    info = tarfile.TarInfo("package/module.py")
    info.size, info.mtime, info.mode = 1234, 315_532_800, 0o644
    expected = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    header = bytearray(tar_header("package/module.py", REGULAR, mode=0o644, size=1234, time=315_532_800))
    for block in (expected, header):
        block[148:156], block[329:345] = (
            bytes(8),
            bytes(16),
        )  # the sum, and device numbers, which only devices need
    assert header == expected


def test_a_pax_record_says_its_own_length() -> None:
    for length in (80, 88, 89, 90, 91, 988, 989, 990, 991, 992):
        path = "é" + "b" * length
        assert read(tar_header(path, REGULAR, mode=0o644)).name == path
