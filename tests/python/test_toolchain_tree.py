"""Which files a build sees of a toolchain, their digest, and their copy in the store."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.building.own_toolchain import OwnToolchain, pinned_toolchain
from crosswheel.act.building.toolchain_tree import content_of, keep_toolchain, toolchain_files
from crosswheel.act.storage.store import Store
from crosswheel.render.build_paths import SANDBOX_PATHS
from crosswheel.values.errors import InputError
from plan_values import whole_toolchain


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder as a distribution lays out a cross compiler, links and all."""
    root = tmp_path / "root"
    for path, text in {
        "usr/bin/t-gcc-12": "gcc",
        "usr/bin/t-ld.bfd": "ld",
        "usr/lib/gcc-cross/t/12/cc1": "cc1",
        "usr/t/include/stdio.h": "stdio",
        "usr/t/lib/libc.so": "GROUP ( /usr/t/lib/libc.so.6 )",
        "usr/lib/t/libm.so.6": "libm",
        "etc/passwd": "root",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "usr/bin/t-gcc-12").chmod(0o755)
    for path, target in {
        "lib": "usr/lib",
        "usr/bin/t-gcc": "t-gcc-12",
        "usr/bin/t-ld": "t-ld.bfd",
        "usr/t/bin": "../bin",
        "usr/t/lib/ld": "../../bin/t-ld",
        "usr/t/lib/libm.so": "/lib/t/libm.so.6",
        "usr/t/lib/out": "../../../../elsewhere",
        "usr/t/lib/gone": "nothing",
        "usr/t/lib/loop": "loop/x",
    }.items():
        (root / path).symlink_to(target)
    return root


def shown(files: Mapping[str, Path | str], below: str = "compiler") -> dict[str, str]:
    return {
        path.removeprefix(f"{below}/"): file if isinstance(file, str) else file.read_text()
        for path, file in files.items()
        if path.startswith(f"{below}/")
    }


def test_what_is_named_and_what_links_of_it_lead_to_is_shown(folder: Path) -> None:
    files = toolchain_files(folder, ["usr/bin/t-gcc", "usr/t/lib"], None)
    assert shown(files) == {
        "usr/bin/t-gcc": "t-gcc-12",
        "usr/bin/t-gcc-12": "gcc",
        "usr/bin/t-ld": "t-ld.bfd",
        "usr/bin/t-ld.bfd": "ld",
        "usr/lib/t/libm.so.6": "libm",
        "usr/t/lib/ld": "../../bin/t-ld",
        "usr/t/lib/libc.so": "GROUP ( /usr/t/lib/libc.so.6 )",
        # An absolute link means the folder's own root; left as it is it would lead to the build machine's library,
        # or to none, and a linker without a word would take the archive that stands beside it.
        "usr/t/lib/libm.so": "../../lib/t/libm.so.6",
    }


def test_all_of_a_folder_is_shown_if_nothing_is_named(folder: Path) -> None:
    files = shown(toolchain_files(folder, (), None))
    assert {"etc/passwd": "root", "lib": "usr/lib", "usr/t/bin": "../bin"}.items() <= files.items()
    assert {"usr/t/lib/out", "usr/t/lib/gone", "usr/t/lib/loop"}.isdisjoint(files)


def test_a_sysroot_is_shown_beside(folder: Path) -> None:
    files = toolchain_files(folder, ["etc"], folder / "usr" / "t")
    assert shown(files, "sysroot")["include/stdio.h"] == "stdio"
    assert shown(files) == {"etc/passwd": "root"}


def test_a_library_of_the_machine_that_a_program_loads_is_shown_but_for_its_c_library(tmp_path: Path) -> None:
    folder = tmp_path / "tools"
    (folder / "bin").mkdir(parents=True)
    shutil.copy(shutil.which("tar") or "", folder / "bin" / "cc")  # Debian's loads libacl and libselinux
    libraries = [path for path in toolchain_files(folder, (), None) if path.startswith("libraries/")]
    assert libraries
    assert not [path for path in libraries if "libc.so" in path or "ld-linux" in path]


def test_an_input_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(InputError) as caught:
        toolchain_files(folder, ["usr/nowhere"], None)
    assert str(caught.value) == (
        f"cannot use toolchain input 'usr/nowhere': {folder} has no such file or folder; "
        "name what the compiler reads, relative to the toolchain's folder"
    )


def test_the_digest_is_of_the_files_and_not_of_where_they_are(folder: Path, tmp_path: Path) -> None:
    before = content_of(toolchain_files(folder, (), None))
    moved = tmp_path / "moved"
    folder.rename(moved)
    assert content_of(toolchain_files(moved, (), None)) == before
    (moved / "usr/t/lib/libc.so").write_text("changed")
    assert content_of(toolchain_files(moved, (), None)) != before


