"""Wheels that are not what they say are refused, and leave nothing behind."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from crosswheel.values.errors import CrosswheelError
from installing import ENTRY_POINTS, REPAIR, install, refusal
from made_wheels import make_wheel, record_line


def test_content_that_differs_from_record_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(
        tmp_path, files={}, unrecorded={"demo.py": b"evil"}, extra_lines=[record_line("demo.py", b"good")]
    )
    assert refusal(tmp_path, wheel) == (
        "cannot install wheel 'demo-1.0-py3-none-any.whl': the content of demo.py does not match the hash in "
        f"RECORD; {REPAIR}"
    )


def test_a_script_that_differs_from_record_is_refused(tmp_path: Path) -> None:
    name = "demo-1.0.data/scripts/run"
    wheel = make_wheel(
        tmp_path, files={}, unrecorded={name: b"#!python\nA"}, extra_lines=[record_line(name, b"#!python\nB")]
    )
    assert refusal(tmp_path, wheel) == (
        f"cannot install wheel 'demo-1.0-py3-none-any.whl': the content of {name} does not match the hash in "
        f"RECORD; {REPAIR}"
    )


def test_entry_points_that_differ_from_record_are_refused(tmp_path: Path) -> None:
    name = "demo-1.0.dist-info/entry_points.txt"
    wheel = make_wheel(
        tmp_path,
        files={},
        unrecorded={name: ENTRY_POINTS},
        extra_lines=[record_line(name, ENTRY_POINTS.replace(b"demo", b"dema"))],
    )
    assert refusal(tmp_path, wheel) == (
        f"cannot install wheel 'demo-1.0-py3-none-any.whl': the content of {name} does not match the hash in "
        f"RECORD; {REPAIR}"
    )


def test_every_disagreement_with_record_is_told(tmp_path: Path) -> None:
    wheel = make_wheel(
        tmp_path,
        files={"a.py": b"1"},
        unrecorded={"extra.py": b""},
        extra_lines=[record_line("missing.py", b"")],
    )
    assert refusal(tmp_path, wheel) == (
        "cannot install wheel 'demo-1.0-py3-none-any.whl': RECORD lists missing.py, which the archive does not "
        f"hold; {REPAIR}\n"
        "cannot install wheel 'demo-1.0-py3-none-any.whl': the archive holds extra.py, which RECORD does not "
        f"list; {REPAIR}"
    )


def test_wrong_wheels_are_told_together(tmp_path: Path) -> None:
    one = make_wheel(tmp_path, "one", unrecorded={"x": b""})
    two = make_wheel(tmp_path, "two", unrecorded={"y": b""})
    text = refusal(tmp_path, one, two)
    assert "one-1.0-py3-none-any.whl" in text
    assert "two-1.0-py3-none-any.whl" in text


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("a.py,md5=abc,1", "RECORD has the line 'a.py,md5=abc,1', which is not path, hash and size"),
        ("a.py,sha256=abc", "RECORD has the line 'a.py,sha256=abc', which is not path, hash and size"),
        ("a.py,sha256=abc,x", "RECORD has the line 'a.py,sha256=abc,x', which is not path, hash and size"),
        ("a.py,,", "RECORD gives no hash of a.py"),
        ("a.py,sha256=a4ayc_80_OGda4BO_1o_V0etpOqiLx1JwB5S3beHW0s,2", "a.py has 1 bytes, RECORD says 2"),
    ],
)
def test_a_record_that_proves_nothing_is_refused(tmp_path: Path, line: str, why: str) -> None:
    wheel = make_wheel(tmp_path, files={}, unrecorded={"a.py": b"1"}, extra_lines=[line])
    assert refusal(tmp_path, wheel).splitlines()[0] == (
        f"cannot install wheel 'demo-1.0-py3-none-any.whl': {why}; {REPAIR}"
    )


@pytest.mark.parametrize(
    "name", ["../evil.py", "/evil.py", "a/../../evil.py", "a//b.py", "a\\b.py", "C:/evil.py", "./a.py"]
)
def test_unsafe_paths_are_refused(tmp_path: Path, name: str) -> None:
    wheel = make_wheel(tmp_path, files={name: b"1"})
    assert refusal(tmp_path, wheel) == (
        f"cannot install wheel 'demo-1.0-py3-none-any.whl': the path {name!r} is not safe; {REPAIR}"
    )
    assert not (tmp_path / "evil.py").exists()


def test_data_cannot_leave_the_tree(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={"demo-1.0.data/data/../../evil": b"1"})
    assert "is not safe" in refusal(tmp_path, wheel)


@pytest.mark.parametrize("name", ["demo-1.0.data/strange/x", "other-1.0.data/data/x", "demo-1.0.data/x"])
def test_a_data_folder_of_no_scheme_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, make_wheel(tmp_path, files={name: b"1"})) == (
        f"cannot install wheel 'demo-1.0-py3-none-any.whl': {name} belongs to no installation scheme of demo-1.0; {REPAIR}"
    )


def test_symbolic_links_are_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={})
    with zipfile.ZipFile(wheel, "a") as archive:
        info = zipfile.ZipInfo("link")
        info.create_system = 3
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert refusal(tmp_path, wheel) == (
        f"cannot read wheel 'demo-1.0-py3-none-any.whl': link is a link or a special file; {REPAIR}"
    )


def test_the_same_member_twice_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    with zipfile.ZipFile(wheel, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("demo.py", b"evil")
    assert refusal(tmp_path, wheel) == (
        f"cannot read wheel 'demo-1.0-py3-none-any.whl': it holds demo.py twice; {REPAIR}"
    )


def test_damaged_compressed_data_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={"demo.py": bytes(range(256)) * 50})
    data = bytearray(wheel.read_bytes())
    data[45:60] = b"\xff" * 15
    wheel.write_bytes(data)
    assert "demo.py" in refusal(tmp_path, wheel)


@pytest.mark.parametrize("cut", [0, 10, 200, -1, -30])
def test_a_cut_wheel_is_refused(tmp_path: Path, cut: int) -> None:
    wheel = make_wheel(tmp_path)
    wheel.write_bytes(wheel.read_bytes()[:cut])
    assert refusal(tmp_path, wheel).startswith("cannot read wheel 'demo-1.0-py3-none-any.whl': ")


@pytest.mark.parametrize("place", range(0, 400, 7))
def test_a_changed_byte_of_the_directory_never_ends_in_a_traceback(tmp_path: Path, place: int) -> None:
    wheel = make_wheel(tmp_path)
    data = bytearray(wheel.read_bytes())
    data[-1 - place] ^= 0x55
    wheel.write_bytes(data)
    try:
        install(tmp_path, wheel)
    except CrosswheelError:
        assert not (tmp_path / "site").exists()


def test_something_after_or_before_the_zip_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    whole = wheel.read_bytes()
    wheel.write_bytes(whole + b"x")
    assert "something follows its end" in refusal(tmp_path, wheel)
    wheel.write_bytes(b"x" + whole)
    assert "its central directory is not where it says" in refusal(tmp_path, wheel)


def test_a_claimed_size_no_compression_reaches_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={"demo.py": b"1"})
    data = bytearray(wheel.read_bytes())
    entry = data.rfind(b"demo.py") - 46
    struct.pack_into("<L", data, entry + 24, 1 << 31)
    wheel.write_bytes(data)
    assert refusal(tmp_path, wheel) == (
        "cannot read wheel 'demo-1.0-py3-none-any.whl': its two headers of demo.py disagree; " + REPAIR
        if data[entry : entry + 4] != b"PK\1\2"
        else f"cannot read wheel 'demo-1.0-py3-none-any.whl': demo.py claims 2147483648 bytes out of 3; {REPAIR}"
    )


def test_a_record_that_differs_from_its_crc_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    data = bytearray(wheel.read_bytes())
    data[data.rfind(b"demo-1.0.dist-info/RECORD") - 46 + 16] ^= 1
    wheel.write_bytes(data)
    assert refusal(tmp_path, wheel) == (
        "cannot read wheel 'demo-1.0-py3-none-any.whl': the content of demo-1.0.dist-info/RECORD does not match "
        f"its CRC-32; {REPAIR}"
    )


def test_a_zip64_wheel_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = make_wheel(tmp_path)
    with zipfile.ZipFile(wheel) as old:
        content = [(info, old.read(info)) for info in old.infolist()]
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)
    with zipfile.ZipFile(wheel, "w", allowZip64=True) as new:
        for info, data in content:
            new.writestr(info.filename, data)
    monkeypatch.undo()
    assert b"PK\6\6" in wheel.read_bytes()
    install(tmp_path, wheel)
    assert (tmp_path / "site/demo.py").is_file()


def test_not_exactly_one_dist_info_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={"other-2.dist-info/METADATA": b""})
    assert refusal(tmp_path, wheel) == (
        "cannot read wheel 'demo-1.0-py3-none-any.whl': it has 2 .dist-info folders, not one "
        f"(demo-1.0.dist-info, other-2.dist-info); {REPAIR}"
    )


@pytest.mark.parametrize("path", ["a/" * 3000 + "x", "n" * 256, "é" * 200])
def test_a_path_that_no_file_system_takes_is_refused(tmp_path: Path, path: str) -> None:
    said = refusal(tmp_path, make_wheel(tmp_path, files={path: b""}))
    assert f"the path '{path[:60]}'... is longer than file systems take" in said
    assert list(tmp_path.glob(".site*")) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"Wheel-Version: 2.0\n", "its Wheel-Version is 2.0, and only 1.x is known"),
        (b"", "its demo-1.0.dist-info/WHEEL says no Wheel-Version"),
    ],
)
def test_an_unknown_wheel_version_is_refused(tmp_path: Path, text: bytes, why: str) -> None:
    wheel = make_wheel(tmp_path, files={}, tag="py3-none-any")
    data = wheel.read_bytes()
    with zipfile.ZipFile(wheel) as old:
        content = {name: old.read(name) for name in old.namelist()}
    content["demo-1.0.dist-info/WHEEL"] = text
    with zipfile.ZipFile(wheel, "w") as new:
        for name, member in content.items():
            new.writestr(name, member)
    assert wheel.read_bytes() != data
    assert why in refusal(tmp_path, wheel)


def test_an_entry_point_that_names_no_function_is_refused(tmp_path: Path) -> None:
    points = b"[console_scripts]\n../evil = demo:main\nfine = demo:main\nbad = demo main\n"
    wheel = make_wheel(tmp_path, files={"demo-1.0.dist-info/entry_points.txt": points})
    text = refusal(tmp_path, wheel)
    assert "the program '../evil', which is no name of a program" in text
    assert "the program 'bad' = 'demo main', which names no function" in text
    assert "'fine'" not in text
