"""The compiler is unpacked from its wheel, wherever the store is."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from crosswheel.act.building.zig import prepare_zig
from crosswheel.act.storage.store import Store
from crosswheel.values.errors import InputError


def _wheel(path: Path, *names: str) -> Path:
    with ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "#!/bin/sh\n")
    return path


def test_a_store_named_by_way_of_its_parent_is_a_store(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    wheel = _wheel(tmp_path / "ziglang-0.17.0-py3-none-any.whl", "ziglang/zig", "ziglang/lib/std.zig")
    folder = prepare_zig(Store(tmp_path / "work" / ".." / "store"), wheel)
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["std.zig", "zig"]


def test_a_member_that_leads_out_is_not_unpacked(tmp_path: Path) -> None:
    wheel = _wheel(tmp_path / "ziglang-0.17.0-py3-none-any.whl", "ziglang/zig", "ziglang/../../../out")
    prepare_zig(Store(tmp_path / "store"), wheel)
    assert not list(tmp_path.rglob("out"))


def test_what_is_for_systems_that_are_no_targets_is_left_in_the_wheel(tmp_path: Path) -> None:
    libc = "lib/libc"
    kept = [
        f"{libc}/include/{name}/stdio.h" for name in ("any-windows-any", "aarch64-linux-gnu", "generic-musl")
    ]
    kept += [f"{libc}/musl/src/wasi.c", f"{libc}/mingw/math.c", "lib/std/os/freebsd.zig", "zig"]
    left = [
        f"{libc}/include/{name}/stdio.h" for name in ("generic-freebsd", "arm-openbsd-eabi", "wasm-wasi-musl")
    ]
    left += [f"{libc}/netbsd/abilists", f"{libc}/wasi/libc.c"]
    names = [f"ziglang/{name}" for name in (*kept, *left)]
    folder = prepare_zig(
        Store(tmp_path / "store"), _wheel(tmp_path / "ziglang-0.17.0-py3-none-any.whl", *names)
    )
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == set(kept)
    assert all((folder / name).stat().st_mtime == 0 for name in kept)


def test_another_projects_wheel_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it holds no ziglang/zig; give a wheel of the project ziglang"):
        prepare_zig(Store(tmp_path / "store"), _wheel(tmp_path / "other-1-py3-none-any.whl", "other.py"))
