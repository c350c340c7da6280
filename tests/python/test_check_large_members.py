"""Members too large for memory are looked at in a file, with the same report."""

from __future__ import annotations

import random
import tracemalloc
from pathlib import Path

import pytest

from checked_wheels import check, wheel
from crosswheel.act.check import wheel_file
from elf_files import elf_file, extension_module

MODULE = "demo/fast.cpython-311-aarch64-linux-gnu.so"


@pytest.mark.parametrize(
    "files",
    [
        {MODULE: extension_module("fast")},
        {MODULE: extension_module("fast", glibc="2.36")},
        {MODULE: extension_module("fast", "x86_64"), "demo/empty.so": b""},
        {MODULE: extension_module("fast")[:200]},
        {"demo/other.dylib": b"\xcf\xfa\xed\xfe" + bytes(60), "demo/tool": elf_file("aarch64")},
        {"demo/text.so": b" " * 100_000 + b"no code"},
    ],
)
def test_the_report_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]
) -> None:
    path = wheel(tmp_path, files)
    expected = check(path)
    monkeypatch.setattr(wheel_file, "IN_MEMORY", 0)
    assert check(path) == expected


def test_data_of_any_size_takes_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = wheel(
        tmp_path, {MODULE: extension_module("fast"), "demo/model.bin": random.Random(1).randbytes(16 << 20)}
    )
    monkeypatch.setattr(wheel_file, "IN_MEMORY", 1 << 20)
    tracemalloc.start()
    try:
        assert not check(path).refused
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
