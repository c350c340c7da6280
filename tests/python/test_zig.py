"""The compiler is unpacked from its wheel, wherever the store is."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from crosswheel.act.building.zig import prepare_zig
from crosswheel.act.storage.store import Store, digest_of_file
from crosswheel.target.targets import parse_target_id
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


_LIBC = "lib/libc"
_READ_FOR_ANY = (
    *(f"{_LIBC}/include/{name}/stdio.h" for name in ("aarch64-linux-gnu", "any-linux-any", "generic-musl")),
    *(f"{_LIBC}/musl/src/wasi.c", f"{_LIBC}/glibc/windows.c", "lib/std/os/freebsd.zig", "zig"),
)
_READ_FOR_OTHERS = (
    *(f"{_LIBC}/include/{name}/stdio.h" for name in ("any-windows-any", "any-darwin-any")),
    *(f"{_LIBC}/mingw/math.c", f"{_LIBC}/darwin/libSystem.tbd"),
)
_UNREAD = (
    *(
        f"{_LIBC}/include/{name}/stdio.h"
        for name in ("generic-freebsd", "arm-openbsd-eabi", "wasm-wasi-musl")
    ),
    *(f"{_LIBC}/netbsd/abilists", f"{_LIBC}/wasi/libc.c"),
)


@pytest.mark.parametrize(
    ("target", "read"),
    [
        (None, _READ_FOR_ANY + _READ_FOR_OTHERS),
        ("cp311-windows_x86_64", _READ_FOR_ANY + _READ_FOR_OTHERS),
        ("cp311-linux_aarch64_musl_1_2", _READ_FOR_ANY),
    ],
)
def test_what_is_for_other_systems_is_left_in_the_wheel(
    target: str | None, read: tuple[str, ...], tmp_path: Path
) -> None:
    names = [f"ziglang/{name}" for name in (*_READ_FOR_ANY, *_READ_FOR_OTHERS, *_UNREAD)]
    wheel = _wheel(tmp_path / "ziglang-0.17.0-py3-none-any.whl", *names)
    store = Store(tmp_path / "store")
    prepare_zig(store, wheel)
    folder = prepare_zig(store, wheel, target=parse_target_id(target) if target else None)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == set(read)
    assert folder.name == digest_of_file(wheel).hex
    assert all((folder / name).stat().st_mtime == 0 for name in read)


def test_another_projects_wheel_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it holds no ziglang/zig; give a wheel of the project ziglang"):
        prepare_zig(Store(tmp_path / "store"), _wheel(tmp_path / "other-1-py3-none-any.whl", "other.py"))
