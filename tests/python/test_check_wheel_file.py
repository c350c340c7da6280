"""The verifier on the archive, its RECORD, metadata, names and tags."""

from __future__ import annotations

import random
import stat
import warnings
import zipfile
from pathlib import Path

import pytest

from checked_wheels import AARCH64, SUFFIX, built, check, codes, only, wheel
from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.findings import FINDING_CODES, check_error
from crosswheel.act.wheels.tree import install_wheels
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CheckError, InputError
from elf_files import elf_file, extension_module
from made_wheels import record_line

PURE = {"demo/__init__.py": b"NAME = 1\n"}
MODULE = {**PURE, f"demo/_speedups{SUFFIX}": extension_module("_speedups")}


def test_a_right_pure_wheel_has_no_findings(tmp_path: Path) -> None:
    report = check(wheel(tmp_path, PURE, tag="py3-none-any"))
    assert report.findings == ()
    assert [str(tag) for tag in report.earned_tags] == ["py3-none-any"]


def test_a_right_binary_wheel_has_no_findings_and_earns_its_tags(tmp_path: Path) -> None:
    report = check(wheel(tmp_path, MODULE), built())
    assert report.findings == ()
    assert not report.refused
    assert report.modules == ("demo._speedups",)
    assert [str(tag) for tag in report.earned_tags] == [
        "cp311-cp311-manylinux2014_aarch64",
        "cp311-cp311-manylinux_2_17_aarch64",
    ]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../outside.py", "its name leads out of the wheel by '..'"),
        ("demo/../../outside.py", "its name leads out of the wheel by '..'"),
        ("/etc/passwd", "its name is absolute"),
        ("C:evil.py", "its name is absolute"),
        ("demo\\evil.py", "its name holds a backslash or a NUL character"),
        ("demo//evil.py", "its name has empty or '.' parts"),
        ("demo/\x07.py", "its name holds control characters"),
    ],
)
def test_hostile_names_are_refused_before_anything_is_unpacked(tmp_path: Path, name: str, why: str) -> None:
    report = check(wheel(tmp_path, {**PURE, name: b"evil"}, tag="py3-none-any"))
    finding = only(report)
    assert (finding.code, finding.message) == ("hostile-member", f"{why}; do not install this wheel")
    assert report.earned_tags == ()


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        (stat.S_IFLNK | 0o777, "it is a symbolic link, which wheels cannot carry"),
        (stat.S_IFIFO | 0o644, "it is neither a file nor a folder"),
    ],
)
def test_links_and_devices_are_refused(tmp_path: Path, mode: int, why: str) -> None:
    path = wheel(tmp_path, {**PURE, "demo/link": b"/etc"}, tag="py3-none-any", modes={"demo/link": mode})
    assert only(check(path)).message == f"{why}; do not install this wheel"


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = wheel(tmp_path, PURE, tag="py3-none-any")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("demo/__init__.py", b"other")
    assert only(check(path)).message == "the archive holds this name twice; do not install this wheel"


def test_a_name_that_is_file_and_folder_is_refused(tmp_path: Path) -> None:
    path = wheel(tmp_path, {**PURE, "demo/a": b"1", "demo/a/b": b"2"}, tag="py3-none-any")
    assert only(check(path)).message == "it is both a file and a folder; do not install this wheel"


def test_names_that_differ_by_case_matter_where_the_file_system_folds_them(tmp_path: Path) -> None:
    path = wheel(tmp_path, {"demo/a.py": b"1", "demo/A.py": b"2"}, tag="py3-none-any")
    assert codes(check(path)) == ["note case-collision"]
    windows = check_wheel(path, parse_target_id("cp311-windows_x86_64"))
    assert codes(windows) == ["error case-collision"]


def test_a_zip_bomb_is_refused_before_it_is_inflated(tmp_path: Path) -> None:
    path = wheel(tmp_path, {**PURE, "demo/zeros": bytes(80 << 20)}, tag="py3-none-any")
    assert codes(check(path)) == ["error zip-bomb"]


def test_damaged_data_is_refused(tmp_path: Path) -> None:
    path = wheel(tmp_path, {**PURE, "demo/data": bytes(range(256)) * 8}, tag="py3-none-any")
    data = bytearray(path.read_bytes())
    data[data.index(b"demo/data") + 20] ^= 0xFF
    path.write_bytes(data)
    assert "error not-a-wheel" in codes(check(path))


def test_what_is_no_zip_or_no_wheel_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    path.write_bytes(b"no zip")
    assert codes(check(path)) == ["error not-a-wheel"]
    assert codes(check(path.rename(tmp_path / "demo.whl"))) == ["error not-a-wheel"]


