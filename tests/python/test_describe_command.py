"""``crosswheel target describe`` and ``target pack``, called as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cross_targets import description_of
from crosswheel.act.target_python.python_files import open_python_files
from crosswheel.command_line.main import main
from crosswheel.values.digests import digest_of
from python_trees import write_debian_tree, write_plain_prefix

TARGET = "cp311-linux_aarch64_glibc_2_28"


def test_a_description_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_debian_tree(tmp_path / "tree", TARGET)
    assert main(["target", "describe", "--from", str(tmp_path / "tree")]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["python"]["soabi"] == "cpython-311-aarch64-linux-gnu"
    assert printed.err == f"cp311-linux_aarch64_glibc: CPython 3.11.2 from {tmp_path}/tree\n"


def test_a_description_is_written_and_serves_a_pack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_plain_prefix(tmp_path / "tree", TARGET)
    own, pack = tmp_path / "own.json", tmp_path / "headers.tar"
    assert main(["target", "describe", "--from", str(tmp_path / "tree"), "-o", str(own)]) == 0
    for printing in (["-o", "-"], []):
        assert main(["target", "describe", "--from", str(tmp_path / "tree"), *printing]) == 0
        assert capsys.readouterr().out == own.read_text()
    command = [
        "target",
        "pack",
        "manylinux_2_28_aarch64",
        "--python",
        "3.11",
        "--from",
        str(tmp_path / "tree"),
    ]
    assert main([*command, "--description", str(own), "-o", str(pack), "--json"]) == 0
    printed = capsys.readouterr()
    assert f"from {tmp_path}/tree" in printed.err
    assert json.loads(printed.out) == {
        "target": TARGET,
        "sha256": str(digest_of(pack.read_bytes())),
        "size": pack.stat().st_size,
        "python_version": "3.11.2",
        "origin": open_python_files(tmp_path / "tree").origin,
    }


def test_nothing_is_written_when_the_files_are_not_the_targets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_plain_prefix(tmp_path / "tree", TARGET)
    pack = tmp_path / "out" / "headers.tar"
    pack.parent.mkdir()
    command = ["target", "pack", "linux_s390x", "--python", "3.11", "--from", str(tmp_path / "tree")]
    assert main([*command, "-o", str(pack), "--quiet"]) == 3
    assert capsys.readouterr().err == (
        f"error: cannot pack headers '{tmp_path}/tree': its files are of aarch64-linux-gnu, the target "
        "cp311-linux_s390x_glibc_2_28 needs s390x-linux-gnu; give the headers of the target's own architecture\n"
    )
    assert list(pack.parent.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_plain_prefix(tmp_path / "tree", TARGET)
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "own.json"
    assert main(["target", "describe", "--from", str(tmp_path / "tree"), "-o", str(out)]) == 12
    assert capsys.readouterr().err == (
        f"error: cannot write file '{out}': file exists; name a file in a folder you can write to\n"
    )


def test_what_a_pack_holds_does_not_depend_on_where_its_files_lay(tmp_path: Path) -> None:
    packs: list[bytes] = []
    for folder in ("one", "other/place"):
        write_plain_prefix(tmp_path / folder, TARGET)
        pack = tmp_path / f"{len(packs)}.tar"
        main(
            [
                "target",
                "pack",
                "linux_arm64",
                "--python",
                "3.11",
                "--from",
                str(tmp_path / folder),
                "-o",
                str(pack),
            ]
        )
        packs.append(pack.read_bytes())
    assert packs[0] == packs[1]
    assert description_of(TARGET).python_directory.encode() in packs[0]
