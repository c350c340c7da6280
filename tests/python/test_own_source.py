"""A build of a project's own files: what is packed, and what another plan is needed for."""

from __future__ import annotations

import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.planning.own_declarations import with_declarations
from crosswheel.act.planning.own_projects import packed_projects
from crosswheel.act.steps.own_source import unnamed_programs, with_own_source
from crosswheel.act.storage.store import digest_of_file
from crosswheel.decide.plans.plan import Plan
from crosswheel.values.errors import InputError
from plan_values import digest, whole_plan


def test_a_build_is_of_the_projects_own_source_where_that_is_given(tmp_path: Path) -> None:
    plan = whole_plan()
    id_ = next(iter(plan.builds))
    (tmp_path / "module.py").write_text("new = True\n")
    given = {"fast.py": tmp_path / "module.py", "pyproject.toml": _pyproject(tmp_path)}
    changed, sdist = with_own_source(plan, id_, given, {}, folder=tmp_path)
    assert (sdist.name, digest_of_file(sdist)) == ("fast-1.0.tar.gz", changed.builds[id_].sdist)
    assert changed.artifacts[changed.builds[id_].sdist].filename == sdist.name
    assert replace(changed.builds[id_], sdist=plan.builds[id_].sdist) == plan.builds[id_]
    with tarfile.open(sdist) as archive:
        assert archive.getnames() == ["fast-1.0/fast.py", "fast-1.0/pyproject.toml"]


_DECLARED = """\
[build-system]
requires = ["numpy>=2"]
build-backend = "setuptools.build_meta"
[project]
version = "1.0.0"
dependencies = ["idna >= 3"]
[project.optional-dependencies]
web = ["six"]
"""


def _pyproject(folder: Path, old: str = "", new: str = "") -> Path:
    (folder / "project").write_text(_DECLARED.replace(old, new) if old else _DECLARED)
    return folder / "project"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"idna >= 3"',
            '"requests", "idna>=3"',
            (
                "its pyproject.toml is another than was planned: project.dependencies has requests now; lock what it depends on, and "
                "make the plan anew: bazel run //:plan_update"
            ),
        ),
        (
            '"six"',
            "",
            (
                "its pyproject.toml is another than was planned: project.optional-dependencies.web has no six any more; lock what it "
                "depends on, and make the plan anew: bazel run //:plan_update"
            ),
        ),
        (
            "numpy>=2",
            "setuptools<50",
            (
                "its pyproject.toml is another than was planned: build-system.requires has setuptools<50 now and has no numpy>=2 any "
                "more; make the plan anew: bazel run //:plan_update"
            ),
        ),
        (
            "setuptools.build_meta",
            "flit_core.buildapi",
            (
                "its pyproject.toml is another than was planned: build-system.build-backend has flit_core.buildapi now and has no "
                "setuptools.build_meta any more; make the plan anew: bazel run //:plan_update"
            ),
        ),
        (
            '"1.0.0"',
            '"1.1"',
            "its pyproject.toml says version 1.1, the plan 1.0; make the plan anew: bazel run //:plan_update",
        ),
        ("[project]", "[", "its pyproject.toml is wrong: "),
    ],
)
def test_source_of_another_project_than_was_planned_is_refused(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    plan = whole_plan()
    id_ = next(iter(plan.builds))
    with pytest.raises(InputError) as caught:
        with_own_source(
            plan,
            id_,
            {"pyproject.toml": _pyproject(tmp_path, old, new)},
            {},
            folder=tmp_path,
            plan_anew="bazel run //:plan_update",
        )
    assert str(caught.value).startswith(f"cannot build from its own source 'fast': {said}")


def test_a_plan_that_says_not_what_was_declared_is_built_with_whatever_is(tmp_path: Path) -> None:
    plan = whole_plan()
    id_ = next(iter(plan.builds))
    silent = replace(plan, builds={id_: replace(plan.builds[id_], declared={})})
    changed, _ = with_own_source(
        silent,
        id_,
        {"pyproject.toml": _pyproject(tmp_path, "numpy>=2", "hatchling")},
        {},
        folder=tmp_path,
    )
    # That it declares anything tells a project of the user's own.
    assert changed.builds[id_].declared["build-system.requires"] == ("hatchling",)


@pytest.mark.parametrize("name", ["module.py", "setup.py"])
def test_source_without_a_pyproject_is_refused(name: str, tmp_path: Path) -> None:
    plan = whole_plan()
    id_ = next(iter(plan.builds))
    (tmp_path / name).write_text("")
    with pytest.raises(InputError) as caught:
        with_own_source(plan, id_, {name: tmp_path / name}, {}, folder=tmp_path)
    assert str(caught.value) == "cannot build from its own source 'fast': " + (
        "its pyproject.toml is not among its sources; name it among them"
        if name == "setup.py"
        else "among its sources is neither a pyproject.toml nor a setup.py; name the pyproject.toml among them"
    )


@pytest.mark.parametrize("deeper", ["app/pyproject.toml", "app/lib/pyproject.toml"])
def test_source_named_from_a_folder_above_is_told_so(deeper: str, tmp_path: Path) -> None:
    plan = whole_plan()
    id_ = next(iter(plan.builds))
    (tmp_path / "module.py").write_text("")
    given = dict.fromkeys(("app/module.py", deeper, "app/lib/tests/pyproject.toml"), tmp_path / "module.py")
    with pytest.raises(InputError) as caught:
        with_own_source(plan, id_, given, {}, folder=tmp_path)
    assert str(caught.value) == (
        f"cannot build from its own source 'fast': the pyproject.toml among its sources is {deeper}, and belongs at their top; name each "
        f"by its path in {deeper.removesuffix('/pyproject.toml')} (in Bazel: by a target of the package that is the project's folder)"
    )


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [
        ("#!/bin/sh\n", 0o755, True),
        ("#!/usr/bin/env python3\n", 0o644, False),
        ("import os\n", 0o755, False),
        ("#!/bin/sh\n", 0o555, False),  # made by Bazel
    ],
)
def test_a_script_that_loses_its_mode_is_told(text: str, mode: int, told: bool, tmp_path: Path) -> None:
    (tmp_path / "script").write_text(text)
    (tmp_path / "script").chmod(mode)
    given = {"fast/script": tmp_path / "script", "gone": tmp_path / "gone"}
    assert unnamed_programs(given) == (("fast/script",) if told else ())