def test_a_missing_wheel_is_an_error_of_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    with pytest.raises(InputError) as caught:
        check(path)
    assert (
        str(caught.value)
        == f"cannot read wheel '{path}': No such file or directory; give the path of a wheel"
    )


def test_a_file_changed_after_record_is_refused(tmp_path: Path) -> None:
    path = wheel(
        tmp_path,
        PURE,
        tag="py3-none-any",
        change=lambda members: members.update({"demo/__init__.py": b"EVIL = 1\n"}),
    )
    finding = only(check(path))
    assert (finding.code, finding.file) == ("record-mismatch", "demo/__init__.py")


def test_a_wrong_size_in_record_is_refused(tmp_path: Path) -> None:
    path = wheel(
        tmp_path, PURE, tag="py3-none-any", record=lambda rows: [row.replace(",9", ",8") for row in rows]
    )
    assert only(check(path)).message == (
        "it has 9 bytes, RECORD says 8; the wheel was changed after it was made: fetch it again, or rebuild it"
    )


def test_a_wheel_whose_record_was_never_right_was_not_changed(tmp_path: Path) -> None:
    path = wheel(
        tmp_path,
        PURE,
        tag="py3-none-any",
        record=lambda rows: [
            row.partition(",")[0] + ",," if row.startswith("demo/") else row for row in rows
        ],
    )
    assert only(check(path)).message == "RECORD gives no hash for it; rebuild the wheel"


def test_a_file_outside_record_is_refused(tmp_path: Path) -> None:
    path = wheel(
        tmp_path, PURE, tag="py3-none-any", change=lambda members: members.update({"evil.pth": b"import os"})
    )
    assert [(f.code, f.file) for f in check(path).findings] == [
        ("record-incomplete", "evil.pth"),
        ("start-up-file", "evil.pth"),
    ]


def test_commas_and_unicode_line_separators_in_names_are_no_hole_in_record(tmp_path: Path) -> None:
    files = {**PURE, "demo/a,b.py": b"1", "demo/a\u2028b.py": b"2", "demo/a\x85b.py": b"3"}
    assert check(wheel(tmp_path, files, tag="py3-none-any")).findings == ()


def test_a_weak_hash_in_record_is_refused(tmp_path: Path) -> None:
    path = wheel(
        tmp_path, PURE, tag="py3-none-any", record=lambda rows: ["demo/__init__.py,md5=abc,9", *rows[1:]]
    )
    assert "RECORD uses the hash md5" in only(check(path)).message


def test_a_record_line_without_a_file_is_reported(tmp_path: Path) -> None:
    path = wheel(
        tmp_path, PURE, tag="py3-none-any", record=lambda rows: [record_line("demo/gone.py", b""), *rows]
    )
    assert codes(check(path)) == ["error record-extra"]
    assert codes(check(path, built())) == ["error record-extra"]


def test_folders_and_signatures_may_be_listed_without_being_there(tmp_path: Path) -> None:
    lines = ["demo/,,", "demo-1.0.dist-info/RECORD.jws,,"]
    path = wheel(tmp_path, PURE, tag="py3-none-any", record=lambda rows: [*lines, *rows])
    assert check(path).findings == ()


def _prefixed(path: Path) -> Path:
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    return path


def _version_9(members: dict[str, bytes]) -> None:
    name = "demo-1.0.dist-info/WHEEL"
    members[name] = members[name].replace(b"Wheel-Version: 1.0", b"Wheel-Version: 9.0")
    rows = members["demo-1.0.dist-info/RECORD"].decode().splitlines()
    rows = [record_line(name, members[name]) if row.startswith(name) else row for row in rows]
    members["demo-1.0.dist-info/RECORD"] = "\n".join(rows).encode()


def test_what_install_refuses_fits_nowhere(tmp_path: Path) -> None:
    wheels = {
        "its Wheel-Version is 9.0, and only 1.x is known": wheel(
            tmp_path / "a", PURE, tag="py3-none-any", change=_version_9
        ),
        "its central directory is not where it says": _prefixed(
            wheel(tmp_path / "b", PURE, tag="py3-none-any")
        ),
        "RECORD lists ghost.py, which the archive does not hold": wheel(
            tmp_path / "c", PURE, tag="py3-none-any", record=lambda rows: ["ghost.py,,", *rows]
        ),
        "demo/__init__.py: demo-1.0-py3-none-any.whl brings it twice, with different content": wheel(
            tmp_path / "d", {**PURE, "demo-1.0.data/purelib/demo/__init__.py": b""}, tag="py3-none-any"
        ),
    }
    for number, (why, path) in enumerate(wheels.items()):
        with pytest.raises((CheckError, InputError)) as refused:
            install_wheels([path], tmp_path / f"tree{number}", target=AARCH64)
        assert why.rpartition(": ")[2] in str(refused.value)
        for report in (check(path), check(path, built())):
            finding = only(report)
            assert finding.severity.value == "error"
            if finding.code != "record-extra":
                assert (finding.code, finding.message.partition(";")[0]) == ("not-installable", why)