@pytest.mark.parametrize("change", ["mode", "link", "name"])
def test_whatever_a_compiler_could_see_is_in_the_digest(folder: Path, change: str) -> None:
    before = content_of(toolchain_files(folder, (), None))
    if change == "mode":
        (folder / "usr/t/include/stdio.h").chmod(0o755)
    elif change == "link":
        (folder / "usr/bin/t-gcc").unlink()
        (folder / "usr/bin/t-gcc").symlink_to("t-ld.bfd")
    else:
        (folder / "etc/passwd").rename(folder / "etc/shadow")
    assert content_of(toolchain_files(folder, (), None)) != before


def test_what_has_been_read_is_not_read_again_until_it_changes(folder: Path, tmp_path: Path) -> None:
    store, file = Store(tmp_path / "store"), folder / "etc/passwd"
    first = content_of(toolchain_files(folder, (), None), store)
    status = file.stat()
    file.chmod(0)
    file.chmod(status.st_mode)
    assert content_of(toolchain_files(folder, (), None), store) == first
    file.write_text("ROOT")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert content_of(toolchain_files(folder, (), None), store) != first


def test_a_build_gets_a_copy(folder: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    files = toolchain_files(folder, (), folder / "usr" / "t")
    tree = keep_toolchain(store, content_of(files), files)
    shutil.rmtree(folder)
    assert (tree / "compiler/usr/bin/t-gcc").read_text() == "gcc"
    assert os.access(tree / "compiler/usr/bin/t-gcc", os.X_OK)
    assert not os.access(tree / "compiler/etc/passwd", os.X_OK)
    own = OwnToolchain(pin=whole_toolchain(), tree=tree)
    assert own.mounts(SANDBOX_PATHS, sandbox="bubblewrap") == (
        (tree / "compiler", "/crosswheel/compiler"),
        (tree / "sysroot", "/crosswheel/compiler-sysroot"),
    )


def test_libraries_stand_where_every_loader_looks_and_without_a_sandbox_are_the_machines(
    tmp_path: Path,
) -> None:
    for name in ("compiler/bin/cc", "libraries/libisl.so.23"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    own = OwnToolchain(pin=whole_toolchain(), tree=tmp_path)
    (_, (source, place)) = own.mounts(SANDBOX_PATHS, sandbox="bubblewrap")
    assert source == tmp_path / "libraries/libisl.so.23"
    assert place.startswith(("/usr/lib", "/lib"))
    assert own.mounts(SANDBOX_PATHS, sandbox="none") == ((tmp_path / "compiler", "/crosswheel/compiler"),)


def pinned(folder: Path, base: Path, store: Store, relative: str) -> OwnToolchain:
    content = content_of(toolchain_files(folder, ["usr"], None))
    pin = replace(whole_toolchain(), content=content, folder=relative, inputs=("usr",), sysroot=None)
    return pinned_toolchain(pin, store, base=base)


def test_a_toolchain_is_found_where_the_plan_says(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    own = pinned(folder, tmp_path / "plans", Store(tmp_path / "store"), "../root")
    assert (own.tree / "compiler/usr/bin/t-ld").read_text() == "ld"


def test_a_toolchain_that_the_store_has_may_be_gone(folder: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    own = pinned(folder, tmp_path, store, "root")
    shutil.rmtree(folder)
    assert pinned_toolchain(own.pin, store, base=tmp_path).tree == own.tree


def test_a_toolchain_that_is_gone_is_missed_by_name(tmp_path: Path) -> None:
    pin = replace(whole_toolchain(), folder="root", sysroot=None)
    with pytest.raises(InputError) as caught:
        pinned_toolchain(pin, Store(tmp_path / "store"), base=tmp_path)
    assert str(caught.value) == (
        f"cannot use toolchain '{pin.compiler}': there is no folder root, where it was when the plan was made; "
        "put it there, or plan again with where it is"
    )


def test_another_toolchain_in_its_place_is_refused(folder: Path, tmp_path: Path) -> None:
    pin = replace(whole_toolchain(), folder="root", inputs=("usr",), sysroot=None)
    found = content_of(toolchain_files(folder, ["usr"], None))
    with pytest.raises(InputError) as caught:
        pinned_toolchain(pin, Store(tmp_path / "store"), base=tmp_path)
    assert str(caught.value) == (
        f"{pin.compiler}: cannot use toolchain: the SHA-256 of its files is {found}, not {pin.content}; "
        "put back the toolchain that the plan was made with, or plan again"
    )
