"""What a launcher answers when it is asked where the compiler finds its files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pytest

from crosswheel.render.compiler_arguments import Answer, Run, rewrite
from toolchain_values import TOOLCHAIN

LIBC = "/crosswheel/toolchain/libc/usr/lib"
SYSROOT = "/crosswheel/sysroot/usr/lib"
WITH_SYSROOT: Mapping[str, Any] = {
    **TOOLCHAIN,
    "sysroot": {"libraries": [f"{SYSROOT}/aarch64-linux-gnu", SYSROOT]},
}


def told(question: str, *files: str, name: str = "cc", toolchain: Mapping[str, Any] = TOOLCHAIN) -> str:
    there: Collection[str] = frozenset(files)
    outcome = rewrite(name, [question], toolchain, there.__contains__)
    assert isinstance(outcome, Answer)
    return outcome.text.removesuffix("\n")


def test_a_file_is_named_where_it_is_and_else_by_its_name() -> None:
    assert told("-print-file-name=libm.a") == "libm.a"
    assert told("-print-file-name=libm.so", f"{LIBC}/libm.so") == f"{LIBC}/libm.so"
    assert told("--print-file-name=libgcc.a", f"{LIBC}/gcc/libgcc.a") == f"{LIBC}/gcc/libgcc.a"
    assert told("-print-libgcc-file-name", f"{LIBC}/gcc/libgcc.a") == f"{LIBC}/gcc/libgcc.a"
    assert told("-print-file-name=include", "/crosswheel/zig/lib/include") == "/crosswheel/zig/lib/include"
    places = (f"{LIBC}/libz.a", f"{SYSROOT}/libz.a")
    assert told("-print-file-name=libz.a", *places, toolchain=WITH_SYSROOT) == f"{SYSROOT}/libz.a"


@pytest.mark.parametrize(
    ("name", "toolchain", "folders"),
    [
        ("cc", TOOLCHAIN, f"{LIBC}:{LIBC}/gcc"),
        ("cc", WITH_SYSROOT, f"{SYSROOT}/aarch64-linux-gnu:{SYSROOT}:{LIBC}:{LIBC}/gcc"),
        ("build-cc", WITH_SYSROOT, ""),
    ],
)
def test_the_folders_of_libraries_are_the_targets(
    name: str, toolchain: Mapping[str, Any], folders: str
) -> None:
    assert told("-print-search-dirs", name=name, toolchain=toolchain).splitlines() == [
        "install: /crosswheel/zig/lib/",
        "programs: =/crosswheel/toolchain/bin",
        f"libraries: ={folders}",
    ]


def test_the_compilers_own_library_is_linked_in_any_case() -> None:
    outcome = rewrite("cc", ["x.o", f"{LIBC}/gcc/libgcc.a", "y.o"], TOOLCHAIN, lambda _: False)
    assert isinstance(outcome, Run)
    assert outcome.argv[-2:] == ["x.o", "y.o"]