def test_a_wheel_without_dist_info_or_with_two_is_refused(tmp_path: Path) -> None:
    def drop(members: dict[str, bytes]) -> None:
        for name in [name for name in members if "dist-info" in name]:
            del members[name]

    assert codes(check(wheel(tmp_path / "a", PURE, tag="py3-none-any", change=drop))) == [
        "error dist-info-invalid"
    ]
    two = wheel(tmp_path / "b", {**PURE, "other-1.0.dist-info/METADATA": b""}, tag="py3-none-any")
    assert codes(check(two)) == ["error dist-info-invalid"]


@pytest.mark.parametrize("missing", ["METADATA", "WHEEL", "RECORD"])
def test_a_missing_file_of_the_dist_info_is_refused(tmp_path: Path, missing: str) -> None:
    def drop(members: dict[str, bytes]) -> None:
        del members[f"demo-1.0.dist-info/{missing}"]

    assert "error dist-info-invalid" in codes(check(wheel(tmp_path, PURE, tag="py3-none-any", change=drop)))


def test_tags_of_file_name_and_wheel_file_must_agree(tmp_path: Path) -> None:
    path = wheel(tmp_path, MODULE, wheel_tags=("cp311-cp311-linux_aarch64",))
    assert codes(check(path)) == ["warning tags-disagree"]
    assert codes(check(path, built())) == ["error tags-disagree"]


def test_a_record_that_is_no_csv_lists_nothing(tmp_path: Path) -> None:
    path = wheel(tmp_path, PURE, tag="py3-none-any", record=lambda rows: ["x" * 200_000, *rows])
    assert {finding.code for finding in check(path).findings} == {"record-incomplete"}


@pytest.mark.parametrize(
    "line", ["shake_128=x,3", "md5-sha1=x,3", "sha256=47DEQ,9" + "9" * 5000, "=,", "sha256,3"]
)
def test_a_line_of_record_that_is_none_refuses_the_file_it_is_about(tmp_path: Path, line: str) -> None:
    def change(rows: list[str]) -> list[str]:
        return [f"demo/__init__.py,{line}" if row.startswith("demo/__init__.py,") else row for row in rows]

    report = check(wheel(tmp_path, PURE, tag="py3-none-any", record=change))
    assert [(finding.code, finding.file) for finding in report.errors] == [
        ("record-mismatch", "demo/__init__.py")
    ]


@pytest.mark.parametrize(
    "tag", ["", "nonsense", "--", "a-b", "py3-none-", "é -none-any", ".".join("a" * 9999) * 2 + "-b-c"]
)
def test_a_tag_line_that_is_no_tag_differs_from_the_file_name(tmp_path: Path, tag: str) -> None:
    report = check(wheel(tmp_path, PURE, tag="py3-none-any", wheel_tags=(tag, "py3-none-any")))
    assert "tags-disagree" in [finding.code for finding in report.findings]


def test_a_member_without_a_name_is_hostile(tmp_path: Path) -> None:
    path = wheel(tmp_path, {**PURE, "nameless": b""}, tag="py3-none-any")
    # zipfile ends a name at its first NUL.
    path.write_bytes(path.read_bytes().replace(b"nameless", b"\0ameless"))
    assert "it has no name; do not install this wheel" in [
        finding.message for finding in check(path).findings
    ]


def test_random_damage_of_the_archive_is_refused_or_harmless_and_never_fails_otherwise(
    tmp_path: Path,
) -> None:
    path = wheel(tmp_path, MODULE)
    data = path.read_bytes()
    chance = random.Random(7)
    for _ in range(400):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 5)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged[: chance.randint(1, len(damaged))] if chance.random() < 0.1 else damaged)
        with warnings.catch_warnings(action="ignore"):
            check(path, built(oracle=path))


def test_a_wheel_for_another_target_is_refused(tmp_path: Path) -> None:
    path = wheel(tmp_path, PURE, tag="cp312-none-any")
    assert only(check(path)).message == (
        "none of its tags (cp312-none-any) runs on cp311-linux_aarch64_glibc_2_28"
    )


def test_root_is_purelib_and_extension_modules_exclude_each_other(tmp_path: Path) -> None:
    path = wheel(tmp_path, MODULE, purelib=True)
    assert codes(check(path, built())) == ["error purelib-disagrees"]


