"""The Python API on wheels that need no network: the same pieces as the command line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

import crosswheel
from checked_wheels import wheel
from crosswheel.act.storage.store import digest_of_file
from crosswheel.api_arguments import as_names, as_paths
from crosswheel.values.errors import InputError
from image_bases import base_layout
from lock_texts import HEAD


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    made = wheel(tmp_path / "wheels", {"demo/__init__.py": b"answer = 42\n"}, tag="py3-none-any")
    path = tmp_path / "pylock.toml"
    path.write_text(
        HEAD + '[[packages]]\nname = "demo"\nversion = "1.0"\n'
        f'wheels = [{{ path = "wheels/{made.name}", hashes = {{ sha256 = "{digest_of_file(made)}" }} }}]\n'
    )
    return path


@pytest.fixture
def session(tmp_path: Path) -> crosswheel.Session:
    return crosswheel.Session(cache_dir=tmp_path / "store", working_directory=tmp_path)


def test_a_lock_becomes_a_plan_a_repository_and_a_tree(lock: Path, session: crosswheel.Session) -> None:
    folder = lock.parent
    result = crosswheel.plan(lock, targets=["linux_arm64"], python="3.12", session=session)
    crosswheel.write_plan(result, folder / "wheels.plan.json")
    plan = crosswheel.read_plan(folder / "wheels.plan.json")
    assert plan == result.plan
    (repository,) = crosswheel.build(plan, output=folder / "dist", base=folder, session=session)
    assert repository.path.name == "cp312-linux_aarch64_glibc_2_28"
    crosswheel.install(plan, target="linux_arm64", destination=folder / "site", base=folder, session=session)
    assert (folder / "site/demo/__init__.py").read_text() == "answer = 42\n"


def test_writing_the_same_plan_again_changes_nothing(lock: Path, session: crosswheel.Session) -> None:
    place = lock.parent / "wheels.plan.json"
    written = [
        crosswheel.write_plan(
            crosswheel.plan(lock, targets=["linux_arm64"], session=session, plan_path=place), place
        )
        for _ in range(2)
    ]
    assert written == [True, False]


def test_explain_answers_by_target(lock: Path, session: crosswheel.Session) -> None:
    told = crosswheel.explain(lock, "Demo", targets=["linux_arm64"], python="3.12", session=session)
    assert list(told) == ["cp312-linux_aarch64_glibc_2_28"]
    (explanation,) = told.values()
    chosen = explanation.entries[0].chosen
    assert chosen is not None
    assert (chosen.file, chosen.built) == ("demo-1.0-py3-none-any.whl", False)
    assert "  chosen: demo-1.0-py3-none-any.whl" in explanation.text().splitlines()


def test_explain_takes_what_a_plan_takes(lock: Path, session: crosswheel.Session) -> None:
    told = crosswheel.explain(lock, "demo", targets="linux_arm64", no_binary=":all:", session=session)
    (explanation,) = told.values()
    assert explanation.entries[0].asked_by == "--no-binary :all:"
    with pytest.raises(TypeError, match="unexpected keyword argument 'bogus'"):
        crosswheel.explain(lock, "demo", targets="linux_arm64", bogus=1)  # type: ignore[call-arg]


def test_check_reports_one_wheel_each(lock: Path) -> None:
    (report,) = crosswheel.check(list((lock.parent / "wheels").iterdir()), target="linux_arm64")
    assert not report.refused


def test_a_target_the_plan_does_not_hold_is_refused(lock: Path, session: crosswheel.Session) -> None:
    result = crosswheel.plan(lock, targets=["linux_arm64"], python="3.12", session=session)
    with pytest.raises(
        crosswheel.CrosswheelError, match="what is there is for cp312-linux_aarch64_glibc_2_28"
    ):
        crosswheel.build(result.plan, output=lock.parent / "dist", targets=["linux_amd64"], session=session)


def test_one_name_needs_no_list(lock: Path, session: crosswheel.Session) -> None:
    place = str(lock.parent / "wheels.plan.json")
    by_name = crosswheel.plan(
        str(lock), targets="linux_arm64", python="3.12", only_binary=":all:", extras=(), session=session
    )
    by_list = crosswheel.plan(
        lock, targets=["linux_arm64"], python="3.12", only_binary=[":all:"], session=session
    )
    assert by_name.plan == by_list.plan
    assert crosswheel.write_plan(by_name, place)
    plan = crosswheel.read_plan(place)
    folder = str(lock.parent)
    crosswheel.build(plan, output=f"{folder}/dist", base=folder, targets="linux_arm64", session=session)
    crosswheel.install(plan, target="linux_arm64", destination=f"{folder}/site", base=folder, session=session)
    assert (lock.parent / "site/demo/__init__.py").is_file()
    (wheel_file,) = (lock.parent / "wheels").iterdir()
    assert len(crosswheel.check(str(wheel_file), target="linux_arm64")) == 1


def test_an_accept_that_covers_nothing_is_an_error(lock: Path) -> None:
    (wheel_file,) = (lock.parent / "wheels").iterdir()
    with pytest.raises(crosswheel.CrosswheelError, match="no wheel has such a finding"):
        crosswheel.check(wheel_file, target="linux_arm64", accept="bare-suffix")


def test_all_can_be_forbidden_to_come_as_wheels(lock: Path, session: crosswheel.Session) -> None:
    with pytest.raises(crosswheel.CrosswheelError, match="--no-binary"):
        crosswheel.plan(lock, targets="linux_arm64", no_binary=":all:", session=session)


def test_an_unknown_keyword_is_a_type_error_of_plan(lock: Path) -> None:
    with pytest.raises(TypeError, match=r"^plan\(\) got an unexpected keyword argument 'no_binaries'$"):
        crosswheel.plan(lock, targets="linux_arm64", no_binaries="demo")  # type: ignore[call-arg]


def test_an_unknown_layout_is_an_input_error(lock: Path, session: crosswheel.Session) -> None:
    plan = crosswheel.plan(lock, targets="linux_arm64", python="3.12", session=session).plan
    with pytest.raises(InputError) as caught:
        crosswheel.install(plan, target="linux_arm64", destination="x", layout="nope", session=session)
    assert str(caught.value) == (
        'cannot install with layout \'nope\': there is no such way; use "target" or "prefix"'
    )


def test_a_path_in_place_of_a_plan_is_told(session: crosswheel.Session) -> None:
    path: Any = "wheels.plan.json"
    says = r"takes a plan, such as read_plan\(path\) returns, and not a str$"
    functions: list[tuple[Callable[..., object], dict[str, Any]]] = [
        (crosswheel.build, {}),
        (crosswheel.install, {"target": "linux_arm64", "destination": "x"}),
        (crosswheel.image, {"bases": "scratch"}),
        (crosswheel.layers, {"target": "linux_arm64"}),
        (crosswheel.lambda_layer, {"target": "linux_arm64"}),
    ]
    for function, arguments in functions:
        where = {} if "destination" in arguments else {"output": "x"}
        with pytest.raises(TypeError, match=rf"^{function.__name__}\(\) {says}"):
            function(path, session=session, **where, **arguments)


@pytest.mark.parametrize(
    ("targets", "says"),
    [(None, "and not a NoneType"), (3, "and not a int"), (["linux_arm64", 3], "takes texts only")],
)
def test_targets_of_another_type_are_told(targets: Any, says: str, lock: Path) -> None:
    with pytest.raises(TypeError, match=rf"^'targets' takes .*{says}|^'targets' {says}"):
        crosswheel.plan(lock, targets=targets)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: crosswheel.read_plan(cast("Any", 3)), "read_plan() takes a path as 'path', and not a int"),
        (
            lambda: crosswheel.check([], target=cast("Any", None)),
            "check() takes a text as 'target', and not a NoneType",
        ),
        (
            lambda: crosswheel.plan("x", session=cast("Any", "s")),
            "plan() takes a Session as 'session', and not a str",
        ),
        (
            lambda: crosswheel.plan("x", python=cast("Any", 3.12)),
            "plan() takes a text as 'python', and not a float",
        ),
        (
            lambda: crosswheel.write_plan(cast("Any", "x"), "y"),
            "write_plan() takes what plan() returns, and not a str",
        ),
        (
            lambda: crosswheel.image(
                cast("Any", None), output="x", bases="scratch", env=cast("Any", ["A=1"])
            ),
            "image() takes a mapping as 'env', and not a list",
        ),
        (lambda: crosswheel.diff(cast("Any", b"x"), "y"), "diff() takes a path as 'old', and not a bytes"),
        (lambda: crosswheel.report(cast("Any", 1)), "report() takes a path as 'source', and not a int"),
        (
            lambda: crosswheel.write_report(cast("Any", "x"), "y"),
            "write_report() takes what report() returns, and not a str",
        ),
        (lambda: crosswheel.why_failed(cast("Any", 1)), "'what' takes a path or several, and not a int"),
        (lambda: crosswheel.init(cast("Any", 1)), "init() takes a path as 'folder', and not a int"),
        (
            lambda: crosswheel.Session(jobs=cast("Any", "2")),
            "Session() takes a whole number as 'jobs', and not a str",
        ),
        (
            lambda: crosswheel.Session(jobs=cast("Any", True)),
            "Session() takes a whole number as 'jobs', and not a bool",
        ),
    ],
)
def test_arguments_of_another_type_are_told(call: Callable[[], object], says: str) -> None:
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == says


def test_a_keyword_that_is_none_is_as_one_left_out(lock: Path, session: crosswheel.Session) -> None:
    keywords: dict[str, Any] = {"python": "3.12", "extras": None, "projects": None, "upgrade": None}
    assert crosswheel.plan(lock, targets="linux_arm64", session=session, **keywords).plan.targets


def test_a_text_that_holds_nul_is_told() -> None:
    with pytest.raises(InputError, match=r"cannot use 'path' 'a.*': it holds NUL"):
        crosswheel.read_plan("a\0b")
    with pytest.raises(InputError, match=r"cannot use 'env' '1.*': it holds NUL"):
        crosswheel.image(cast("Any", None), output="x", bases="scratch", env={"A": "1\0"})
    for layers in (["l\0.tar"], [Path("l\0.tar")]):
        with pytest.raises(InputError, match=r"cannot use 'layers' 'l.*': it holds NUL"):
            crosswheel.image(cast("Any", None), output="x", bases="scratch", layers=layers)
    with pytest.raises(InputError, match=r"cannot use 'output' 'x.*': it holds NUL"):
        crosswheel.image(cast("Any", None), output=Path("x\0"), bases="scratch")
    with pytest.raises(InputError, match=r"cannot use 'layers' 'l.*': it holds NUL"):
        as_paths(iter(["l\0.tar"]), "layers")
    with pytest.raises(InputError, match=r"cannot use 'accept' 'l.*': it holds NUL"):
        as_names(iter(["l\0"]), "accept")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"compression": "bzip2"}, "cannot compress layers 'bzip2': there is no such way; use \"gzip\""),
        ({"layout": "venv"}, "cannot lay out layers 'venv': there is no such way"),
    ],
)
def test_wrong_words_for_layers_are_told(
    wrong: Mapping[str, Any], says: str, lock: Path, session: crosswheel.Session, tmp_path: Path
) -> None:
    plan = crosswheel.plan(lock, targets="linux_arm64", session=session).plan
    with pytest.raises(InputError) as caught:
        crosswheel.layers(
            plan, target="linux_arm64", output=tmp_path / "x", base=lock.parent, session=session, **wrong
        )
    assert str(caught.value).startswith(says)
    assert not (tmp_path / "x").exists()


def test_a_report_of_a_lock_and_of_its_plan_say_the_same(lock: Path, session: crosswheel.Session) -> None:
    folder = lock.parent
    of_lock = crosswheel.report(lock, targets="linux_arm64", python="3.12", session=session)
    place = folder / "wheels.plan.json"
    crosswheel.write_plan(crosswheel.plan(lock, targets="linux_arm64", python="3.12", session=session), place)
    of_plan = crosswheel.report(place, against=place)
    for made in (of_lock, of_plan):
        (package,) = made.packages
        assert (package.name, [one.state.value for one in package.targets.values()]) == ("demo", ["pure"])
    assert (of_plan.against, of_plan.differences) == (str(place.name), ())
    crosswheel.write_report(of_plan, folder / "report.html")
    assert (folder / "report.html").read_bytes().startswith(b"<!DOCTYPE html>")


def test_what_is_not_about_the_source_of_a_report_is_told(lock: Path, session: crosswheel.Session) -> None:
    place = lock.parent / "wheels.plan.json"
    crosswheel.write_plan(crosswheel.plan(lock, targets="linux_arm64", session=session), place)
    with pytest.raises(
        InputError, match="'python' would decide something a plan has decided; leave it out, or give the lock"
    ):
        crosswheel.report(place, python="3.12")
    with pytest.raises(InputError, match="'wheels' is about a plan; leave it out, or give the plan"):
        crosswheel.report(lock, targets="linux_arm64", wheels="dist")
    with pytest.raises(TypeError, match="report\\(\\) got an unexpected keyword argument 'pyhton'"):
        crosswheel.report(lock, pyhton="3.12")  # type: ignore[call-arg]


def test_why_a_build_failed_is_told_with_what_mends_it(tmp_path: Path, session: crosswheel.Session) -> None:
    assert crosswheel.why_failed(session=session) == ()
    log = tmp_path / "demo-1.0-cp312-linux_aarch64_glibc_2_28.log"
    log.write_text("a.c:1:1: fatal error: 'ev.h' file not found\n")
    (failure,) = crosswheel.why_failed(log, session=session)
    assert (failure.name, failure.version, failure.causes[0].title) == (
        "demo",
        "1.0",
        "missing header 'ev.h'",
    )
    assert failure.causes[0].configuration(failure.name, failure.target)[1] == 'sysroot = ["libev-dev"]'
    with pytest.raises(InputError, match="cannot explain failure of 'other'"):
        crosswheel.why_failed("other", session=session)


def test_a_project_begins_with_what_is_written_or_with_what_would_be(
    lock: Path, session: crosswheel.Session
) -> None:
    folder = lock.parent
    before = sorted(folder.rglob("*"))
    tried = crosswheel.init(folder, targets="linux_arm64", python="3.12", write=False, session=session)
    assert [one for one in sorted(folder.rglob("*")) if "store" not in one.parts] == before
    done = crosswheel.init(folder, targets="linux_arm64", python="3.12", session=session)
    assert done.planned is not None
    assert tried.planned is not None
    assert (tried.proposal, tried.files, tried.planned.plan.targets) == (
        done.proposal,
        done.files,
        done.planned.plan.targets,
    )
    assert (folder / "crosswheel.toml").read_bytes() == done.files["crosswheel.toml"]
    assert crosswheel.read_plan(folder / "wheels.plan.json") == done.planned.plan
    assert crosswheel.init(folder, plan=False, session=session).planned is None


def test_the_package_lists_only_what_is_meant_to_be_used() -> None:
    assert dir(crosswheel) == sorted([*crosswheel.__all__, "__version__"])


def test_an_image_is_made_verified_and_found_wrong(lock: Path, session: crosswheel.Session) -> None:
    folder = lock.parent
    plan = crosswheel.plan(
        lock, targets=["cp311-linux_aarch64_glibc_2_28", "cp311-linux_x86_64_glibc_2_28"], session=session
    ).plan
    made = crosswheel.image(
        plan,
        output=folder / "image",
        bases=str(base_layout(folder / "base")),
        base=folder,
        entrypoint=["python"],
        changes_often=plan.targets[0].wheels[0].name,
        session=session,
    )
    assert [str(one.platform) for one in made.platforms] == ["linux/arm64", "linux/amd64"]
    names = [plan.targets[0].target.id, "linux/amd64", "linux/arm64"]
    again = crosswheel.image(
        plan,
        output=folder / "again",
        bases=str(folder / "base"),
        targets=names,
        base=folder,
        entrypoint=["python"],
        changes_often=plan.targets[0].wheels[0].name,
        session=session,
    )
    assert again.digest == made.digest, "a target named twice counts once"
    report = crosswheel.verify_image(folder / "image")
    assert (report.refused, report.images) == (False, ("latest linux/arm64", "latest linux/amd64"))
    next((folder / "image/blobs/sha256").iterdir()).write_bytes(b"")
    assert crosswheel.verify_image(folder / "image").refused
    with pytest.raises(InputError, match="the path is empty"):
        crosswheel.verify_image("")


def test_a_keyword_of_an_image_that_is_none_is_told(lock: Path, session: crosswheel.Session) -> None:
    plan = crosswheel.plan(lock, targets=["linux_arm64"], session=session).plan
    with pytest.raises(TypeError, match="unexpected keyword argument 'entry'"):
        crosswheel.image(plan, output="x", bases="scratch", base=lock.parent, session=session, entry=["x"])  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="takes a sequence of texts for 'entrypoint', not one text"):
        crosswheel.image(
            plan, output="x", bases="scratch", base=lock.parent, session=session, entrypoint="python -m app"
        )
    with pytest.raises(InputError) as error:
        crosswheel.image(plan, output="x", bases="scratch", base=lock.parent, session=session, sbom="x")
    assert str(error.value) == (
        'cannot put the bill of materials \'x\': there is no such way; use "file" or "referrer" or "none"'
    )
    for wrong in (-1, 1 << 40):
        with pytest.raises(InputError, match=f"cannot use source_date_epoch '{wrong}': it is not a whole"):
            crosswheel.image(
                plan, output="x", bases="scratch", base=lock.parent, session=session, source_date_epoch=wrong
            )


def test_the_api_is_imported_when_something_of_it_is_asked_for() -> None:
    code = (
        "import sys, crosswheel; before = 'crosswheel.api' in sys.modules; "
        "print(before, all(getattr(crosswheel, name) for name in crosswheel.__all__), hasattr(crosswheel, 'nothing'))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["False", "True", "False"]
