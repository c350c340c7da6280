"""Grafting: which libraries come into a wheel, from where, under which names, and what is left alone."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from checked_wheels import AARCH64, MUSL, SUFFIX, built, check, codes, wheel
from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.elf import parse_elf
from crosswheel.act.check.findings import check_error
from crosswheel.act.sysroot.assembly import SysrootRequest
from crosswheel.act.wheels import graft
from crosswheel.act.wheels.elf_edit import ElfEditError
from crosswheel.act.wheels.graft import GraftedWheel, graft_wheel
from crosswheel.decide.failures.failure_causes import refusal_causes
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.errors import BuildError
from elf_files import Need, elf_file, extension_module

RAW = "cp311-cp311-linux_aarch64"
LIB = "usr/lib/aarch64-linux-gnu"


def _library(soname: str, *needed: str, glibc: str = "2.17", **changes: object) -> bytes:
    facts: dict[str, object] = {
        "soname": soname,
        "needed": (*needed, "libc.so.6"),
        "imports": [Need("memcpy", f"GLIBC_{glibc}", "libc.so.6")],
        "exports": [f"{soname.partition('.')[0]}_call"],
        **changes,
    }
    return elf_file(**facts)  # type: ignore[arg-type]  # the caller's names are elf_file's


def _sysroot(root: Path, files: Mapping[str, bytes]) -> Path:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def _module(*needed: str, name: str = "_x", **changes: object) -> bytes:
    return extension_module(name, **{"needed": (*needed, "libc.so.6"), **changes})  # type: ignore[arg-type]


def _graft(tmp_path: Path, members: Mapping[str, bytes], sysroot: Path, **options: object) -> GraftedWheel:
    raw = wheel(tmp_path / "raw", members, tag=RAW)
    (tmp_path / "grafted").mkdir()
    return graft_wheel(raw, AARCH64, sysroot, tmp_path / "grafted", **options)  # type: ignore[arg-type]


def _members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def test_libraries_come_in_with_what_they_need_and_everybody_learns_their_names(tmp_path: Path) -> None:
    sysroot = _sysroot(
        tmp_path / "sysroot",
        {
            f"{LIB}/libpq.so.5.15": _library("libpq.so.5", "libssl.so.3", run_path="/usr/lib/private"),
            f"{LIB}/libssl.so.3": _library("libssl.so.3"),
            f"{LIB}/libunused.so.1": _library("libunused.so.1"),
        },
    )
    (sysroot / LIB / "libpq.so.5").symlink_to(f"/{LIB}/libpq.so.5.15")
    imports = [
        Need("PyModule_Create2"),
        Need("libpq_call", "PQ_1", "libpq.so.5"),
        Need("memcpy", "GLIBC_2.17", "libc.so.6"),
    ]
    deep = f"demo/a/b/_x{SUFFIX}"
    done = _graft(
        tmp_path,
        {deep: _module("libpq.so.5", imports=imports), f"_top{SUFFIX}": _module("libpq.so.5", name="_top")},
        sysroot,
    )
    pq, ssl = done.libraries
    assert (pq.name, pq.source) == ("libpq.so.5", f"{LIB}/libpq.so.5.15")
    assert (ssl.name, ssl.source) == ("libssl.so.3", f"{LIB}/libssl.so.3")
    files = _members(done.path)
    assert [path for path in files if path.startswith("demo.libs/")] == [pq.path, ssl.path]
    new_pq, new_ssl = (one.path.removeprefix("demo.libs/") for one in (pq, ssl))
    module, top = parse_elf(files[deep]), parse_elf(files[f"_top{SUFFIX}"])
    assert module.needed == (new_pq, "libc.so.6")
    assert {need.library for need in module.version_needs} == {new_pq, "libc.so.6"}
    assert module.run_paths == ("$ORIGIN/../../../demo.libs",)
    assert top.run_paths == ("$ORIGIN/demo.libs",)
    assert (parse_elf(files[pq.path]).soname, parse_elf(files[ssl.path]).soname) == (new_pq, new_ssl)
    assert parse_elf(files[pq.path]).needed == (new_ssl, "libc.so.6")
    assert parse_elf(files[pq.path]).run_paths == ("$ORIGIN",)
    assert parse_elf(files[ssl.path]).run_paths == ()
    assert b"private" not in files[pq.path]
    report = check_wheel(done.path, AARCH64, built=built())
    assert report.findings == ()
    assert {tag.platform for tag in report.earned_tags} == {"manylinux_2_17_aarch64", "manylinux2014_aarch64"}


def test_two_directories_give_the_same_bytes(tmp_path: Path) -> None:
    done = []
    for name in ("one", "another"):
        sysroot = _sysroot(tmp_path / name / "sysroot", {f"{LIB}/libyaml.so.2": _library("libyaml.so.2")})
        done.append(_graft(tmp_path / name, {f"_x{SUFFIX}": _module("libyaml.so.2")}, sysroot).path)
    assert done[0].read_bytes() == done[1].read_bytes()


def test_a_library_is_named_by_what_it_calls_as_well(tmp_path: Path) -> None:
    names = []
    for number, inner in enumerate(("one", "two")):
        sysroot = _sysroot(
            tmp_path / inner / "sysroot",
            {
                "lib/libouter.so": _library("libouter.so", "libinner.so"),
                "lib/libinner.so": _library("libinner.so", code=inner.encode()),
            },
        )
        grafted = _graft(tmp_path / inner, {f"_x{SUFFIX}": _module("libouter.so")}, sysroot)
        names.append([one.path for one in grafted.libraries])
        assert len(names[number]) == 2
    assert not {*names[0]} & {*names[1]}


def test_libraries_that_need_each_other_come_in_once_each(tmp_path: Path) -> None:
    sysroot = _sysroot(
        tmp_path / "sysroot",
        {"lib/liba.so": _library("liba.so", "libb.so"), "lib/libb.so": _library("libb.so", "liba.so")},
    )
    done = _graft(tmp_path, {f"_x{SUFFIX}": _module("liba.so", "libb.so")}, sysroot)
    assert [one.name for one in done.libraries] == ["liba.so", "libb.so"]
    assert check(done.path, built()).findings == ()


def test_a_library_the_wheel_brings_is_respected(tmp_path: Path) -> None:
    sysroot = _sysroot(tmp_path / "sysroot", {"lib/libown.so.1": _library("libown.so.1", code=b"other")})
    members = {
        f"demo/_x{SUFFIX}": _module("libown.so.1", run_path="$ORIGIN/lib"),
        "demo/lib/libown.so.1": _library("libown.so.1"),
    }
    done = _graft(tmp_path, members, sysroot)
    assert done == GraftedWheel(path=tmp_path / "raw" / f"demo-1.0-{RAW}.whl")


def test_a_library_the_wheel_brings_gets_what_it_needs(tmp_path: Path) -> None:
    sysroot = _sysroot(tmp_path / "sysroot", {"lib/libz2.so": _library("libz2.so")})
    members = {
        f"demo/_x{SUFFIX}": _module("libown.so.1", run_path="$ORIGIN/lib"),
        "demo/lib/libown.so.1": _library("libown.so.1", "libz2.so", run_path="$ORIGIN:/usr/local/lib"),
    }
    files = _members(_graft(tmp_path, members, sysroot).path)
    assert parse_elf(files["demo/lib/libown.so.1"]).run_paths == ("$ORIGIN", "$ORIGIN/../../demo.libs")
    assert files[f"demo/_x{SUFFIX}"] == members[f"demo/_x{SUFFIX}"]


@pytest.mark.parametrize(
    "name", ["libc.so.6", "libm.so.6", "libz.so.1", "ld-linux-aarch64.so.1", "libstdc++.so.6"]
)
def test_what_every_system_has_is_never_grafted(name: str, tmp_path: Path) -> None:
    sysroot = _sysroot(tmp_path / "sysroot", {f"{LIB}/{name}": _library(name)})
    assert _graft(tmp_path, {f"_x{SUFFIX}": _module(name)}, sysroot).libraries == ()


@pytest.mark.parametrize("name", ["libc.so.6", "libc.so", "libc.musl-aarch64.so.1", "libpython3.11.so.1.0"])
def test_no_c_library_and_no_python_is_grafted_on_musl_either(name: str, tmp_path: Path) -> None:
    sysroot = _sysroot(tmp_path / "sysroot", {f"lib/{name}": _library(name)})
    raw = wheel(tmp_path, {f"_x{SUFFIX}": _module(name)}, tag=RAW)
    assert graft_wheel(raw, MUSL, sysroot, tmp_path).libraries == ()


def test_another_machine_s_library_is_passed_over_for_the_right_one(tmp_path: Path) -> None:
    sysroot = _sysroot(
        tmp_path / "sysroot",
        {
            f"{LIB}/libyaml.so.2": _library("libyaml.so.2", arch="x86_64"),
            "opt/strange/libyaml.so.2": _library("libyaml.so.2"),
            "opt/ascii/libyaml.so.2": b"INPUT(libyaml.a)",
        },
    )
    done = _graft(tmp_path, {f"_x{SUFFIX}": _module("libyaml.so.2")}, sysroot)
    assert [one.source for one in done.libraries] == ["opt/strange/libyaml.so.2"]


def test_a_file_of_another_name_counts_by_its_soname(tmp_path: Path) -> None:
    sysroot = _sysroot(tmp_path / "sysroot", {"lib/libfoo.so": _library("libfoo.so.7")})
    done = _graft(tmp_path, {f"_x{SUFFIX}": _module("libfoo.so.7")}, sysroot)
    assert [(one.name, one.source) for one in done.libraries] == [("libfoo.so.7", "lib/libfoo.so")]


@pytest.mark.parametrize("to", ["../../outside/libfoo.so.1", "libfoo.so.1", "/outside/libfoo.so.1"])
def test_no_link_leads_out_of_the_sysroot(to: str, tmp_path: Path) -> None:
    _sysroot(tmp_path / "outside", {"libfoo.so.1": _library("libfoo.so.1")})
    (tmp_path / "sysroot" / "lib").mkdir(parents=True)
    (tmp_path / "sysroot" / "lib" / "libfoo.so.1").symlink_to(to)
    done = _graft(tmp_path, {f"_x{SUFFIX}": _module("libfoo.so.1")}, tmp_path / "sysroot")
    assert done.libraries == ()
    assert "error library-not-allowed" in codes(check(done.path, built()))


def test_run_paths_into_the_sandbox_are_dropped_from_every_file(tmp_path: Path) -> None:
    members = {f"_x{SUFFIX}": _module(run_path="/crosswheel/sysroot/lib:$ORIGIN/x:/crosswheels")}
    done = _graft(tmp_path, members, tmp_path, machine_paths=("/crosswheel",))
    assert parse_elf(_members(done.path)[f"_x{SUFFIX}"]).run_paths == ("$ORIGIN/x", "/crosswheels")


def test_a_program_that_no_run_path_can_serve_stays_for_the_check_to_refuse(tmp_path: Path) -> None:
    sysroot = _sysroot(tmp_path / "sysroot", {"lib/libfoo.so.1": _library("libfoo.so.1")})
    members = {"demo-1.0.data/scripts/tool": elf_file(needed=("libfoo.so.1", "libc.so.6"))}
    done = _graft(tmp_path, members, sysroot)
    assert done.libraries == ()
    assert "error library-not-allowed" in codes(check(done.path, built()))


def test_a_module_in_the_data_folder_is_installed_elsewhere(tmp_path: Path) -> None:
    sysroot = _sysroot(tmp_path / "sysroot", {"lib/libfoo.so.1": _library("libfoo.so.1")})
    path = f"demo-1.0.data/platlib/demo/_x{SUFFIX}"
    done = _graft(tmp_path, {path: _module("libfoo.so.1")}, sysroot)
    assert parse_elf(_members(done.path)[path]).run_paths == ("$ORIGIN/../demo.libs",)
    assert check(done.path, built()).findings == ()


def test_the_glibc_that_is_named_is_the_one_that_all_of_the_wheel_needs(tmp_path: Path) -> None:
    files = {
        f"lib/lib{name}.so.1": _library(f"lib{name}.so.1", glibc=f"2.{n}")
        for name, n in (("a", 34), ("b", 38))
    }
    done = _graft(
        tmp_path, {f"_x{SUFFIX}": _module("liba.so.1", "libb.so.1")}, _sysroot(tmp_path / "sysroot", files)
    )
    report = check_wheel(
        done.path, AARCH64, built=built(grafted={one.path: "there" for one in done.libraries})
    )
    assert len(report.errors) == 2
    assert all(one.message.endswith("or raise the target's glibc to 2.38") for one in report.errors)
    assert ", or raise the target's glibc to 2.38, and one more finding; " in str(check_error(report))


def test_a_library_too_young_for_the_target_is_refused_by_name_with_what_to_do(tmp_path: Path) -> None:
    sysroot = _sysroot(tmp_path / "sysroot", {"lib/libfoo.so.1": _library("libfoo.so.1", glibc="2.34")})
    done = _graft(tmp_path, {f"_x{SUFFIX}": _module("libfoo.so.1")}, sysroot)
    (one,) = done.libraries
    origin = {one.path: "libfoo1 1.2 (lib/libfoo.so.1)"}
    (finding,) = check_wheel(done.path, AARCH64, built=built(grafted=origin)).findings
    assert (finding.code, finding.severity.value, finding.file) == ("symbol-too-new", "error", one.path)
    assert finding.message == (
        "it needs memcpy@GLIBC_2.34 of libc.so.6, which is first in manylinux_2_34; the target has glibc 2.28. "
        "It was copied from libfoo1 1.2 (lib/libfoo.so.1): take the libraries from an older release of the "
        "distribution, or raise the target's glibc to 2.34"
    )
    for place in ("Debian trixie arm64", "folder"):
        libraries = SysrootRequest(packages=(), link=LinkKind.STATIC, origin=place)
        known = {one.path: f"lib/libfoo.so.1 of {libraries.place}"}
        (finding,) = check_wheel(done.path, AARCH64, built=built(grafted=known)).findings
        (cause,) = refusal_causes(finding.message)
        assert cause.subject == "libfoo.so.1"
        assert bool(cause.sign.setting) == (place != "folder")
    younger = parse_target_id("cp311-linux_aarch64_glibc_2_36")
    tags = check_wheel(done.path, younger, built=built(grafted=origin)).earned_tags
    assert {tag.platform for tag in tags} == {"manylinux_2_34_aarch64"}


_CLOCK = Need("pthread_cond_clockwait", "GLIBC_2.30", "libpthread.so.0")
_CREATE = Need("pthread_create", "GLIBC_2.17", "libpthread.so.0")


def _newer_functions(folder: Path) -> Path:
    path = folder / "libcrosswheel-glibc.so"
    path.write_bytes(_library(path.name, exports=["pthread_cond_clockwait"]))
    return path


def test_a_function_that_the_targets_glibc_does_not_have_comes_from_a_library_in_the_wheel(
    tmp_path: Path,
) -> None:
    imports = [_CLOCK, _CREATE, Need("memcpy", "GLIBC_2.17", "libc.so.6")]
    library = _library("libfoo.so.1", "libpthread.so.0", imports=imports)
    sysroot = _sysroot(tmp_path / "sysroot", {"lib/libfoo.so.1": library})
    done = _graft(
        tmp_path,
        {f"_x{SUFFIX}": _module("libfoo.so.1")},
        sysroot,
        newer_functions=_newer_functions(tmp_path),
    )
    ours, foo = sorted(done.libraries, key=lambda one: one.name)
    assert (ours.name, ours.source, foo.name) == ("libcrosswheel-glibc.so", "", "libfoo.so.1")
    elf = parse_elf(_members(done.path)[foo.path])
    assert elf.needed == ("libpthread.so.0", "libc.so.6", ours.path.rpartition("/")[2])
    # Without a version any definition will do: glibc's own where it has one, which the loader comes to first.
    assert {(one.name, one.version) for one in elf.undefined} == {
        ("pthread_cond_clockwait", None),
        ("pthread_create", "GLIBC_2.17"),
        ("memcpy", "GLIBC_2.17"),
    }
    report = check(done.path, built())
    assert report.findings == ()
    assert {tag.platform for tag in report.earned_tags} == {"manylinux_2_17_aarch64", "manylinux2014_aarch64"}


@pytest.mark.parametrize(
    ("imports", "target"),
    [
        ([_CLOCK, Need("other", "GLIBC_2.30", "libpthread.so.0")], AARCH64),
        ([_CLOCK, _CREATE], parse_target_id("cp311-linux_aarch64_glibc_2_31")),
        ([_CREATE], AARCH64),
    ],
    ids=["another-function-of-that-glibc-is-not-offered", "the-glibc-has-it", "nothing-newer-is-called"],
)
def test_a_library_that_gains_nothing_by_other_functions_stays(
    imports: list[Need], target: Target, tmp_path: Path
) -> None:
    library = _library("libfoo.so.1", "libpthread.so.0", imports=imports)
    sysroot = _sysroot(tmp_path / "sysroot", {"lib/libfoo.so.1": library})
    raw = wheel(tmp_path / "raw", {f"_x{SUFFIX}": _module("libfoo.so.1")}, tag=RAW)
    (tmp_path / "grafted").mkdir()
    done = graft_wheel(raw, target, sysroot, tmp_path / "grafted", newer_functions=_newer_functions(tmp_path))
    (one,) = done.libraries
    found = {(need.name, need.version) for need in parse_elf(_members(done.path)[one.path]).undefined}
    assert found == {(need.symbol, need.version) for need in imports}


def test_a_file_that_cannot_be_changed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(data: bytes, edit: object) -> bytes:
        raise ElfEditError("its segments overlap")

    monkeypatch.setattr(graft, "edit_elf", refuse)
    sysroot = _sysroot(tmp_path / "sysroot", {"lib/libfoo.so.1": _library("libfoo.so.1")})
    with pytest.raises(BuildError, match="its segments overlap; link the libraries statically"):
        _graft(tmp_path, {f"_x{SUFFIX}": _module("libfoo.so.1")}, sysroot)


@pytest.mark.parametrize("target", ["cp311-macos_aarch64_13_0", "cp311-windows_x86_64"])
def test_other_systems_wheels_stay_as_they_are(target: str, tmp_path: Path) -> None:
    raw = wheel(tmp_path, {f"_x{SUFFIX}": _module("libfoo.so.1")}, tag=RAW)
    assert graft_wheel(raw, parse_target_id(target), tmp_path, tmp_path).path == raw


def test_a_wheel_that_cannot_be_read_is_left_to_the_check(tmp_path: Path) -> None:
    raw = wheel(tmp_path, {"../evil": b"", f"_x{SUFFIX}": _module("libfoo.so.1")}, tag=RAW)
    sysroot = _sysroot(tmp_path / "sysroot", {"lib/libfoo.so.1": _library("libfoo.so.1")})
    assert graft_wheel(raw, AARCH64, sysroot, tmp_path) == GraftedWheel(path=raw)
