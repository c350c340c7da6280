"""Machine code of the application and of its layers: what would not run is refused, what is doubtful is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crosswheel.act.check.binary_kinds import kind_of
from crosswheel.act.check.machine_faults import head_fault
from crosswheel.command_line.main import main
from crosswheel.values.platforms import Arch
from elf_files import elf_file
from image_projects import enter_image_project
from mach_o_files import mach_o_file
from pe_files import pe_file


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project as the working directory, and a store of its own."""
    enter_image_project(tmp_path, monkeypatch)


def image(*words: str) -> int:
    return main(["image", "dist", "--base", "base", "-o", "image", "--app", "src", *words])


def with_byte(data: bytes, place: int, value: int) -> bytes:
    return data[:place] + bytes([value]) + data[place + 1 :]


FREE_BSD = with_byte(elf_file("aarch64"), 7, 9)
#: x32: the machine of x86_64 in ELF files of 32 bits; here as the processor of the test's target has it.
NARROW = with_byte(with_byte(elf_file("armv7l"), 18, 183), 19, 0)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        (
            "fast.cpython-311-arm-linux-gnueabihf.so",
            elf_file("armv7l"),
            "only 32-bit processes can load it; an extension module is no helper [wrong-machine]",
        ),
        ("fast.abi3.so", elf_file("armv7l"), "an extension module is no helper [wrong-machine]"),
        ("libfast.so", FREE_BSD, "it is a binary for FreeBSD, which Linux does not load [wrong-machine]"),
        (
            "libfast.so",
            NARROW,
            "it is a binary for aarch64 (32-bit, little-endian), and those of aarch64 are 64-bit, little-endian [wrong-machine]",
        ),
        ("libfast.so", mach_o_file(), "under a name that Linux loads or runs [wrong-format]"),
    ],
)
def test_code_that_would_not_run_is_refused(
    name: str, data: bytes, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("src", name).write_bytes(data)
    assert image() == 8
    error = capsys.readouterr().err
    assert error.startswith(f"error: cannot put into an image 'app/{name}': ")
    assert why in error


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("bin/helper", elf_file("armv7l"), "secondary-machine"),
        ("libcut.so", elf_file("aarch64")[:20], "damaged-binary"),
    ],
)
def test_code_that_may_be_meant_is_told(
    name: str, data: bytes, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("src", name).parent.mkdir(exist_ok=True)
    Path("src", name).write_bytes(data)
    assert image() == 0
    assert f"warning: the application: app/{name}: it " in capsys.readouterr().err
    assert image("--quiet") == 0
    assert capsys.readouterr().err == ""
    assert image("--accept", code) == 0
    assert code not in capsys.readouterr().err


@pytest.mark.parametrize(("name", "data"), [("x.dylib", mach_o_file()), ("x.pyd", pe_file())])
def test_code_of_another_system_that_nothing_loads_is_told_to_who_asks(
    name: str, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("src", name).write_bytes(data)
    assert image("--json") == 0
    said = capsys.readouterr()
    (finding,) = json.loads(said.out)["platforms"][0]["findings"]
    assert finding.startswith(f"the application: app/{name}: it is a ")
    assert finding not in said.err
    assert image("--verbose") == 0
    assert finding in capsys.readouterr().err


def test_code_for_accelerators_is_no_other_systems() -> None:
    cuda = with_byte(with_byte(elf_file("x86_64"), 18, 190), 7, 51)
    kind = kind_of(cuda)
    assert kind is not None
    fault = head_fault("kernel.cubin", cuda, kind, Arch.AARCH64)
    assert fault is not None
    assert fault.code == "accelerator-code"
