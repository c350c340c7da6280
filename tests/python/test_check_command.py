"""``crosswheel check``: grouped words, JSON, exit codes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from checked_wheels import SUFFIX, wheel
from crosswheel.command_line.build_command import folded
from crosswheel.command_line.commands import command_parser
from crosswheel.command_line.console import Terminal, Verbosity
from crosswheel.command_line.main import main
from crosswheel.values.errors import InputError
from elf_files import extension_module
from printed_documents import refuse_other_document

GOLDEN = Path(__file__).parent.parent / "golden" / "check"
TARGET = ("--target", "cp311-linux_aarch64_glibc_2_28")
RIGHT = {"demo/__init__.py": b"NAME = 1\n", f"demo/_x{SUFFIX}": extension_module("_x")}
WRONG = {
    "demo/_x.cpython-311-x86_64-linux-gnu.so": extension_module("_x", "x86_64"),
    f"demo/_y{SUFFIX}": extension_module("_y", glibc="2.34", needed=["libyaml-0.so.2", "libc.so.6"]),
    **{f"demo/_z{n}.so": extension_module(f"_z{n}") for n in range(12)},
}


def _run(*words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    console = Terminal(verbosity=Verbosity.NORMAL, out=out, err=err, live=False)
    parsed = command_parser("check").parse_args(["check", *words])
    code: int = parsed.run(parsed, console)
    return code, out.getvalue(), err.getvalue()


def test_a_right_wheel_exits_0_and_says_what_it_earned(tmp_path: Path) -> None:
    path = wheel(tmp_path, RIGHT)
    code, out, err = _run(str(path), *TARGET)
    assert (code, err) == (0, "")
    assert out == (
        "demo-1.0-cp311-cp311-manylinux_2_17_aarch64.whl: fits cp311-linux_aarch64_glibc_2_28\n"
        "  earned: manylinux2014_aarch64, manylinux_2_17_aarch64\n"
    )


def test_a_wrong_wheel_exits_8_and_its_findings_are_grouped(tmp_path: Path) -> None:
    code, out, _ = _run(str(wheel(tmp_path, WRONG)), *TARGET)
    assert code == 8
    assert out == (GOLDEN / "wrong.txt").read_text()


def test_the_name_of_a_target_may_leave_the_python_to_an_option(tmp_path: Path) -> None:
    code, _, err = _run(str(wheel(tmp_path, RIGHT)), "--target", "linux_arm64", "--python", "3.11")
    assert code == 0
    assert err.startswith(
        "note: linux_arm64 is cp311-linux_aarch64_glibc_2_28: a Linux name without a C library means glibc 2.28"
    )


def test_json_holds_one_report_for_each_wheel(tmp_path: Path) -> None:
    right, wrong = wheel(tmp_path / "a", RIGHT), wheel(tmp_path / "b", WRONG)
    code, out, _ = _run(str(right), str(wrong), *TARGET, "--json")
    reports = json.loads(out)
    refuse_other_document(["check"], reports)
    assert [report["path"] for report in reports] == [str(right), str(wrong)]
    assert code == 8
    assert [report["refused"] for report in reports] == [False, True]
    assert reports[0]["modules"] == ["demo._x"]
    assert {finding["code"] for finding in reports[1]["findings"]} == {
        "wrong-machine", "symbol-too-new", "library-not-allowed", "bare-suffix",
    }  # fmt: skip


def test_an_accept_lets_a_wheel_pass_and_is_shown(tmp_path: Path) -> None:
    path = wheel(tmp_path, {"demo/lib.so": extension_module("lib")}, tag="py3-none-any")
    assert _run(str(path), *TARGET)[0] == 8
    code, out, _ = _run(str(path), *TARGET, "--accept", "elf-in-pure-wheel:demo/*.so")
    assert code == 0
    assert "  accepted elf-in-pure-wheel\n" in out


def test_an_accept_that_no_wheel_needs_makes_no_second_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(wheel(tmp_path, RIGHT))
    assert main(["check", path, *TARGET, "--accept", "bare-suffix", "--json"]) == 3
    assert list(json.loads(capsys.readouterr().out)) == ["error"]


def test_an_accept_that_no_wheel_needs_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _run(str(wheel(tmp_path, RIGHT)), *TARGET, "--accept", "bare-suffix")
    assert str(caught.value) == (
        "cannot accept finding 'bare-suffix': no wheel has such a finding; remove it, or correct its glob"
    )


def test_an_oracle_asks_as_much_of_the_wheel_as_of_a_build(tmp_path: Path) -> None:
    path = wheel(tmp_path, {"demo/__init__.py": b"NAME = 1\n"}, tag="py3-none-any")
    oracle = wheel(tmp_path / "oracle", RIGHT)
    code, out, _ = _run(str(path), *TARGET, "--oracle", str(oracle))
    assert code == 8
    assert "  error oracle-module-missing\n    the extension module demo._x is missing" in out


def test_an_oracle_for_a_file_that_is_no_wheel_does_not_hide_that(tmp_path: Path) -> None:
    path = tmp_path / "demo.whl"
    path.write_bytes(b"")
    assert _run(str(path), *TARGET, "--oracle", str(path))[0] == 8


def test_an_oracle_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _run(str(wheel(tmp_path, RIGHT)), *TARGET, "--oracle", str(tmp_path / "none.whl"))
    assert str(caught.value) == (
        f"cannot read wheel '{tmp_path / 'none.whl'}': No such file or directory; give the path of a wheel"
    )


def test_more_errors_of_a_kind_than_anybody_reads_are_counted(tmp_path: Path) -> None:
    files = {f"demo/_z{n}{SUFFIX}": extension_module(f"_z{n}", "x86_64") for n in range(12)}
    code, out, _ = _run(str(wheel(tmp_path, files)), *TARGET)
    assert code == 8
    assert out.count("it is a binary for x86_64") == 1
    assert "    10 of 12 files: it is a binary for x86_64" in out
    assert out.count("        demo/_z") == 10
    assert "    and 2 more; --json lists all\n" in out


def test_the_warnings_of_a_build_are_folded_by_code() -> None:
    inits = [f"demo/_{n}.so: it has no init [no-init]" for n in range(40)]
    other = ["demo/a.py: it is not in the wheel [oracle-file-extra]"]
    assert list(folded([*inits, *other])) == [f"40 times, e.g. {inits[0]}", *other]
