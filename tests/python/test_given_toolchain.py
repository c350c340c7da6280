"""The step `toolchain`: a toolchain that a build system has, as a build takes it."""

from __future__ import annotations

import os
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.building.own_toolchain import pinned_toolchain
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.services import Services
from crosswheel.act.steps.given_toolchain import (
    GivenToolchain,
    take_toolchain,
    toolchain_step,
    with_toolchain,
)
from crosswheel.act.storage.store import Store
from crosswheel.decide.configuration.toolchain_words import common_folder, moved_words
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError
from plan_values import ARM64, whole_plan
from pretended_compiler import PretendedCompiler
from toolchain_folders import gcc_folder

_NEWER = parse_target_id("cp311-linux_aarch64_glibc_2_36")
_FILES = ("external/gcc/bin/cc", "external/gcc/include/a.h", "external/gcc/lib/libc.a")


@pytest.mark.parametrize(
    ("word", "moved"),
    [
        ("--sysroot=external/gcc", "--sysroot={folder}"),
        ("-Iexternal/gcc/include", "-I{folder}/include"),
        ("external/gcc/include/", "{folder}/include"),
        ("-Wl,-rpath-link,external/gcc/lib,-O1", "-Wl,-rpath-link,{folder}/lib,-O1"),
        ("-ffile-prefix-map=external/gcc/lib=x", "-ffile-prefix-map={folder}/lib=x"),
        ("external/gcc/lib/../include", "{folder}/include"),
        # No file of it, no path at all, and another folder of that name.
        ("-Iexternal/other/include", "-Iexternal/other/include"),
        ("-DWITH=external", "-DWITH=external"),
        ("-I/opt/external/gcc/include", "-I/opt/external/gcc/include"),
    ],
)
def test_paths_in_words_lead_to_where_the_files_stand_then(word: str, moved: str) -> None:
    assert moved_words([word], _FILES, "external/gcc") == (moved,)


def test_files_of_two_places_have_the_folder_above_both() -> None:
    files = ["external/gcc/bin/cc", "toolchain/sysroot/usr/include/a.h"]
    assert common_folder(files) == ""
    assert moved_words(["--sysroot=toolchain/sysroot"], files, "") == (
        "--sysroot={folder}/toolchain/sysroot",
    )
    assert common_folder(_FILES) == "external/gcc"


def test_a_folder_above_the_files_is_theirs_too_if_words_name_it() -> None:
    files = ["external/gcc/usr/bin/cc", "external/gcc/usr/include/a.h"]
    assert common_folder(files, ["-O2", "-Iexternal/gcc/usr/include"]) == "external/gcc/usr"
    assert common_folder(files, ["--sysroot=external/gcc"]) == "external/gcc"
    assert moved_words(["--sysroot=external/gcc"], files, "external/gcc") == ("--sysroot={folder}",)


def _given(**more: object) -> GivenToolchain:
    compiler = "external/gcc/usr/bin/aarch64-linux-gnu-gcc"
    given = GivenToolchain(files=(Path("external/gcc"),), programs={"cc": compiler})
    return replace(given, **more)  # type: ignore[arg-type]


@pytest.fixture
def working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a cross GCC below `external/gcc`, its links as Bazel's sandbox has them."""
    kept = gcc_folder(tmp_path / "kept").parents[2]
    folder = tmp_path / "work"
    for path in sorted(kept.rglob("*")):
        if path.is_file():
            place = folder / "external/gcc" / path.relative_to(kept)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(path.resolve())
    monkeypatch.chdir(folder)
    return folder


def _services(store: Path, sandbox: PretendedCompiler) -> Services:
    return Services(
        store=Store(store),
        sandbox=lambda: sandbox,
        settings=FetchSettings(),
        reporter=SilentReporter(),
        build_python=Path(sys.executable),
    )


