"""Which toolchain compiles for a target, found, copied, tried and pinned."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from crosswheel.act.building.build_python import read_build_python
from crosswheel.act.building.own_toolchain import OwnToolchain
from crosswheel.act.machine_platform import build_machine_platform
from crosswheel.act.planning.own_toolchains import OwnToolchains
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.decide.configuration.toolchain_source import ToolchainEntry, ToolchainSource, option_entry
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Platform
from pretended_compiler import PretendedCompiler
from toolchain_folders import gcc_folder

ARM64 = parse_target_id("cp311-linux_aarch64_glibc_2_28")
NEWER = parse_target_id("cp311-linux_aarch64_glibc_2_36")
OTHER = parse_target_id("cp311-linux_armv7l_glibc_2_28")


def toolchains(
    folder: Path, *entries: ToolchainEntry, platforms: Sequence[Platform] = (), fails: str = ""
) -> OwnToolchains:
    gcc_folder(folder / "root")
    (folder / "plans").mkdir()
    return OwnToolchains(
        entries=entries,
        configuration_folder=folder,
        folder=folder / "plans",
        build_platforms=tuple(platforms) or (build_machine_platform(),),
        store=Store(folder / "store"),
        sandbox=lambda: PretendedCompiler(fails=fails),
        reporter=SilentReporter(),
    )


def entry(key: str = "*", **source: str) -> ToolchainEntry:
    return ToolchainEntry(key=key, source=ToolchainSource(**source), place="toolchains")  # type: ignore[arg-type]


def chosen(found: OwnToolchains, target: Target = NEWER) -> OwnToolchain | None:
    return found.choose(target, read_build_python(Path(sys.executable)))


def test_zig_compiles_where_nothing_is_said(tmp_path: Path) -> None:
    found = toolchains(tmp_path, entry("*_glibc_2_36", path="root/usr/bin/aarch64-linux-gnu-gcc"))
    assert chosen(found, OTHER) is None


def test_a_toolchain_is_pinned_and_kept(tmp_path: Path) -> None:
    own = chosen(toolchains(tmp_path, entry(path="root/usr/bin/aarch64-linux-gnu-gcc")))
    assert own is not None
    assert (own.pin.family, own.pin.libc, own.pin.folder) == ("gcc", "glibc 2.36", "../root")
    assert (own.tree / "compiler/usr/lib/gcc-cross/aarch64-linux-gnu/12/cc1").is_file()


def test_a_folder_named_by_an_absolute_path_stays_where_it_is(tmp_path: Path) -> None:
    own = chosen(toolchains(tmp_path, entry(path=f"{tmp_path}/root/usr/bin/aarch64-linux-gnu-gcc")))
    assert own is not None
    assert own.pin.folder == f"{tmp_path}/root"


def test_a_sysroot_is_pinned_like_the_folder(tmp_path: Path) -> None:
    (tmp_path / "sysroot/usr/include").mkdir(parents=True)
    (tmp_path / "sysroot/usr/include/stdio.h").touch()
    own = chosen(toolchains(tmp_path, entry(path="root/usr/bin/aarch64-linux-gnu-gcc", sysroot="sysroot")))
    assert own is not None
    assert (own.pin.sysroot, own.pin.options) == ("../sysroot", ("--sysroot={sysroot}",))
    assert (own.tree / "sysroot/usr/include/stdio.h").is_file()


def test_a_path_of_the_command_line_is_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = toolchains(tmp_path, option_entry("bin/aarch64-linux-gnu-gcc"))
    monkeypatch.chdir(tmp_path / "root/usr")
    own = chosen(found)
    assert own is not None
    assert own.pin.folder == "../root"


def test_a_newer_glibc_than_the_targets_is_a_warning(tmp_path: Path) -> None:
    found = toolchains(tmp_path, entry(path="root/usr/bin/aarch64-linux-gnu-gcc"))
    assert chosen(found) is not None
    assert found.warnings == []
    assert chosen(found, ARM64) is not None
    (warning,) = found.warnings
    assert warning == (
        "aarch64-linux-gnu-gcc (Test) 12.2.0 links with glibc 2.36, newer than the 2.28 of cp311-linux_aarch64_glibc_2_28: "
        "wheels that come to need newer symbols will be refused"
    )


def test_a_plan_for_other_machines_has_no_toolchain_of_this_one(tmp_path: Path) -> None:
    elsewhere = parse_target_id("cp311-macos_aarch64_13_0").platform
    gcc = entry(path="root/usr/bin/aarch64-linux-gnu-gcc")
    found = toolchains(tmp_path, gcc, platforms=[build_machine_platform(), elsewhere])
    with pytest.raises(InputError) as caught:
        chosen(found)
    assert str(caught.value) == (
        "cannot use toolchain 'root/usr/bin/aarch64-linux-gnu-gcc': it runs on machines like this one, and the plan is "
        "for macos_aarch64_13_0 too; plan for this machine's kind only (--build-platform)"
    )


def test_one_that_does_not_work_is_refused(tmp_path: Path) -> None:
    found = toolchains(tmp_path, entry(path="root/usr/bin/aarch64-linux-gnu-gcc"), fails="-E")
    with pytest.raises(InputError, match="it does not compile where builds do"):
        chosen(found)


def test_a_target_that_needs_one_and_has_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no toolchain for it is named"):
        chosen(toolchains(tmp_path), parse_target_id("cp313-android_aarch64_24"))
