"""The verifier on wheels for systems whose binaries it does not read."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from checked_wheels import codes, wheel
from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.findings import CheckReport
from crosswheel.command_line.check_command import report_text
from crosswheel.target.spellings import parse_target
from crosswheel.values.python_abi import parse_python_version
from elf_files import elf_file

AMD64, ARM64, X86 = 0x8664, 0xAA64, 0x14C
NOT_READ = "note binaries-not-read"


def _pe(machine: int) -> bytes:
    return b"MZ" + bytes(0x3A) + struct.pack("<I", 0x40) + b"PE\0\0" + struct.pack("<H", machine) + bytes(18)


def _mach_o(cpu: int) -> bytes:
    return b"\xcf\xfa\xed\xfe" + struct.pack("<I", cpu) + bytes(24)


def _universal(*cpus: int) -> bytes:
    return b"\xca\xfe\xba\xbe" + struct.pack(">I", len(cpus)) + b"".join(
        struct.pack(">5I", cpu, 0, 0, 0, 0) for cpu in cpus
    )  # fmt: skip


def _check(folder: Path, files: dict[str, bytes], platform: str, *, target: str | None = None) -> CheckReport:
    tag = platform if platform == "py3-none-any" else f"cp313-cp313-{platform}"
    wanted = parse_target(target or platform, python=parse_python_version("3.13")).target
    return check_wheel(wheel(folder, files, tag=tag), wanted)


def test_binaries_of_windows_are_not_read_and_earn_nothing(tmp_path: Path) -> None:
    report = _check(tmp_path, {"demo/_x.cp313-win_amd64.pyd": _pe(AMD64)}, "win_amd64")
    assert (codes(report), report.earned_tags) == ([NOT_READ], ())
    assert report_text(report) == (
        f"demo-1.0-cp313-cp313-win_amd64.whl: binaries not read, the rest fits {report.target.id}\n"
        "  note binaries-not-read\n"
        "    of binaries for this system only the machine is read; what they need of libraries and of the "
        "system's version is not checked, and no platform tag is earned"
    )


@pytest.mark.parametrize("name", ["demo/_x.cp313-win_arm64.pyd", "demo/x.dll", "demo/hidden"])
def test_a_binary_of_windows_for_another_machine_is_refused(tmp_path: Path, name: str) -> None:
    report = _check(tmp_path, {name: _pe(AMD64)}, "win_arm64")
    assert codes(report) == ["error wrong-machine", NOT_READ]
    assert (
        report.errors[0].message == f"it is a PE file for amd64, the target is aarch64 of {report.target.id}"
    )


def test_a_helper_for_another_machine_beside_the_targets_is_a_warning(tmp_path: Path) -> None:
    files = {"demo/_x.cp313-win_amd64.pyd": _pe(AMD64), "demo/attach_x86.dll": _pe(X86)}
    assert codes(_check(tmp_path, files, "win_amd64")) == ["warning secondary-machine", NOT_READ]


def test_launchers_in_a_wheel_for_any_platform_are_only_noted(tmp_path: Path) -> None:
    files = {"demo/t64.exe": _pe(AMD64), "demo/t64-arm.exe": _pe(ARM64)}
    report = _check(tmp_path, files, "py3-none-any", target="win_amd64")
    assert codes(report) == ["note foreign-format"]
    assert [str(tag) for tag in report.earned_tags] == ["py3-none-any"]


def test_a_universal_file_of_macos_has_all_its_machines(tmp_path: Path) -> None:
    name = "demo/_x.cpython-313-darwin.so"
    both = _universal(0x01000007, 0x0100000C)
    platform = "macosx_11_0_arm64"
    assert codes(_check(tmp_path / "a", {name: both}, platform)) == [NOT_READ]
    assert codes(_check(tmp_path / "b", {name: _mach_o(0x0100000C)}, platform)) == [NOT_READ]
    wrong = ["error wrong-machine", NOT_READ]
    assert codes(_check(tmp_path / "c", {name: _mach_o(0x01000007)}, platform)) == wrong
    assert codes(_check(tmp_path / "d", {name: _universal(0x01000007)}, platform)) == wrong


def test_an_elf_module_is_right_on_android_and_wrong_on_windows(tmp_path: Path) -> None:
    android = _check(tmp_path / "a", {"demo/_x.so": elf_file("aarch64")}, "android_24_arm64_v8a")
    assert codes(android) == [NOT_READ]
    other = _check(tmp_path / "b", {"demo/_x.so": elf_file("x86_64")}, "android_24_arm64_v8a")
    assert codes(other) == ["error wrong-machine", NOT_READ]
    windows = _check(tmp_path / "c", {"demo/_x.so": elf_file("x86_64")}, "win_amd64")
    assert codes(windows) == ["error wrong-machine", NOT_READ]