@pytest.mark.parametrize("line", ["Root-Is-Purelib: maybe", ""])
def test_root_is_purelib_must_be_true_or_false(tmp_path: Path, line: str) -> None:
    def change(members: dict[str, bytes]) -> None:
        name = "demo-1.0.dist-info/WHEEL"
        members[name] = members[name].replace(b"Root-Is-Purelib: false", line.encode())

    report = check(wheel(tmp_path, MODULE, change=change))
    assert "warning purelib-disagrees" in codes(report)


def test_an_extension_module_in_the_purelib_folder_is_refused(tmp_path: Path) -> None:
    files = {f"demo-1.0.data/purelib/demo/_x{SUFFIX}": extension_module("_x")}
    finding = only(check(wheel(tmp_path, files), built()))
    assert (finding.code, finding.message) == (
        "purelib-disagrees",
        "an extension module stands in the folder of pure Python files",
    )


def test_accepts_cover_findings_by_code_and_file(tmp_path: Path) -> None:
    path = wheel(tmp_path, MODULE, purelib=True)
    accepted = check(path, built(), accept=("purelib-disagrees:*/WHEEL",))
    assert not accepted.refused
    assert only(accepted).accepted
    elsewhere = check(path, built(), accept=("purelib-disagrees:*.so", "bare-suffix"))
    assert elsewhere.refused
    assert elsewhere.unused_accepts == ("purelib-disagrees:*.so", "bare-suffix")


def test_an_accept_of_an_unknown_code_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        check(wheel(tmp_path, PURE, tag="py3-none-any"), accept=("bare-sufix",))
    assert str(caught.value) == (
        "cannot accept finding 'bare-sufix': there is no finding code bare-sufix; did you mean bare-suffix"
    )


def test_the_error_of_a_refused_wheel_names_file_and_code(tmp_path: Path) -> None:
    report = check(wheel(tmp_path, PURE, tag="cp312-none-any"))
    assert str(check_error(report)) == (
        f"cannot use wheel 'demo-1.0-cp312-none-any.whl': it does not fit {AARCH64.id}: none of its tags "
        f"(cp312-none-any) runs on {AARCH64.id}; use another file of this release"
    )


def test_the_error_of_a_finding_that_can_be_accepted_says_so(tmp_path: Path) -> None:
    report = check(wheel(tmp_path, {**PURE, "demo/a": elf_file()}, tag="py3-none-any"))
    assert str(check_error(report)).endswith(
        "; use another file of this release, or accept elf-in-pure-wheel for this package once you know why it is "
        "harmless"
    )


@pytest.mark.parametrize(
    "code", ["not-a-wheel", "record-mismatch", "tag-not-for-target", "metadata-mismatch"]
)
def test_what_makes_a_wheel_useless_cannot_be_accepted(tmp_path: Path, code: str) -> None:
    with pytest.raises(InputError) as raised:
        check(wheel(tmp_path, PURE, tag="cp312-none-any"), accept=(f"{code}:*",))
    assert str(raised.value) == (
        f"cannot accept finding '{code}:*': a wheel with {code} cannot be used, whatever the reason; "
        "use another wheel"
    )


def test_the_headline_of_an_error_is_the_finding_that_matters_most(tmp_path: Path) -> None:
    files = {
        "demo/a.txt": b"/home/someone/x",
        f"demo/_b{SUFFIX}": extension_module("_b", glibc="2.34"),
        f"demo/_c{SUFFIX}": extension_module("_c", "x86_64"),
    }
    report = check(
        wheel(tmp_path, files, wheel_tags=("cp311-cp311-any",)), built(build_paths=("/home/someone",))
    )
    assert [f.code for f in report.errors] == [
        "wrong-machine",
        "symbol-too-new",
        "tags-disagree",
        "build-path",
    ]
    assert "it is a binary for x86_64" in check_error(report).why


@pytest.mark.parametrize("name", ["", "nofile.whl", "folder-1-py3-none-any.whl"])
def test_a_path_without_a_file_is_an_error_of_the_caller(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder-1-py3-none-any.whl").mkdir()
    with pytest.raises(InputError) as raised:
        check(tmp_path / name)
    why = "No such file or directory" if name == "nofile.whl" else "Is a directory"
    assert str(raised.value) == f"cannot read wheel '{tmp_path / name}': {why}; give the path of a wheel"


def test_the_json_of_a_report_is_complete(tmp_path: Path) -> None:
    value = check(wheel(tmp_path, PURE, tag="cp312-none-any")).to_json()
    assert value["refused"] is True
    assert value["target"] == AARCH64.id
    assert set(FINDING_CODES) >= {"tag-not-for-target"}
