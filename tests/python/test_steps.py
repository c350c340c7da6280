"""The steps that other build systems call: files told by content, wheels checked, what is missing told at once."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from checked_wheels import AARCH64, wheel
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.ready_wheel import CheckOutcome, ReadyWheel
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.services import Services, services_with
from crosswheel.act.steps.given_files import given_files
from crosswheel.act.steps.given_wheels import given_wheels
from crosswheel.act.steps.own_libraries import with_own_libraries
from crosswheel.act.steps.runtime_libraries import runtime_step, take_runtime
from crosswheel.act.steps.step_builds import build_step
from crosswheel.act.steps.wheel_folders import read_wheel_folder, write_wheel_folder
from crosswheel.act.storage.store import digest_of_file
from crosswheel.act.sysroot.folder_pack import pack_folder
from crosswheel.command_line.command_parser import whole_parser
from crosswheel.command_line.main import main
from crosswheel.command_line.step_inputs import add_step, add_steps, add_wheels
from crosswheel.decide.plans.plan import Artifact, Plan, PlannedTarget, PlannedWheel
from crosswheel.decide.plans.plan_json import plan_to_json
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import CheckError, FaultsError, InputError
from plan_values import whole_plan


def services(folder: Path) -> Services:
    return services_with(
        cache_dir=folder / "store",
        sandbox="none",
        settings=FetchSettings(),
        reporter=SilentReporter(),
        build_python=None,
        jobs=1,
    )


def built(folder: Path, name: str = "fast") -> ReadyWheel:
    path = wheel(folder, {f"{name}/__init__.py": b""}, name=name, tag="py3-none-any")
    return ReadyWheel(
        name=name,
        version="1.0",
        target=AARCH64.id,
        filename=path.name,
        path=path,
        sha256=digest_of_file(path),
        build=f"{name}-1.0-{AARCH64.id}",
        outcome=CheckOutcome(warnings=("a warning [code]",)),
    )


def plan_of(*wheels: PlannedWheel, artifacts: tuple[Artifact, ...] = ()) -> Plan:
    return Plan(
        inputs={},
        source_date_epoch=315532800,
        artifacts={one.sha256: one for one in artifacts},
        builds={},
        targets=(PlannedTarget(target=AARCH64, wheels=wheels),),
    )


def test_a_file_is_told_by_its_content_and_gets_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "0").write_bytes(b"content")
    wanted = Artifact(sha256=digest_of(b"content"), filename="x-1.tar.gz")
    found = given_files([tmp_path / "0"]).named([wanted], tmp_path / "links")
    assert found[wanted.sha256].name == "x-1.tar.gz"
    assert found[wanted.sha256].read_bytes() == b"content"


def test_a_folder_stands_for_the_files_right_in_it(tmp_path: Path) -> None:
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    (tmp_path / "in" / "x").write_bytes(b"content")
    assert list(given_files([tmp_path / "in"]).by_digest) == [digest_of(b"content")]


def test_every_file_that_was_not_given_is_told(tmp_path: Path) -> None:
    wanted = [Artifact(sha256=digest_of(name.encode()), filename=name) for name in ("a.whl", "b.whl")]
    with pytest.raises(FaultsError) as caught:
        given_files([]).named(wanted, tmp_path)
    assert str(caught.value).splitlines() == [
        f"cannot find artifact '{one.filename}': no file with the SHA-256 {one.sha256} was given; "
        "give it with --file; the plan says where it is to be had"
        for one in wanted
    ]


def test_a_wheel_folder_is_read_as_it_was_written(tmp_path: Path) -> None:
    ready = built(tmp_path)
    write_wheel_folder(tmp_path / "out", ready)
    read = read_wheel_folder(tmp_path / "out")
    assert (read.filename, read.sha256, read.build, read.outcome) == (
        ready.filename,
        ready.sha256,
        ready.build,
        ready.outcome,
    )
    assert read.path.read_bytes() == ready.path.read_bytes()


def test_a_wheel_folder_with_another_wheel_is_refused(tmp_path: Path) -> None:
    ready = built(tmp_path)
    write_wheel_folder(tmp_path / "out", ready)
    (tmp_path / "out" / ready.filename).write_bytes(b"other")
    with pytest.raises(CheckError) as caught:
        read_wheel_folder(tmp_path / "out")
    assert str(caught.value) == (
        f"cannot use wheel '{ready.filename}': it is not the file that out/wheel.json names; build it again"
    )


@pytest.mark.parametrize(
    "change", [{"schema": 2}, {"filename": "../x.whl"}, {"sha256": "x"}, {"warnings": ""}]
)
def test_facts_that_nobody_wrote_so_are_refused(tmp_path: Path, change: dict[str, object]) -> None:
    write_wheel_folder(tmp_path / "out", built(tmp_path))
    facts = tmp_path / "out" / "wheel.json"
    facts.write_text(json.dumps(json.loads(facts.read_text()) | change))
    with pytest.raises(InputError) as caught:
        read_wheel_folder(tmp_path / "out")
    assert str(caught.value) == (
        f"cannot read wheel folder '{tmp_path / 'out'}': it has no wheel.json of a wheel; "
        "give what `crosswheel step build` wrote"
    )


def test_the_wheels_of_a_target_are_prebuilt_files_and_built_folders(tmp_path: Path) -> None:
    ready = built(tmp_path)
    write_wheel_folder(tmp_path / "built", ready)
    prebuilt = wheel(tmp_path, {"demo/__init__.py": b""}, name="demo", tag="py3-none-any")
    artifact = Artifact(sha256=digest_of_file(prebuilt), filename=prebuilt.name)
    plan = plan_of(
        PlannedWheel(name="demo", version="1.0", artifact=artifact.sha256),
        PlannedWheel(name="fast", version="1.0", build=ready.build),
        artifacts=(artifact,),
    )
    (tmp_path / "blob").write_bytes(prebuilt.read_bytes())
    found = given_wheels(
        plan,
        plan.targets[0],
        given=[tmp_path / "built", tmp_path / "blob"],
        scratch=tmp_path / "links",
        services=services(tmp_path),
    )
    assert [(one.filename, one.build) for one in found] == [
        ("demo-1.0-py3-none-any.whl", None),
        ("fast-1.0-py3-none-any.whl", ready.build),
    ]


def test_a_prebuilt_wheel_that_does_not_fit_is_refused_in_a_step_too(tmp_path: Path) -> None:
    wrong = wheel(tmp_path, {"demo/x.so": b"\x7fELF" + bytes(60)}, name="demo", tag="py3-none-any")
    artifact = Artifact(sha256=digest_of_file(wrong), filename=wrong.name)
    plan = plan_of(PlannedWheel(name="demo", version="1.0", artifact=artifact.sha256), artifacts=(artifact,))
    with pytest.raises(CheckError, match=r"cannot use wheel 'demo-1\.0-py3-none-any\.whl'"):
        given_wheels(
            plan, plan.targets[0], given=[wrong], scratch=tmp_path / "links", services=services(tmp_path)
        )


def test_a_build_that_was_not_given_is_told(tmp_path: Path) -> None:
    plan = plan_of(PlannedWheel(name="fast", version="1.0", build="fast-1.0-x"))
    with pytest.raises(InputError) as caught:
        given_wheels(plan, plan.targets[0], given=[], scratch=tmp_path / "links", services=services(tmp_path))
    assert str(caught.value) == (
        "cannot find the wheel of 'fast-1.0-x': it was not given; give the folder that `crosswheel step build` "
        "wrote for it"
    )


def test_a_build_the_plan_does_not_have_is_refused(tmp_path: Path) -> None:
    plan = whole_plan()
    id_ = next(iter(plan.builds))
    with pytest.raises(InputError) as caught:
        build_step(
            plan,
            id_[:-1],
            base=tmp_path,
            files=[],
            wheels=[],
            output=tmp_path / "out",
            services=services(tmp_path),
        )
    assert str(caught.value) == (
        f"cannot build '{id_[:-1]}': the plan has no such build; did you mean '{id_}'?"
    )


def test_a_build_links_the_libraries_that_are_given(tmp_path: Path) -> None:
    """They are packed as a folder with them is, wherever they lie and whatever modes they have."""
    plan = whole_plan()
    id_ = next(iter(plan.builds))
    folder, apart = tmp_path / "z", tmp_path / "apart"
    for place in ("include/zlib.h", "lib/libz.a", "bin/z-config", "share/doc/z/changes"):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(place)
    apart.mkdir()
    (folder / "lib/libz.a").rename(apart / "archive")
    (apart / "archive").chmod(0o755)
    given = {f"z/{name}": folder / name for name in ("include", "bin/z-config", "share/doc/z/changes")}
    changed, (archive,) = with_own_libraries(
        plan, id_, [*given.items(), ("z/lib/libz.a", apart / "archive")], folder=tmp_path
    )
    sysroot = changed.builds[id_].sysroot
    assert sysroot is not None
    assert [(one.name, one.artifact) for one in sysroot.packages] == [("z", digest_of_file(archive))]
    assert (sysroot.link, sysroot.origin) == ("static", "folder")
    assert replace(changed.builds[id_], sysroot=None) == replace(plan.builds[id_], sysroot=None)
    (apart / "archive").rename(folder / "lib/libz.a")
    assert archive.read_bytes() == pack_folder(folder, plan.builds[id_].target, shown="z")
    with tarfile.open(archive) as packed:
        assert {one.name: one.mode for one in packed} == {
            "usr/bin/z-config": 0o755,
            "usr/include/zlib.h": 0o644,
            "usr/lib/libz.a": 0o644,
        }


def test_the_root_of_a_system_is_taken_for_the_prefix_in_it(tmp_path: Path) -> None:
    plan = whole_plan()
    id_ = next(iter(plan.builds))
    library = tmp_path / "root/usr/lib/libz.a"
    library.parent.mkdir(parents=True)
    library.write_bytes(b"!<arch>\n")
    packed = [
        with_own_libraries(plan, id_, [("z/usr", folder)], folder=tmp_path)[1][0].read_bytes()
        for folder in (tmp_path / "root", tmp_path / "root/usr")
    ]
    assert packed[0] == packed[1]


def test_a_library_in_two_prefixes_is_packed_as_one_and_its_texts_name_neither(tmp_path: Path) -> None:
    plan = whole_plan()
    id_ = next(iter(plan.builds))
    out, dev, other, whole = (tmp_path / name for name in ("x-z", "x-z-dev", "y", "whole"))
    for path in (out / "lib/libz.a", other / "lib/liby.a"):
        path.parent.mkdir(parents=True)
        path.write_text("object code")
    (dev / "lib/pkgconfig").mkdir(parents=True)
    pc = "prefix={}\nincludedir={}/include\nLibs: -L${{prefix}}/lib -lz\nLibs.private: -L{}/lib -ly\n"
    (dev / "lib/pkgconfig/z.pc").write_text(pc.format(out, dev, other))
    given = [("z/usr", out), ("z/usr", dev), ("y/usr", other)]
    changed, archives = with_own_libraries(plan, id_, given, folder=tmp_path)
    shutil.copytree(out, whole)
    shutil.copytree(dev, whole, dirs_exist_ok=True)
    (whole / "lib/pkgconfig/z.pc").write_text(pc.format(whole, whole, "/usr"))
    target = plan.builds[id_].target
    assert [path.read_bytes() for path in archives] == [
        pack_folder(folder, target, shown="z") for folder in (whole, other)
    ]
    with tarfile.open(archives[0]) as packed:
        text = packed.extractfile("usr/lib/pkgconfig/z.pc")
        assert text is not None
        assert text.read().decode() == pc.format("/usr", "/usr", "/usr")
    sysroot = changed.builds[id_].sysroot
    assert sysroot is not None
    assert sysroot.wanted == ("z", "y")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("zlib.h", "cannot read library 'zlib.h': it is not of the form NAME/PATH=FILE; write e.g. z/"),
        ("z/../x.h", "cannot read sysroot 'z': '../x.h' leads out of it; name a path within"),
        ("z/src/zlib.c", "cannot read sysroot 'z': it has neither headers (include) nor libraries (lib)"),
    ],
)
def test_files_that_are_no_library_are_refused(place: str, words: str, tmp_path: Path) -> None:
    plan = whole_plan()
    (tmp_path / "file").touch()
    with pytest.raises(InputError) as caught:
        with_own_libraries(plan, next(iter(plan.builds)), [(place, tmp_path / "file")], folder=tmp_path)
    assert str(caught.value).startswith(words)


def test_runtime_libraries_for_a_target_that_needs_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        runtime_step(
            plan_of(), AARCH64, files=[], output=tmp_path / "runtime.tar", services=services(tmp_path)
        )
    assert str(caught.value) == (
        f"cannot make runtime libraries for '{AARCH64.id}': the plan builds nothing for it; leave this step out"
    )


def test_runtime_libraries_are_put_where_builds_look(tmp_path: Path) -> None:
    tree = tmp_path / "tree" / digest_of(b"key").hex / "o"
    tree.mkdir(parents=True)
    (tree / "libc.a").write_bytes(b"library")
    with tarfile.open(tmp_path / "runtime.tar", "w") as archive:
        archive.add(tree.parent, arcname=tree.parent.name)
    given = services(tmp_path)
    take_runtime(tmp_path / "runtime.tar", given)
    found = given.store.tree("zig-cache", digest_of(b"key"))
    assert found is not None
    assert (found / "o" / "libc.a").read_bytes() == b"library"


_TAKEN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_steps import services
from crosswheel.act.steps.runtime_libraries import take_runtime
take_runtime(Path(sys.argv[1], "runtime.tar"), services(Path(sys.argv[1])))
"""


