"""The final wheel: earned tags, RECORD and bytes that depend on nothing else."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from checked_wheels import SUFFIX, built, check, wheel
from crosswheel.act.wheels.finish_wheel import finish_wheel
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import CheckError, OutputError
from elf_files import extension_module

FILES = {
    "demo/__init__.py": b"NAME = 1\n" * 50,
    f"demo/_x{SUFFIX}": extension_module("_x"),
    "demo-1.0.data/scripts/tool": b"#!python\n",
    "demo/héllo, world.txt": b"x",
    "demo/empty": b"",
}
RAW = "cp311-cp311-linux_aarch64"
INFO = "demo-1.0.dist-info"


def _finish(folder: Path, path: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return finish_wheel(path, check(path, built()), folder)


def test_the_final_wheel_has_the_earned_name_and_passes_again(tmp_path: Path) -> None:
    final = _finish(tmp_path / "out", wheel(tmp_path, FILES, tag=RAW))
    assert final.name == "demo-1.0-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.whl"
    assert check(final, built()).findings == ()


def test_the_wheel_file_keeps_its_generator_and_says_the_earned_tags(tmp_path: Path) -> None:
    final = _finish(tmp_path / "out", wheel(tmp_path, FILES, tag=RAW))
    with zipfile.ZipFile(final) as archive:
        assert archive.read(f"{INFO}/WHEEL").decode() == (
            "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: false\n"
            "Tag: cp311-cp311-manylinux2014_aarch64\nTag: cp311-cp311-manylinux_2_17_aarch64\n"
        )


def test_record_is_sorted_complete_and_quotes_commas(tmp_path: Path) -> None:
    final = _finish(
        tmp_path / "out", wheel(tmp_path, {"demo/b.py": b"b\n", "demo/a,c.py": b"a\n"}, tag="py3-none-any")
    )
    with zipfile.ZipFile(final) as archive:
        lines = archive.read(f"{INFO}/RECORD").decode().splitlines()
    digest = digest_of(b"a\n").record
    assert lines[0].startswith(f"{INFO}/METADATA,sha256=")
    assert lines[2:] == [
        f'"demo/a,c.py",{digest},2',
        f"demo/b.py,{digest_of(b'b' + bytes([10])).record},2",
        f"{INFO}/RECORD,,",
    ]


def test_members_are_sorted_with_the_dist_info_last_and_have_canonical_facts(tmp_path: Path) -> None:
    raw = wheel(
        tmp_path, FILES, tag=RAW, modes={"demo-1.0.data/scripts/tool": 0o100700, "demo/empty": 0o100600}
    )
    with zipfile.ZipFile(_finish(tmp_path / "out", raw)) as archive:
        infos = archive.infolist()
        assert archive.testzip() is None
        assert {
            info.filename: archive.read(info) for info in infos if "dist-info" not in info.filename
        } == FILES
    names = [info.filename for info in infos]
    assert names == [*sorted(FILES), f"{INFO}/METADATA", f"{INFO}/WHEEL", f"{INFO}/RECORD"]
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    modes = {info.filename: info.external_attr >> 16 for info in infos}
    assert modes.pop("demo-1.0.data/scripts/tool") == 0o100755
    assert set(modes.values()) == {0o100644}
    stored = {info.filename for info in infos if info.compress_type == zipfile.ZIP_STORED}
    assert "demo/empty" in stored
    assert "demo/__init__.py" not in stored


def test_order_times_modes_and_compression_of_the_raw_wheel_do_not_matter(tmp_path: Path) -> None:
    one = wheel(tmp_path / "one", FILES, tag=RAW)
    two = wheel(tmp_path / "two", dict(reversed(FILES.items())), tag=RAW, modes={"demo/empty": 0o100600})
    assert _finish(tmp_path / "a", one).read_bytes() == _finish(tmp_path / "b", two).read_bytes()


def test_the_bytes_are_those_of_every_machine(tmp_path: Path) -> None:
    """A change here changes every wheel ever built: raise the plan's schema with it."""
    final = _finish(
        tmp_path / "out", wheel(tmp_path, {"demo/__init__.py": FILES["demo/__init__.py"]}, tag="py3-none-any")
    )
    assert final.name == "demo-1.0-py3-none-any.whl"
    assert (
        digest_of(final.read_bytes()).hex
        == "134dc7cc23e10be7336b64a773655e1b0027b0311d5b4b667a04e8c9ca7e81f0"
    )


def test_a_pure_wheel_keeps_its_tags(tmp_path: Path) -> None:
    final = _finish(tmp_path / "out", wheel(tmp_path, {"demo.py": b""}, tag="py2.py3-none-any"))
    assert final.name == "demo-1.0-py2.py3-none-any.whl"


def test_signatures_of_the_raw_record_are_dropped(tmp_path: Path) -> None:
    def sign(members: dict[str, bytes]) -> None:
        members[f"{INFO}/RECORD.jws"] = b"{}"

    final = _finish(tmp_path / "out", wheel(tmp_path, {"demo.py": b""}, tag="py3-none-any", change=sign))
    with zipfile.ZipFile(final) as archive:
        assert f"{INFO}/RECORD.jws" not in archive.namelist()


def test_a_refused_wheel_is_not_finished(tmp_path: Path) -> None:
    raw = wheel(tmp_path, {"demo/_x.so": extension_module("_x")}, tag=RAW)
    with pytest.raises(CheckError) as caught:
        _finish(tmp_path / "out", raw)
    assert "demo/_x.so: it is an extension module without the target's suffix" in str(caught.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_an_accepted_finding_does_not_stop_the_wheel(tmp_path: Path) -> None:
    raw = wheel(tmp_path, {"demo/_x.so": extension_module("_x")}, tag=RAW)
    report = check(raw, built(), accept=("bare-suffix",))
    assert finish_wheel(raw, report, tmp_path).exists()


def test_a_wheel_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    raw = wheel(tmp_path, {"demo.py": b""}, tag="py3-none-any")
    with pytest.raises(OutputError) as caught:
        finish_wheel(raw, check(raw, built()), tmp_path / "missing")
    assert str(caught.value).endswith("No such file or directory; choose another folder")


def test_a_report_without_tags_is_an_error(tmp_path: Path) -> None:
    raw = wheel(tmp_path, {"demo.py": b""}, tag="py3-none-any")
    with pytest.raises(CheckError):
        finish_wheel(raw, replace(check(raw, built()), earned_tags=()), tmp_path)