_CRATE = """
[[package]]
name = "libc"
version = "{version}"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "{checksum}"
"""


@pytest.mark.parametrize("lock", ["Cargo.lock", "rust/Cargo.lock"])
def test_crates_that_the_plan_does_not_hold_are_refused(lock: str, tmp_path: Path) -> None:
    plan = whole_plan()
    id_, build = next(iter(plan.builds.items()))
    own = replace(plan, builds={id_: replace(build, patches=(), cargo_locks=())})
    held, other = build.crates[0].hex, digest("libc-0.2.178.crate").hex
    given = {"pyproject.toml": _pyproject(tmp_path), lock.replace(".lock", ".toml"): tmp_path / "project"}

    def told(plan: Plan, *crates: tuple[str, str]) -> str:
        (tmp_path / "lock").write_text(
            "".join(_CRATE.format(version=one, checksum=sum_) for one, sum_ in crates)
        )
        files = {**given, **({lock: tmp_path / "lock"} if crates else {})}
        try:
            with_own_source(plan, id_, files, {}, folder=tmp_path)
        except InputError as error:
            return error.why
        return ""

    assert told(own, ("0.2.177", held)) == ""
    assert told(own, ("0.2.177", held), ("0.2.178", other)) == (
        "its Cargo.lock has libc 0.2.178, which the plan has not"
    )
    assert told(own) == "the Cargo.lock that it was planned with is not among its sources"
    # One that planning made, or that a patch makes, is in no source.
    assert told(replace(plan, builds={id_: replace(build, patches=())})) == ""
    assert told(replace(plan, builds={id_: replace(build, cargo_locks=())}), ("0.2.178", other)) == ""


def test_what_a_project_declares_is_put_into_its_builds_however_it_is_given(tmp_path: Path) -> None:
    plan = whole_plan()
    id_ = next(iter(plan.builds))
    silent = replace(plan, builds={id_: replace(plan.builds[id_], declared={})})
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(_DECLARED.replace("[project]", '[project]\nname = "fast"'))
    packed = packed_projects([folder])
    sdist = tmp_path / packed[folder].filename
    sdist.write_bytes(packed[folder].data)
    wheel = tmp_path / "fast-1.0-py3-none-any.whl"
    for projects, declared in (
        ([folder], plan.builds[id_].declared),
        ([sdist], plan.builds[id_].declared),
        ([wheel], {}),
        ([], {}),
    ):
        found = with_declarations(silent, projects, packed).builds[id_].declared
        assert {key: [one.replace(" ", "") for one in items] for key, items in found.items()} == {
            key: list(items) for key, items in declared.items()
        }
