"""What the shipped descriptions for musl state, asked of the musl that zig brings: sizes, alignments, functions."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from cross_targets import MUSL_PLATFORMS, description_of
from crosswheel.render.musl_libc import libc_source
from crosswheel.target.triples import zig_triple
from e2e.target_pythons import cache_root
from e2e.zig import unpacked_zig

pytestmark = [pytest.mark.e2e, pytest.mark.network]

PYTHONS = ("cp310", "cp311", "cp312", "cp313", "cp314")
#: C's words for the types that pyconfig.h names.
TYPES = {
    "_BOOL": "_Bool",
    "DOUBLE": "double",
    "FLOAT": "float",
    "FPOS_T": "fpos_t",
    "INT": "int",
    "LONG": "long",
    "LONG_DOUBLE": "long double",
    "LONG_LONG": "long long",
    "MAX_ALIGN_T": "max_align_t",
    "OFF_T": "off_t",
    "PID_T": "pid_t",
    "PTHREAD_KEY_T": "pthread_key_t",
    "PTHREAD_T": "pthread_t",
    "SHORT": "short",
    "SIZE_T": "size_t",
    "TIME_T": "time_t",
    "UINTPTR_T": "uintptr_t",
    "VOID_P": "void *",
    "WCHAR_T": "wchar_t",
}
HEADERS = ("pthread", "stddef", "stdint", "stdio", "sys/types", "time", "wchar")
#: There, but not used: a stub, or what `struct tm` and the reentrant functions stand for.
UNUSED = {"HAVE_GETHOSTBYNAME", "HAVE_LCHMOD", "HAVE_TZNAME"}


@pytest.mark.parametrize("platform", MUSL_PLATFORMS)
def test_sizes_and_alignments_are_the_compilers(platform: str, tmp_path: Path) -> None:
    lines = [f"#include <{name}.h>" for name in HEADERS]
    for python in PYTHONS:
        description = description_of(f"{python}-{platform}")
        stated = {
            name: value
            for name, value in description.pyconfig.macros.items()
            if name.startswith(("SIZEOF_", "ALIGNOF_")) and value is not None
        }
        assert len(stated) > 15
        for name, value in stated.items():
            question, _, type_name = name.partition("_")
            ask = {"SIZEOF": "sizeof", "ALIGNOF": "_Alignof"}[question]
            lines.append(f'_Static_assert({ask}({TYPES[type_name]}) == {value}, "{python} {name}");')
        order = "__ORDER_LITTLE_ENDIAN__" if description.byteorder == "little" else "__ORDER_BIG_ENDIAN__"
        lines.append(f'_Static_assert(__BYTE_ORDER__ == {order}, "{python} byte order");')
    (tmp_path / "x.c").write_text("\n".join(lines))
    caches = {name: str(cache_root() / "zig") for name in ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")}
    done = subprocess.run(
        [
            *(str(unpacked_zig() / "zig"), "cc", "-target", zig_triple(description.platform)),
            *("-D_GNU_SOURCE", "-c", "x.c", "-o", "x.o"),
        ],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), **caches},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("minor", [1, 2])
def test_functions_that_configure_found_are_those_the_libc_has(python: str, minor: int) -> None:
    source = (unpacked_zig() / "lib" / "libc" / "musl" / "libc.S").read_text()
    every, served = (
        {name.upper() for name in re.findall(r"^(\w+):$", libc_source(source, (1, level)), re.MULTILINE)}
        for level in (99, minor)
    )
    macros = description_of(f"{python}-linux_x86_64_musl_1_{minor}").pyconfig.macros
    stated = {name for name, value in macros.items() if value == "1" and name.removeprefix("HAVE_") in every}
    assert len(stated) > 200
    assert {name for name in stated if name.removeprefix("HAVE_") not in served} == set()
    lacking = {name for name, value in macros.items() if value is None and name.startswith("HAVE_")}
    assert {name for name in lacking if name.removeprefix("HAVE_") in served} - UNUSED == set()
