"""Trees hold exactly what the wheels' RECORDs say, or nothing."""

from __future__ import annotations

import csv
import json
import os
import stat
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from crosswheel.act.schemes import prefix_scheme
from crosswheel.act.tree import TREE_MARKER, TreeLayout, TreeSummary, install_into, install_wheels
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CheckError, CrosswheelError, InputError, OutputError
from made_wheels import make_wheel, record_line

ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")
WINDOWS = parse_target_id("cp311-windows_x86_64")
PROGRAMS = {"demo.py": b"def main():\n    print('hi')\n    return 3\n"}
ENTRY_POINTS = b"[console_scripts]\nDemo-tool = demo:main\n[gui_scripts]\nwindow = demo:main.inner [extra]\n"


def install(
    tmp_path: Path, *wheels: Path, layout: TreeLayout = TreeLayout.TARGET, **options: object
) -> TreeSummary:
    return install_wheels(wheels, tmp_path / "site", target=ARM, layout=layout, **options)  # type: ignore[arg-type]


def files_of(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def refusal(tmp_path: Path, *wheels: Path, **options: object) -> str:
    with pytest.raises(CrosswheelError) as caught:
        install(tmp_path, *wheels, **options)  # type: ignore[arg-type]
    assert not (tmp_path / "site").exists()
    assert [path.name for path in tmp_path.iterdir() if ".crosswheel-" in path.name] == []
    return str(caught.value)


def test_target_layout_is_flat(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={"demo/__init__.py": b"", "demo-1.0.data/scripts/run": b"#!/bin/sh\n"})
    install(tmp_path, wheel)
    assert files_of(tmp_path / "site") == [
        ".crosswheel-tree.json",
        "bin/run",
        "demo-1.0.dist-info/INSTALLER",
        "demo-1.0.dist-info/METADATA",
        "demo-1.0.dist-info/RECORD",
        "demo-1.0.dist-info/WHEEL",
        "demo/__init__.py",
    ]


def test_prefix_layout_is_that_of_the_target(tmp_path: Path) -> None:
    parts = {
        "demo.py": b"1",
        "demo-1.0.data/purelib/pure.py": b"2",
        "demo-1.0.data/platlib/plat.py": b"3",
        "demo-1.0.data/scripts/run": b"#!/bin/sh\n",
        "demo-1.0.data/headers/demo.h": b"4",
        "demo-1.0.data/data/share/demo/x": b"5",
    }
    install(tmp_path, make_wheel(tmp_path, files=parts), layout=TreeLayout.PREFIX)
    found = [name for name in files_of(tmp_path / "site") if "dist-info" not in name]
    assert found == [
        ".crosswheel-tree.json",
        "bin/run",
        "include/python3.11/demo/demo.h",
        "lib/python3.11/site-packages/demo.py",
        "lib/python3.11/site-packages/plat.py",
        "lib/python3.11/site-packages/pure.py",
        "share/demo/x",
    ]


@pytest.mark.parametrize("layout", list(TreeLayout))
def test_record_names_every_installed_file_with_its_hash(tmp_path: Path, layout: TreeLayout) -> None:
    parts = {
        **PROGRAMS,
        "demo-1.0.data/scripts/run": b"#!python\nprint()\n",
        "demo-1.0.data/data/share/x": b"5",
        "demo-1.0.dist-info/entry_points.txt": ENTRY_POINTS,
    }
    install(tmp_path, make_wheel(tmp_path, files=parts), layout=layout)
    record = next((tmp_path / "site").rglob("RECORD"))
    lines = record.read_text().splitlines()
    site = record.parent.parent
    listed = {os.path.normpath(site / row[0]) for row in csv.reader(lines)}
    assert listed == {
        str(path) for path in (tmp_path / "site").rglob("*") if path.is_file() and path.name != TREE_MARKER
    }
    for line in lines:
        path = line.split(",")[0]
        expected = f"{path},," if path.endswith("/RECORD") else record_line(path, (site / path).read_bytes())
        assert line == expected
    assert lines == sorted(lines, key=lambda line: line.split(",")[0])


def test_programs_of_entry_points_run(tmp_path: Path) -> None:
    parts = {**PROGRAMS, "demo-1.0.dist-info/entry_points.txt": ENTRY_POINTS}
    install(tmp_path, make_wheel(tmp_path, files=parts), interpreter=sys.executable)
    program = tmp_path / "site/bin/Demo-tool"
    done = subprocess.run(
        [program], env={"PYTHONPATH": str(tmp_path / "site")}, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("hi\n", "", 3)
    assert (tmp_path / "site/bin/window").read_text() == (
        f"#!{sys.executable}\nimport sys\nfrom demo import main\n"
        'if __name__ == "__main__":\n    sys.exit(main.inner())\n'
    )


@pytest.mark.parametrize(
    ("interpreter", "script", "expected"),
    [
        ("/opt/py/bin/python3.11", b"#!python\nx\n", b"#!/opt/py/bin/python3.11\nx\n"),
        ("/opt/py/bin/python3.11", b"#!pythonw\nx\n", b"#!/opt/py/bin/python3.11\nx\n"),
        ("/opt/py/bin/python3.11", b"#!python -u\r\nx\n", b"#!/opt/py/bin/python3.11 -u\nx\n"),
        ("/opt/py/bin/python3.11", b"#!python3\nx\n", b"#!python3\nx\n"),
        ("/opt/py/bin/python3.11", b"#!/usr/bin/python\nx\n", b"#!/usr/bin/python\nx\n"),
        ("/usr/bin/env python3.11", b"#!python\nx\n", b"#!/usr/bin/env python3.11\nx\n"),
        ("/usr/bin/env python3.11", b"#!python -u\nx\n", b"#!/usr/bin/env -S python3.11 -u\nx\n"),
        ("/a b/python", b"#!python\nx\n", b"#!/bin/sh\n'''exec' \"/a b/python\" \"$0\" \"$@\"\n' '''\nx\n"),
        ("/opt/py/bin/python3.11", b"#!python", b"#!/opt/py/bin/python3.11\n"),
    ],
)
def test_the_first_line_of_scripts_names_the_target_interpreter(
    tmp_path: Path, interpreter: str, script: bytes, expected: bytes
) -> None:
    wheel = make_wheel(tmp_path, files={"demo-1.0.data/scripts/run": script})
    install(tmp_path, wheel, interpreter=interpreter)
    assert (tmp_path / "site/bin/run").read_bytes() == expected


def test_an_interpreter_at_a_long_path_still_runs(tmp_path: Path) -> None:
    place = tmp_path / ("long" * 40)
    place.mkdir()
    (place / "python with space").symlink_to(sys.executable)
    parts = {
        "demo-1.0.data/scripts/run": b"#!python -I\nimport sys\nprint(sys.argv[1:], sys.flags.isolated)\n"
    }
    install(tmp_path, make_wheel(tmp_path, files=parts), interpreter=str(place / "python with space"))
    done = subprocess.run([tmp_path / "site/bin/run", "a b"], capture_output=True, text=True, check=True)
    assert done.stdout == "['a b'] 1\n"


def test_an_interpreter_no_first_line_can_name_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={"demo-1.0.data/scripts/run": b"#!python\n"})
    with pytest.raises(InputError) as caught:
        install(tmp_path, wheel, interpreter="/bin/$(x)")
    assert str(caught.value) == (
        "cannot name interpreter '/bin/$(x)': a script's first line cannot hold it; "
        "give a plain absolute path of the target"
    )


def test_without_an_interpreter_programs_look_for_the_targets_python(tmp_path: Path) -> None:
    install(tmp_path, make_wheel(tmp_path, files={"demo-1.0.data/scripts/run": b"#!python\n"}))
    assert (tmp_path / "site/bin/run").read_bytes() == b"#!/usr/bin/env python3.11\n"


def test_programs_for_windows_are_scripts_and_said_to_be(tmp_path: Path) -> None:
    parts = {**PROGRAMS, "demo-1.0.dist-info/entry_points.txt": ENTRY_POINTS}
    wheel = make_wheel(tmp_path, files=parts)
    summary = install_wheels([wheel], tmp_path / "site", target=WINDOWS, layout=TreeLayout.PREFIX)
    assert summary.notes == (
        "demo-1.0-py3-none-any.whl: program Demo-tool is Scripts/Demo-tool-script.py, without an .exe launcher",
        "demo-1.0-py3-none-any.whl: program window is Scripts/window-script.pyw, without an .exe launcher",
    )
    assert (tmp_path / "site/Scripts/Demo-tool-script.py").is_file()
    assert (tmp_path / "site/Lib/site-packages/demo.py").is_file()


def test_modes_and_times_are_fixed(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        parts = {"demo/x.py": b"1", "demo/tool": b"2", "demo-1.0.data/scripts/run": b"3"}
        install(tmp_path, make_wheel(tmp_path, files=parts, executable=["demo/tool"]))
    finally:
        os.umask(old)
    found = {
        path.relative_to(tmp_path / "site").as_posix(): oct(path.stat().st_mode & 0o777)
        for path in (tmp_path / "site").rglob("*")
    }
    assert {name: found[name] for name in ("demo", "demo/x.py", "demo/tool", "bin/run")} == {
        "demo": "0o755",
        "demo/x.py": "0o644",
        "demo/tool": "0o755",
        "bin/run": "0o755",
    }
    assert {path.stat().st_mtime for path in (tmp_path / "site").rglob("*")} == {315_532_800.0}


def test_the_time_may_be_set(tmp_path: Path) -> None:
    install(tmp_path, make_wheel(tmp_path), source_date_epoch=1_700_000_000)
    assert {path.stat().st_mtime for path in (tmp_path / "site").rglob("*")} == {1_700_000_000.0}


def test_namespace_packages_merge_and_equal_files_are_shared(tmp_path: Path) -> None:
    one = make_wheel(tmp_path, "one", files={"space/one.py": b"1", "space/LICENSE": b"same"})
    two = make_wheel(tmp_path, "two", files={"space/two.py": b"2", "space/LICENSE": b"same"})
    summary = install(tmp_path, one, two)
    assert [name for name in files_of(tmp_path / "site") if name.startswith("space")] == [
        "space/LICENSE",
        "space/one.py",
        "space/two.py",
    ]
    assert summary.files == len(files_of(tmp_path / "site")) - 1


def test_wheels_that_disagree_on_a_file_are_both_named(tmp_path: Path) -> None:
    one = make_wheel(tmp_path, "one", files={"tests/__init__.py": b"1"})
    two = make_wheel(tmp_path, "two", files={"tests/__init__.py": b"2"})
    assert refusal(tmp_path, one, two) == (
        "cannot install file 'tests/__init__.py': one-1.0-py3-none-any.whl and two-1.0-py3-none-any.whl both "
        "bring it, with different content; leave one of them out of the lock"
    )


def test_a_file_where_another_wheel_has_a_folder_is_refused(tmp_path: Path) -> None:
    one = make_wheel(tmp_path, "one", files={"thing": b"1"})
    two = make_wheel(tmp_path, "two", files={"thing/x.py": b"2"})
    assert refusal(tmp_path, one, two) == (
        "cannot install file 'thing': one-1.0-py3-none-any.whl and two-1.0-py3-none-any.whl both bring it, "
        "one as a file, one as a folder; leave one of them out of the lock"
    )


REPAIR = "get the file again, or have its author repair it"


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


def test_an_unknown_wheel_version_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={}, tag="py3-none-any")
    data = wheel.read_bytes()
    with zipfile.ZipFile(wheel) as old:
        content = {name: old.read(name) for name in old.namelist()}
    content["demo-1.0.dist-info/WHEEL"] = b"Wheel-Version: 2.0\n"
    with zipfile.ZipFile(wheel, "w") as new:
        for name, member in content.items():
            new.writestr(name, member)
    assert wheel.read_bytes() != data
    assert "its Wheel-Version is 2.0, and only 1.x is known" in refusal(tmp_path, wheel)


def test_an_entry_point_that_names_no_function_is_refused(tmp_path: Path) -> None:
    points = b"[console_scripts]\n../evil = demo:main\nfine = demo:main\nbad = demo main\n"
    wheel = make_wheel(tmp_path, files={"demo-1.0.dist-info/entry_points.txt": points})
    text = refusal(tmp_path, wheel)
    assert "the program '../evil' = 'demo:main', which names no function" in text
    assert "the program 'bad' = 'demo main', which names no function" in text
    assert "'fine'" not in text


def test_installers_own_files_are_not_taken_from_the_wheel(tmp_path: Path) -> None:
    parts = {
        "demo-1.0.dist-info/INSTALLER": b"other\n",
        "demo-1.0.dist-info/REQUESTED": b"",
        "demo-1.0.dist-info/direct_url.json": b"{}",
    }
    install(tmp_path, make_wheel(tmp_path, files=parts))
    folder = tmp_path / "site/demo-1.0.dist-info"
    assert sorted(path.name for path in folder.iterdir()) == ["INSTALLER", "METADATA", "RECORD", "WHEEL"]
    assert (folder / "INSTALLER").read_bytes() == b"crosswheel\n"


def test_an_earlier_tree_is_replaced(tmp_path: Path) -> None:
    install(tmp_path, make_wheel(tmp_path, "one"))
    install(tmp_path, make_wheel(tmp_path, "two"))
    assert not (tmp_path / "site/one.py").exists()
    assert (tmp_path / "site/two.py").exists()
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["site"]


def test_an_earlier_tree_survives_a_failure(tmp_path: Path) -> None:
    install(tmp_path, make_wheel(tmp_path, "one"))
    bad = make_wheel(tmp_path, "two", files={}, unrecorded={"x": b"1"}, extra_lines=[record_line("x", b"2")])
    with pytest.raises(CheckError):
        install(tmp_path, bad)
    assert (tmp_path / "site/one.py").exists()
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["site"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    install(tmp_path, make_wheel(tmp_path))
    assert (tmp_path / "site/demo.py").exists()


@pytest.mark.parametrize("is_file", [True, False])
def test_what_is_not_ours_is_left_alone(tmp_path: Path, *, is_file: bool) -> None:
    place = tmp_path / "site"
    if is_file:
        place.write_text("mine")
        why = "a file is there"
    else:
        place.mkdir()
        (place / "mine").write_text("mine")
        why = f"the folder holds something else (it has no {TREE_MARKER})"
    with pytest.raises(OutputError) as caught:
        install(tmp_path, make_wheel(tmp_path))
    assert str(caught.value) == f"cannot write tree '{place}': {why}; remove it or choose another folder"
    assert (place if is_file else place / "mine").read_text() == "mine"


def test_the_marker_says_what_the_tree_is_made_of(tmp_path: Path) -> None:
    install(tmp_path, make_wheel(tmp_path))
    marker = json.loads((tmp_path / "site" / TREE_MARKER).read_bytes())
    assert marker["target"] == ARM.id
    assert [wheel["filename"] for wheel in marker["wheels"]] == ["demo-1.0-py3-none-any.whl"]


def test_a_build_environment_is_filled_in_place(tmp_path: Path) -> None:
    root = tmp_path / "environment"
    root.mkdir()
    (root / "pyvenv.cfg").write_text("")
    parts = {**PROGRAMS, "demo-1.0.dist-info/entry_points.txt": ENTRY_POINTS}
    wheel = make_wheel(tmp_path, files=parts)
    install_into(root, [wheel], scheme=prefix_scheme(ARM.python), interpreter="/env/bin/python")
    assert (root / "lib/python3.11/site-packages/demo.py").is_file()
    assert (root / "bin/Demo-tool").read_text().startswith("#!/env/bin/python\n")
    with pytest.raises(OutputError, match="File exists; give an empty folder"):
        install_into(root, [wheel], scheme=prefix_scheme(ARM.python), interpreter="/env/bin/python")


def test_nothing_is_followed_out_of_the_tree(tmp_path: Path) -> None:
    root = tmp_path / "environment"
    root.mkdir()
    (tmp_path / "outside").write_text("mine")
    (root / "demo.py").symlink_to(tmp_path / "outside")
    wheel = make_wheel(tmp_path)
    from crosswheel.act.schemes import flat_scheme

    with pytest.raises(OutputError):
        install_into(root, [wheel], scheme=flat_scheme(), interpreter="/env/bin/python")
    assert (tmp_path / "outside").read_text() == "mine"
