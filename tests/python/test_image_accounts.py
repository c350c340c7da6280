"""What is told of a doubtful image: accounts that it does not know, a second archive in a layer; and what quiet leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crosswheel.act.images.verify_layout import verify_layout
from crosswheel.command_line.main import main
from elf_files import elf_file
from image_bases import base_layout
from image_projects import enter_image_project
from layout_files import LayoutMaker, link, tar_of

PASSWD = {"etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nweb:x:1:1::/:\n", "etc/group": b"root:x:0:\n"}
NO_USER = "'app': no line of /etc/passwd is about the user, so that no container starts"


def verdict(tmp_path: Path, user: str, *layers: Any) -> list[str]:
    maker = LayoutMaker(tmp_path / "layout")
    image = maker.image(*(tar_of(layer) for layer in layers), settings={"User": user})
    report = verify_layout(maker.write(image))
    assert {one.severity.value for one in report.findings} <= {"warning"}
    return [one.message for one in report.findings if one.code == "setting-doubtful"]


@pytest.mark.parametrize(
    ("user", "layers", "doubts"),
    [
        ("web", [PASSWD], []),
        ("app", [PASSWD], [NO_USER]),
        ("1234:99", [{"a": b""}], []),
        ("app", [{"a": b""}], ["'app': there is no /etc/passwd, so that no container starts"]),
        (
            "web:staff",
            [PASSWD],
            ["'staff': no line of /etc/group is about the group, so that no container starts"],
        ),
        ("1:root", [PASSWD], []),
        # The topmost layer decides, and what it removes is gone.
        ("web", [PASSWD, {"etc/passwd": b"root:x:0:0:::\n"}], ["'web'" + NO_USER[5:]]),
        ("app", [PASSWD, {"etc/passwd": b"app:x:1:1:::\n"}], []),
        (
            "web",
            [PASSWD, {"etc/.wh.passwd": b""}],
            ["'web': there is no /etc/passwd, so that no container starts"],
        ),
        ("web", [PASSWD, {"etc/.wh..wh..opq": b""}, PASSWD], []),
        # What a link leads to counts, where it is known.
        ("app", [[link("etc/passwd", "../run/passwd")]], []),
        ("app", [[*PASSWD.items(), link("etc/p", "passwd")], [link("etc/passwd", "/srv/users")]], []),
        ("app", [[link("etc", "usr/etc")], {"usr/etc/passwd": b"web:x:1:1:::\n"}], []),
    ],
)
def test_names_are_looked_up_as_runtimes_do(
    tmp_path: Path, user: str, layers: list[Any], doubts: list[str]
) -> None:
    assert verdict(tmp_path, user, *layers) == doubts


def test_machine_code_is_judged_whatever_its_name(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "layout")
    report = verify_layout(maker.write(maker.image(tar_of({"etc/passwd": elf_file("x86_64")}))))
    assert [(one.code, one.file) for one in report.findings] == [("wrong-machine", "etc/passwd")]


def test_a_layer_that_cannot_be_read_says_nothing_of_accounts(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "layout")
    image = maker.image(tar_of({"a": b"1" * 600})[:700], settings={"User": "app"})
    assert [one.code for one in verify_layout(maker.write(image)).findings] == ["layer-damaged"]


def test_what_follows_the_end_of_an_archive_is_told(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "layout")
    first, second = tar_of({"a": b"1"}), tar_of({"b": elf_file("x86_64")})
    report = verify_layout(maker.write(maker.image(first + second, first + bytes(1 << 21))))
    (only,) = report.findings
    assert (only.code, report.refused) == ("layer-continued", False)
    assert "layer 1 of 2" in only.place


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("end", [512 + 600, 512 + 601, 512 + 1023])
def test_a_layer_that_lacks_only_padding_is_told_and_taken(tmp_path: Path, end: int, compress: bool) -> None:
    maker = LayoutMaker(tmp_path / "layout")
    image = maker.image(tar_of({"a": b"1" * 600})[:end], tar_of({"b": b""}), compress=compress)
    report = verify_layout(maker.write(image))
    (only,) = report.findings
    assert (only.code, report.refused) == ("layer-unpadded", False)
    assert "layer 1 of 2" in only.place


@pytest.mark.parametrize("end", [512 + 599, 512 + 1024, 512 + 1024 + 512])
def test_a_layer_that_lacks_content_is_damaged_and_one_without_end_blocks_is_not(
    tmp_path: Path, end: int
) -> None:
    maker = LayoutMaker(tmp_path / "layout")
    report = verify_layout(maker.write(maker.image(tar_of({"a": b"1" * 600})[:end])))
    assert [one.code for one in report.findings] == (["layer-damaged"] if end < 512 + 600 else [])


def test_an_extended_header_without_its_padding_is_damage(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "layout")
    whole = tar_of({"ä" * 200: b""})
    assert whole[156:157] == b"x"
    report = verify_layout(maker.write(maker.image(whole[: 1024 - 10])))
    assert [one.code for one in report.findings] == ["layer-damaged"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project as the working directory, and a store of its own."""
    enter_image_project(tmp_path, monkeypatch)
    return tmp_path


