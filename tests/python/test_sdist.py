"""Unpacking an sdist: what could escape is refused by name, what comes out is always the same."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from crosswheel.act.building.sdist import unpack_sdist
from crosswheel.values.errors import BuildError

EPOCH = 1_577_836_800


def tar(path: Path, *members: tuple[str, bytes | None, Mapping[str, object]]) -> Path:
    """Write a tar; a member is its name, its content and attributes of its `TarInfo`."""
    with tarfile.open(path, "w:gz") as archive:
        for name, data, attributes in (("x-1/setup.py", b"", {}), *members):
            info = tarfile.TarInfo(name)
            info.size = len(data or b"")
            for attribute, value in attributes.items():
                setattr(info, attribute, value)
            archive.addfile(info, io.BytesIO(data or b""))
    return path


def file(name: str, data: bytes = b"x") -> tuple[str, bytes, dict[str, object]]:
    return (name, data, {})


def link(name: str, target: str) -> tuple[str, None, dict[str, object]]:
    return (name, None, {"type": tarfile.SYMTYPE, "linkname": target})


def unpack(archive: Path) -> Path:
    destination = archive.parent / "out"
    destination.mkdir()
    return unpack_sdist(archive, destination, source_date_epoch=EPOCH)


def refusal(archive: Path) -> str:
    with pytest.raises(BuildError) as caught:
        unpack(archive)
    assert caught.value.fix == "ask its authors for a sound one, or lock another release"
    return caught.value.why


def test_a_plain_sdist_is_unpacked(tmp_path: Path) -> None:
    tree = unpack(tar(tmp_path / "x-1.tar.gz", file("x-1/src/a.c", b"int a;")))
    assert tree.name == "x-1"
    assert (tree / "src" / "a.c").read_bytes() == b"int a;"


def test_it_ends_between_two_members_when_it_is_told_to(tmp_path: Path) -> None:
    archive = tar(tmp_path / "x-1.tar.gz", *(file(f"x-1/{number}.c") for number in range(100)))
    asked = iter(range(10))

    def stopped() -> None:
        if next(asked) == 5:
            raise KeyboardInterrupt

    (tmp_path / "out").mkdir()
    with pytest.raises(KeyboardInterrupt):
        unpack_sdist(archive, tmp_path / "out", source_date_epoch=EPOCH, between=stopped)
    assert len(list((tmp_path / "out" / "x-1").iterdir())) == 5


def test_times_and_modes_are_the_same_for_all(tmp_path: Path) -> None:
    members = (
        ("x-1/configure", b"", {"mode": 0o700, "mtime": 5}),
        ("x-1/a", b"", {"mode": 0o666, "mtime": 9}),
    )
    tree = unpack(tar(tmp_path / "x-1.tar.gz", *members))
    found = {
        entry.name: (stat.S_IMODE(entry.stat().st_mode), entry.stat().st_mtime) for entry in tree.iterdir()
    }
    assert found == {"setup.py": (0o644, EPOCH), "configure": (0o755, EPOCH), "a": (0o644, EPOCH)}
    assert tree.stat().st_mtime == EPOCH


@pytest.mark.parametrize("suffix", [".tar.bz2", ".tar.xz", ".tgz"])
def test_every_kind_of_tar_is_read(tmp_path: Path, suffix: str) -> None:
    mode = {".tar.bz2": "w:bz2", ".tar.xz": "w:xz", ".tgz": "w:gz"}[suffix]
    with tarfile.open(tmp_path / f"x-1{suffix}", mode) as archive:  # type: ignore[call-overload]
        archive.addfile(tarfile.TarInfo("x-1/setup.py"))
    assert (unpack(tmp_path / f"x-1{suffix}") / "setup.py").is_file()


def test_a_zip_is_read_with_its_executable_bits(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x-1.zip", "w") as archive:
        archive.writestr("x-1/pyproject.toml", "")
        info = zipfile.ZipInfo("x-1/configure")
        info.external_attr = 0o755 << 16
        archive.writestr(info, "#!/bin/sh")
    tree = unpack(tmp_path / "x-1.zip")
    assert (tree / "configure").stat().st_mode & 0o111


def test_a_link_that_stays_inside_is_kept(tmp_path: Path) -> None:
    tree = unpack(tar(tmp_path / "x-1.tar.gz", file("x-1/a/b"), link("x-1/c/d", "../a/b")))
    assert (tree / "c" / "d").readlink() == Path("../a/b")


def test_a_hard_link_becomes_a_file(tmp_path: Path) -> None:
    hard = ("x-1/b", None, {"type": tarfile.LNKTYPE, "linkname": "x-1/a"})
    tree = unpack(tar(tmp_path / "x-1.tar.gz", file("x-1/a", b"same"), hard))
    assert (tree / "b").read_bytes() == b"same"
    assert (tree / "b").stat().st_nlink == 1


def test_the_same_member_twice_with_the_same_content_is_tolerated(tmp_path: Path) -> None:
    tree = unpack(tar(tmp_path / "x-1.tar.gz", file("x-1/a"), file("x-1/a")))
    assert (tree / "a").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ([file("/etc/evil")], "its member '/etc/evil' is an absolute path"),
        ([file("x-1/../../evil")], "its member 'x-1/../../evil' leads out of the source tree"),
        ([file("../evil")], "its member '../evil' leads out of the source tree"),
        ([link("x-1/l", "/etc")], "its member 'x-1/l' is a link to '/etc', outside the source tree"),
        (
            [link("x-1/l", "../../etc")],
            "its member 'x-1/l' is a link to '../../etc', outside the source tree",
        ),
        ([link("x-1/l", "../y-1")], "its member 'x-1/l' is a link to '../y-1', outside the source tree"),
        ([link("l", "x-1")], "its member 'l' is a link to 'x-1', outside the source tree"),
        (
            [file("x-1/d/e/f"), link("x-1/d/e/up", "../.."), link("x-1/out", "d/e/up/../..")],
            "its member 'x-1/out' is a link that leads outside the source tree",
        ),
        (
            [file("x-1/d/f"), link("x-1/l", "d"), file("x-1/l/f")],
            "its member 'x-1/l/f' lies behind 'x-1/l', which is no folder",
        ),
        (
            [("x-1/h", None, {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"})],
            "its member 'x-1/h', a hard link to '/etc/passwd', is an absolute path",
        ),
        (
            [("x-1/h", None, {"type": tarfile.LNKTYPE, "linkname": "x-1/none"})],
            "its member 'x-1/h' is a link to 'x-1/none', no file before it",
        ),
        (
            [("x-1/p", None, {"type": tarfile.FIFOTYPE})],
            "its member 'x-1/p' is a device, a pipe or another special file",
        ),
        (
            [("x-1/c", None, {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3})],
            "its member 'x-1/c' is a device, a pipe or another special file",
        ),
        (
            [file("x-1/a", b"1"), file("x-1/a", b"2")],
            "its member 'x-1/a' is there twice, with different content",
        ),
        ([file("x-1/a"), link("x-1/a", "setup.py")], "its member 'x-1/a' is there twice"),
        (
            [file("y-1/setup.py")],
            "it does not hold one folder with a pyproject.toml or a setup.py in it",
        ),
    ],
)
def test_what_could_escape_or_mislead_is_refused_by_name(
    tmp_path: Path, members: list[tuple[str, bytes | None, Mapping[str, object]]], why: str
) -> None:
    assert refusal(tar(tmp_path / "x-1.tar.gz", *members)) == why


def test_nothing_is_written_outside_by_a_refused_archive(tmp_path: Path) -> None:
    refusal(tar(tmp_path / "x-1.tar.gz", file("x-1/../../evil")))
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out", "x-1.tar.gz"]


def test_a_truncated_archive_is_damaged(tmp_path: Path) -> None:
    archive = tar(tmp_path / "x-1.tar.gz", file("x-1/a", os.urandom(9999)))
    archive.write_bytes(archive.read_bytes()[:5000])
    assert refusal(archive).startswith("it is damaged (")


def test_an_archive_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x-1.rar").write_bytes(b"")
    assert refusal(tmp_path / "x-1.rar") == (
        "it is no kind of archive an sdist can be (.tar.gz, .tar.bz2, .tar.xz, .zip)"
    )


def test_a_link_in_a_zip_is_held_to_the_same_rules(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x-1.zip", "w") as archive:
        archive.writestr("x-1/setup.py", "")
        info = zipfile.ZipInfo("x-1/l")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert (
        refusal(tmp_path / "x-1.zip")
        == "its member 'x-1/l' is a link to '/etc/passwd', outside the source tree"
    )


def test_a_link_in_a_zip_to_no_possible_name_is_damage(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x-1.zip", "w") as archive:
        archive.writestr("x-1/setup.py", "")
        info = zipfile.ZipInfo("x-1/l")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "a\0b")
    assert refusal(tmp_path / "x-1.zip").startswith("it is damaged (")