def test_runtime_libraries_are_taken_by_a_user_who_is_not_root(tmp_path: Path) -> None:
    tree = tmp_path / "tree" / digest_of(b"key").hex / "o"
    tree.mkdir(parents=True)
    (tree / "libc.a").write_bytes(b"library")
    for folder in (tree, tree.parent):  # as all trees of the store are
        folder.chmod(0o555)
    with tarfile.open(tmp_path / "runtime.tar", "w") as archive:
        archive.add(tree.parent, arcname=tree.parent.name)
    paths = os.pathsep.join(path for path in sys.path if path)
    subprocess.run(
        [
            *("bwrap", "--dev-bind", "/", "/", "--unshare-user", "--uid", "1000", "--cap-drop", "ALL"),
            *("--setenv", "PYTHONPATH", paths),
            *(sys.executable, "-c", _TAKEN, str(tmp_path), str(Path(__file__).parent)),
        ],
        check=True,
    )
    assert services(tmp_path).store.tree("zig-cache", digest_of(b"key")) is not None


def test_what_is_no_archive_of_runtime_libraries_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"nothing" * 100)
    with pytest.raises(InputError) as caught:
        take_runtime(tmp_path / "x", services(tmp_path))
    assert str(caught.value) == (
        f"cannot read runtime libraries '{tmp_path / 'x'}': invalid header; give what `crosswheel step runtime` wrote"
    )