def image(*words: str, base: str = "base") -> int:
    return main(["image", "dist", "--base", base, "-o", "image", "--max-layers", "1", *words])


def warnings(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the warnings but those of replaced files, see test_image_owners.py."""
    lines = capsys.readouterr().err.splitlines()
    return [line for line in lines if line.startswith("warning") and "[file-replaced]" not in line]


def test_making_an_image_tells_of_an_account_that_is_not_in_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert image("--user", "other") == 0
    told = "'other': no line of /etc/passwd is about the user, so that no container starts [setting-doubtful]"
    assert warnings(capsys) == [f"warning: linux/arm64, configuration: {told}"]
    assert image("--user", "other", "--accept", "setting-doubtful") == 0
    assert warnings(capsys) == []
    assert image("--user", "1000") == 0
    assert warnings(capsys) == []


def test_accounts_of_base_application_and_finished_layers_count(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    users = folder / "users"
    users.write_text("own:x:1000:1000::/:\n")
    assert image("--user", "own", "--app-file", f"/etc/passwd={users}") == 0
    assert warnings(capsys) == []
    finished = folder / "users.tar"
    finished.write_bytes(tar_of({"etc/passwd": b"other:x:1:1:::\n"}))
    assert image("--user", "other", "--app-file", f"/etc/passwd={users}", "--layer", str(finished)) == 0
    assert warnings(capsys) == []
    assert image("--user", "own", "--app-file", f"/etc/passwd={users}", "--layer", str(finished)) == 0
    assert warnings(capsys) == [f"warning: linux/arm64, configuration: 'own'{NO_USER[5:]} [setting-doubtful]"]
    base_layout(folder / "known", settings={"User": "web"}, more=PASSWD)
    assert image(base="known") == 0
    assert warnings(capsys) == []


def test_quiet_leaves_the_result_on_standard_output(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert image("--user", "other", "--quiet") == 0
    told = capsys.readouterr()
    assert (told.out[:20], told.err) == ("image:latest@sha256:", "")
    assert main(["image", "verify", "image", "--quiet"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("image: sound: latest linux/arm64; ")
    assert told.err == ""


def test_an_application_without_files_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert image("--app", "src", "--exclude", "*") == 0
    told = "nothing of the application is in the image: 'src' has no file that is not left out"
    assert warnings(capsys) == [f"warning: {told}"]
    assert image("--app", "src") == 0
    assert warnings(capsys) == []


def test_a_layer_that_is_not_there_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert image("--layer", "nothere") == 3
    assert (
        "cannot read layer 'nothere': there is no such file; give the file of a layer\n"
        in capsys.readouterr().err
    )


def test_a_project_that_no_layer_of_its_own_is_left_for_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = ("--changes-often", "demo", "--changes-often", "pure")
    words = ["image", "dist", "--base", "base", "-o", "image", "--max-layers"]
    assert main([*words, "2", *both]) == 0
    (told,) = warnings(capsys)
    assert "no layer of its own is left for" in told
    assert main(["layer", "dist", "-o", "layers", *both, "--max-layers", "2"]) == 0
    assert warnings(capsys) == [told.replace("cp311-linux_aarch64_glibc_2_28: ", "")]
    for fine in (("3", *both), ("2", *both[:2]), ("1", *both)):
        assert main([*words, *fine]) == 0
        assert warnings(capsys) == []
