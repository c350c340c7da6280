"""Trees hold exactly what the wheels' RECORDs say, or nothing."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crosswheel.act.wheels.schemes import prefix_scheme
from crosswheel.act.wheels.tree import TREE_MARKER, TreeLayout, install_into, install_wheels
from crosswheel.values.errors import CheckError, InputError, OutputError
from installing import ARM, ENTRY_POINTS, PROGRAMS, WINDOWS, files_of, install, refusal
from made_wheels import make_wheel, record_line


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
        ("/opt/py/bin/python3.11", b"#!python3\nx\n", b"#!/opt/py/bin/python3.11\nx\n"),
        ("/opt/py/bin/python3.11", b"#!python3.9\t-I \r\nx\n", b"#!/opt/py/bin/python3.11 -I\nx\n"),
        ("/opt/py/bin/python3.11", b"#! python\nx\n", b"#! python\nx\n"),
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
        "bring it, with different content; leave one of them out"
    )


def test_a_file_where_another_wheel_has_a_folder_is_refused(tmp_path: Path) -> None:
    one = make_wheel(tmp_path, "one", files={"thing": b"1"})
    two = make_wheel(tmp_path, "two", files={"thing/x.py": b"2"})
    assert refusal(tmp_path, one, two) == (
        "cannot install file 'thing': one-1.0-py3-none-any.whl and two-1.0-py3-none-any.whl both bring it, "
        "one as a file, one as a folder; leave one of them out"
    )


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
    from crosswheel.act.wheels.schemes import flat_scheme

    with pytest.raises(OutputError):
        install_into(root, [wheel], scheme=flat_scheme(), interpreter="/env/bin/python")
    assert (tmp_path / "outside").read_text() == "mine"