def test_a_step_from_the_command_line_leaves_no_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prebuilt = wheel(tmp_path, {"demo/__init__.py": b""}, name="demo", tag="py3-none-any")
    artifact = Artifact(sha256=digest_of_file(prebuilt), filename=prebuilt.name, path=prebuilt.name)
    plan = plan_of(PlannedWheel(name="demo", version="1.0", artifact=artifact.sha256), artifacts=(artifact,))
    (tmp_path / "wheels.plan.json").write_bytes(plan_to_json(plan))
    (tmp_path / "arguments").write_text(f"--wheel\n{prebuilt}\n")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    common = [str(tmp_path / "wheels.plan.json"), "-t", "linux_arm64", f"@{tmp_path / 'arguments'}"]
    assert main(["step", "repository", *common, "-o", str(tmp_path / "out")]) == 0
    assert main(["step", "check", *common, "-o", str(tmp_path / "checked.json")]) == 0
    assert main(["step", "tree", *common, "-o", str(tmp_path / "site")]) == 0
    assert (tmp_path / "out" / "simple" / "demo" / "index.html").is_file()
    assert (tmp_path / "site" / "demo" / "__init__.py").is_file()
    assert json.loads((tmp_path / "checked.json").read_text()) == {
        "schema": 1,
        "target": AARCH64.id,
        "wheels": [
            {
                "name": "demo",
                "version": "1.0",
                "filename": prebuilt.name,
                "sha256": artifact.sha256.hex,
                "origin": "prebuilt",
                "warnings": [],
            }
        ],
    }
    assert list((tmp_path / "tmp").iterdir()) == []
    assert capsys.readouterr().err == (
        f"{tmp_path / 'out'}: 1 wheel for {AARCH64.id}\n"
        f"{tmp_path / 'checked.json'}: 1 wheel checked for {AARCH64.id}\n{tmp_path / 'site'}: 5 files for {AARCH64.id}\n"
    )


