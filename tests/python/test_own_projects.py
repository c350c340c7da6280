"""Projects of the user's own are planned as if the lock named them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from packaging.markers import Marker

import crosswheel
from crosswheel.act.planning.own_projects import with_projects
from crosswheel.command_line.main import main
from crosswheel.decide.locks.locks import Lock, LockedPackage, Refusal, folder_refusal
from crosswheel.values.errors import CrosswheelError
from lock_texts import HEAD
from made_wheels import make_wheel

LOCK = Lock(name="pylock.toml", packages=(LockedPackage(position=0, name="numpy", version="2.0"),))


def refusal(*paths: Path) -> str:
    with pytest.raises(CrosswheelError) as error:
        with_projects(LOCK, paths, destination=Path(), packed={})
    return str(error.value)


def test_an_sdist_and_a_wheel_of_one_release_are_one_package(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "dist", "my_app")
    sdist = tmp_path / "dist/my_app-1.0.tar.gz"
    sdist.write_bytes(b"sdist")
    (_, own) = with_projects(LOCK, [sdist, wheel], destination=tmp_path / "plans", packed={}).packages
    assert (own.position, own.name, own.version) == (1, "my-app", "1.0")
    assert own.sdist is not None
    assert (own.sdist.path, own.sdist.size) == ("../dist/my_app-1.0.tar.gz", 5)
    assert [file.filename for file in own.wheels] == [wheel.name]


def test_a_project_that_is_locked_as_a_folder_takes_the_place_of_its_entry(tmp_path: Path) -> None:
    marker = Marker("sys_platform == 'linux'")
    member = LockedPackage(
        position=0, name="member", version="", marker=marker, refusal=Refusal(why="it is a folder", fix="-")
    )
    wheel = make_wheel(tmp_path, "member")
    lock = replace(LOCK, packages=(member, *LOCK.packages))
    own, _ = with_projects(lock, [wheel], destination=tmp_path, packed={}).packages
    assert (own.marker, own.version, own.refusal) == (marker, "1.0", None)
    assert [file.filename for file in own.wheels] == [wheel.name]


def test_a_sibling_of_a_planned_member_says_how_that_is_locked_alone(tmp_path: Path) -> None:
    api, common, worker = (
        LockedPackage(position=0, name=name, version="", refusal=folder_refusal(name, f"services/{name}"))
        for name in ("acme-api", "acme-common", "acme-worker")
    )
    lock = replace(LOCK, packages=(api, common, worker))
    wheels = [make_wheel(tmp_path, name) for name in ("acme_api", "acme_common", "elsewhere")]
    planned = with_projects(lock, wheels, destination=tmp_path, packed={})
    sibling = planned.packages[2].refusal
    assert sibling is not None
    assert (
        "(`uv export --package acme-api --package acme-common --format pylock.toml -o pylock.acme-api.toml` for the "
        "part of acme-api and acme-common in the lock, else `uv export --no-emit-package acme-worker`)"
    ) in sibling.fix


def test_what_is_no_release_of_a_new_project_is_refused(tmp_path: Path) -> None:
    for name in ("numpy-2.1.tar.gz", "a-1.tar.gz", "a-2.tar.gz"):
        (tmp_path / name).touch()
    assert refusal(
        tmp_path,
        tmp_path / "b-1.tar.gz",
        *(tmp_path / n for n in ("numpy-2.1.tar.gz", "a-1.tar.gz", "a-2.tar.gz")),
    ).splitlines() == [
        (
            f"cannot plan project '{tmp_path}': that is the name of no sdist and of no wheel; give the project's folder, or what `uv "
            "build` made in its dist folder"
        ),
        f"cannot plan project '{tmp_path}/b-1.tar.gz': there is no such file; make it with `uv build`",
        "cannot plan project 'numpy-2.1.tar.gz': the lock has it already; leave one of them out",
        "cannot plan project 'a-2.tar.gz': it is given with another version as well; leave one of them out",
    ]


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pylock.toml").write_text(f"{HEAD}packages = []\n")
    make_wheel(tmp_path / "dist", "demo")
    return tmp_path / "pylock.toml"


WORDS = (
    "plan",
    "pylock.toml",
    "-t",
    "cp312-linux_aarch64_glibc_2_28",
    "--project",
    "dist/demo-1.0-py3-none-any.whl",
)


def test_the_command_plans_the_project(lock: Path) -> None:
    assert main([*WORDS, "-o", "p.json", "-q"]) == 0
    plan = crosswheel.read_plan("p.json")
    (wheel,) = plan.targets[0].wheels
    assert (wheel.name, wheel.version) == ("demo", "1.0")
    assert wheel.artifact is not None
    assert plan.artifacts[wheel.artifact].path == "dist/demo-1.0-py3-none-any.whl"


def test_a_plan_is_stale_when_the_project_has_changed(lock: Path) -> None:
    main([*WORDS, "-o", "p.json", "-q"])
    assert main([*WORDS, "-o", "p.json", "-q", "--check"]) == 0
    make_wheel(lock.parent / "dist", "demo", files={"demo.py": b"new = 1\n"})
    assert main([*WORDS, "-o", "p.json", "-q", "--check"]) == 10


def test_the_python_api_takes_projects(lock: Path) -> None:
    session = crosswheel.Session(cache_dir=lock.parent / "store")
    result = crosswheel.plan(
        lock, targets="linux_arm64", projects="dist/demo-1.0-py3-none-any.whl", session=session
    )
    assert [wheel.name for wheel in result.plan.targets[0].wheels] == ["demo"]


def test_a_target_without_any_wheel_is_told(lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*WORDS, "-o", "p.json"]) == 0
    assert "will be empty" not in capsys.readouterr().err
    assert main([*WORDS[:4], "-o", "p.json"]) == 0
    told = "cp312-linux_aarch64_glibc_2_28: no package of the lock is for this target, its wheel repository will be empty"
    assert f"warning: {told}" in capsys.readouterr().err.splitlines()