def test_a_toolchain_is_tried_packed_and_taken_by_a_build(working: Path) -> None:
    sandbox = PretendedCompiler()
    given = _given(
        c_options=("--sysroot=external/gcc", "-std=c11"),
        cxx_options=("--sysroot=external/gcc", "-std=c++17"),
        link_options=("-Lexternal/gcc/usr/aarch64-linux-gnu/lib",),
        environment={"WITHIN": "external/gcc/usr/bin"},
    )
    pin = toolchain_step(_NEWER, given, output=Path("a.tar"), services=_services(working / "one", sandbox))
    assert (pin.family, pin.libc, pin.folder) == ("gcc", "glibc 2.36", ".")
    assert pin.programs["c++"] == "usr/bin/aarch64-linux-gnu-g++"
    assert pin.c_options == ("--sysroot={folder}", "-std=c11")
    assert pin.cxx_options == ("--sysroot={folder}", "-std=c++17")
    assert pin.environment == {"WITHIN": "{folder}/usr/bin"}
    asked = {tuple(word for word in call if word.startswith("-std")) for call in sandbox.calls}
    assert asked == {(), ("-std=c11",), ("-std=c++17",)}

    services = _services(working / "two", sandbox)
    taken = take_toolchain(Path("a.tar"), services)
    assert taken == pin
    plan = with_toolchain(whole_plan(), ARM64, taken)
    assert [one.toolchain for one in plan.targets if one.target == ARM64] == [pin]
    own = pinned_toolchain(taken, services.store, base=working)
    compiler = own.tree / "compiler/usr/bin/aarch64-linux-gnu-gcc"
    assert os.access(compiler, os.X_OK)
    assert not compiler.is_symlink()


def test_the_archive_is_the_same_of_the_same_files(working: Path) -> None:
    for name in ("a", "b"):
        services = _services(working / name, PretendedCompiler())
        toolchain_step(_NEWER, _given(), output=Path(f"{name}.tar"), services=services)
    assert Path("a.tar").read_bytes() == Path("b.tar").read_bytes()
    with tarfile.open("a.tar") as archive:
        assert {member.mtime for member in archive} == {0}


@pytest.mark.usefixtures("working")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            _given(programs={"cc": "/usr/bin/gcc"}),
            (
                "'/usr/bin/gcc': the program is one of the machine, and what it reads is not given; "
                "give the toolchain's files (--toolchain-file), or name the compiler in the plan (--toolchain)"
            ),
        ),
        (
            _given(programs={"cc": "external/gcc/usr/bin/gcc"}),
            (
                "'external/gcc/usr/bin/gcc': the program is not among the 9 files given; "
                "give all that belongs to the toolchain with --toolchain-file"
            ),
        ),
        (_given(programs={}), ": its C compiler is not named; name it with --program cc=PATH"),
        (
            _given(programs={"cc": "external/gcc/usr/bin/aarch64-linux-gnu-gcc", "gcc": "x"}),
            "'gcc': it is no tool of a toolchain; name one of cc, ar, ranlib, c++, ld, nm, objcopy, objdump, readelf",
        ),
        (
            _given(files=(Path("external/gcc"), Path("/etc/hostname"))),
            "'/etc/hostname': its path is absolute; give all files relative to the working directory",
        ),
    ],
)
def test_what_is_not_given_is_refused(given: GivenToolchain, said: str) -> None:
    services = _services(Path("store"), PretendedCompiler())
    with pytest.raises(InputError) as caught:
        toolchain_step(_NEWER, given, output=Path("a.tar"), services=services)
    assert str(caught.value) == f"cannot use toolchain{' ' if said[0] != ':' else ''}{said}"
    assert not Path("a.tar").exists()


def test_what_is_no_archive_of_a_toolchain_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"0" * 600)
    with tarfile.open(tmp_path / "y", "w") as archive:
        archive.add(tmp_path / "x", "files/x")
    for name, why in {"x": "bad checksum", "y": "\"filename 'toolchain.json' not found\""}.items():
        with pytest.raises(InputError) as caught:
            take_toolchain(tmp_path / name, _services(tmp_path / "store", PretendedCompiler()))
        assert str(caught.value) == (
            f"cannot read toolchain '{tmp_path / name}': {why}; give what `crosswheel step toolchain` wrote"
        )