def test_arguments_of_a_step_may_stand_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = ["two\nlines", "@at", "it's", "é \u2028 ", "a\r\nb\r"]
    file = tmp_path / "arguments"
    file.write_text("".join(f"--wheel\n{shlex.quote(value)}\n" for value in values), encoding="utf-8")
    parser, subparsers = whole_parser()
    add_wheels(add_step(add_steps(subparsers), "try", lambda *_: 0, "try"))
    read = parser.parse_args(["step", "try", "-o", str(tmp_path / "x"), f"@{file}"])
    assert read.wheel == [Path(value) for value in values]
    assert main(["step", "tree", f"@{tmp_path / 'missing'}"]) == 2
    assert f"cannot read the arguments in '{tmp_path / 'missing'}': " in capsys.readouterr().err
    file.write_text("--wheel 'x")
    assert main(["step", "tree", f"@{file}"]) == 2
    assert f"cannot read the arguments in '{file}': No closing quotation; quote each as a shell does" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("step", ["repository", "tree", "layer", "lambda"])
def test_what_the_wheels_lack_is_told_by_the_steps_that_ship_them(
    step: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = wheel(
        tmp_path, {"demo.py": b""}, name="demo", tag="py3-none-any", metadata="Requires-Dist: idna\n"
    )
    artifact = Artifact(sha256=digest_of_file(path), filename=path.name, path=path.name)
    plan = plan_of(PlannedWheel(name="demo", version="1.0", artifact=artifact.sha256), artifacts=(artifact,))
    (tmp_path / "plan.json").write_bytes(plan_to_json(plan))
    words = ["step", step, str(tmp_path / "plan.json"), "--target", AARCH64.id, "--wheel", str(path)]
    for option, told in (
        (
            "--only-warnings",
            f"warning: {AARCH64.id}: demo 1.0 requires idna, and no wheel of idna is there; was the lock made for this platform?\n",
        ),
        ("--quiet", ""),
    ):
        assert main([*words, option, "-o", str(tmp_path / f"{step}{option}")]) == 0
        assert capsys.readouterr().err == told
