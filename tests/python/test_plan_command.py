"""``crosswheel plan`` on locks that need neither network nor builds."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.storage.store import Store
from crosswheel.act.target_python.load_description import load_description
from crosswheel.command_line.main import main
from crosswheel.command_line.plan_command import plan_words
from crosswheel.decide.plans.plan import BuildEnvironment
from lock_texts import HEAD, package
from plan_values import AMD64, whole_build, whole_plan

LOCK = HEAD + package("idna", "3.10", "idna-3.10-py3-none-any.whl", "idna-3.10.tar.gz")
TARGET = ("--target", "linux_arm64", "--python", "3.11")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a lock, as the working directory, and a store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    (tmp_path / "pylock.toml").write_text(LOCK)
    return tmp_path


def test_a_plan_is_written_and_tells_which_rule_completed_the_target(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "pylock.toml", *TARGET]) == 0
    plan = json.loads((folder / "wheels.plan.json").read_text())
    assert plan["targets"][0]["wheels"][0]["name"] == "idna"
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith("note: linux_arm64 is cp311-linux_aarch64_glibc_2_28: ")
    assert last == "wheels.plan.json: written; 1 target, 1 wheel, 0 of them built here"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["linux_arm64", "manylinux2014_aarch64"])
def test_a_python_nobody_named_is_told(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "pylock.toml", "--target", name]) == 0
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    told = f"note: without --python the targets' Python is this interpreter's X.Y, {version}"
    assert told in capsys.readouterr().err.splitlines()


@pytest.mark.usefixtures("folder")
def test_a_python_that_the_name_says_is_not_told_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "pylock.toml", "--target", "cp312-linux_aarch64_glibc_2_28"]) == 0
    assert "Python is" not in capsys.readouterr().err


def test_planning_again_leaves_the_file_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["plan", "pylock.toml", *TARGET])
    os.utime(folder / "wheels.plan.json", (1, 1))
    assert main(["plan", "pylock.toml", *TARGET]) == 0
    assert (folder / "wheels.plan.json").stat().st_mtime == 1
    assert "wheels.plan.json: unchanged; " in capsys.readouterr().err


def test_a_plan_holds_no_path_of_this_machine(folder: Path) -> None:
    wheel = "own-1-py3-none-any.whl"
    text = LOCK + package("own", "1", wheel).replace(
        f'url = "https://index.example/{wheel}"', f'url = "{(folder / wheel).as_uri()}"'
    )
    (folder / "pylock.toml").write_text(text)
    assert main(["plan", "pylock.toml", *TARGET]) == 0
    assert str(folder) not in (folder / "wheels.plan.json").read_text()


def test_a_fresh_plan_passes_the_check_and_nothing_is_written(folder: Path) -> None:
    def written() -> tuple[int, int, int]:
        status = (folder / "wheels.plan.json").stat()
        return status.st_ino, status.st_mtime_ns, status.st_ctime_ns  # the time of access changes by reading

    main(["plan", "pylock.toml", *TARGET])
    before = written()
    assert main(["plan", "pylock.toml", *TARGET, "--check"]) == 0
    assert written() == before


STALE = "changed since it was made; make it anew with the same command without --check\n"


def change_lock(folder: Path) -> list[str]:
    (folder / "pylock.toml").write_text(LOCK + "# another\n")
    return []


def change_configuration(folder: Path) -> list[str]:
    (folder / "crosswheel.toml").write_text("[packages.idna]\nprefer = 'wheel'\n")
    return []


def test_a_folder_in_place_of_the_configuration_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "crosswheel.toml").mkdir()
    assert main(["plan", str(folder / "pylock.toml"), "--target", "linux_arm64"]) == 3
    assert "cannot read configuration" in capsys.readouterr().err


def test_what_lies_in_a_folder_that_the_configuration_names_is_an_input(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "crosswheel.toml").write_text("[packages.idna]\nsysroot = 'libraries'\n")
    header = folder / "libraries" / "include" / "one.h"
    header.parent.mkdir(parents=True)
    header.write_text("int one;\n")
    main(["plan", "pylock.toml", *TARGET])
    assert main(["plan", "pylock.toml", *TARGET, "--check"]) == 0
    header.write_text("long one;\n")
    assert main(["plan", "pylock.toml", *TARGET, "--check"]) == 10
    assert "a file it names) changed since it was made" in capsys.readouterr().err


def change_targets(_: Path) -> list[str]:
    return ["--target", "linux_amd64"]


def change_python(_: Path) -> list[str]:
    return ["--python", "3.12"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (change_lock, "the lock file"),
        (change_configuration, "the configuration ([tool.crosswheel], crosswheel.toml or a file it names)"),
        (change_targets, "the targets (--target, --python)"),
        (change_python, "the targets (--target, --python)"),
    ],
)
def test_a_stale_plan_exits_with_10_and_names_what_changed(
    folder: Path, capsys: pytest.CaptureFixture[str], change: object, words: str
) -> None:
    main(["plan", "pylock.toml", *TARGET, "-q"])
    more = change(folder) if callable(change) else []
    assert (
        main(["plan", "pylock.toml", *(TARGET[:2] if "--python" in more else TARGET), *more, "--check", "-q"])
        == 10
    )
    assert capsys.readouterr().err == f"error: cannot use plan 'wheels.plan.json': {words} {STALE}"


def test_a_comment_in_the_configuration_makes_no_plan_stale(folder: Path) -> None:
    (folder / "crosswheel.toml").write_text("[packages.idna]\nprefer = 'wheel'\n")
    main(["plan", "pylock.toml", *TARGET])
    (folder / "crosswheel.toml").write_text("# why\n[packages.idna]\nprefer = 'wheel'\n")
    assert main(["plan", "pylock.toml", *TARGET, "--check"]) == 0


def test_another_tools_table_in_pyproject_makes_no_plan_stale(folder: Path) -> None:
    ours = "[tool.crosswheel.packages.idna]\nprefer = 'wheel'\n"
    (folder / "pyproject.toml").write_text(ours)
    main(["plan", "pylock.toml", *TARGET])
    (folder / "pyproject.toml").write_text(ours + "[tool.other]\nx = 1979-05-27\n")
    assert main(["plan", "pylock.toml", *TARGET, "--check"]) == 0


@pytest.mark.parametrize(
    ("text", "code"), [("[tool.crosswheel", 3), ("tool = 3", 0), ("[tool.other]\nx = 1", 0)]
)
def test_a_pyproject_that_is_no_toml_is_told_as_it_may_be_about_us(
    folder: Path, text: str, code: int
) -> None:
    (folder / "pyproject.toml").write_text(text)
    assert main(["plan", "pylock.toml", *TARGET, "-q", "-o", "-"]) == code
    assert main(["plan", "pylock.toml", *TARGET, "-q", "--check"]) == (code or 10)


def test_a_plan_that_is_not_there_is_stale(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "pylock.toml", *TARGET, "--check", "-q", "-o", str(folder / "no.json")]) == 10
    assert capsys.readouterr().err == (
        "error: cannot use plan 'no.json': there is no such file; "
        "make it with the same command without --check\n"
    )


@pytest.mark.usefixtures("folder")
def test_a_dash_prints_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "pylock.toml", *TARGET, "-o", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == 1


@pytest.mark.usefixtures("folder")
def test_json_tells_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "pylock.toml", *TARGET, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["plan"], told["state"], told["builds"], told["warnings"]) == (
        "wheels.plan.json",
        "written",
        [],
        [],
    )
    assert told["targets"] == [{"id": "cp311-linux_aarch64_glibc_2_28", "wheels": 1}]
    assert told["required_builds"] == {"count": 0, "depth": 0}


def test_builds_for_builds_are_counted_in_words() -> None:
    environment = BuildEnvironment(requirements=(), toolchain=None, builds=("tool-1-x",))
    tool = replace(whole_build(), id="tool-1-x", environments={}, overlays=())
    plan = replace(
        whole_plan(),
        builds={
            whole_build().id: replace(whole_build(), environments={"x": environment}, overlays=()),
            tool.id: tool,
        },
    )
    assert plan_words(plan) == (
        "1 target, 2 wheels, 1 of them built here, and 1 build requirement built for these, up to 1 deep"
    )
    assert plan_words(whole_plan()) == "1 target, 2 wheels, 1 of them built here"


def test_targets_and_python_come_from_the_configuration_if_none_is_named(folder: Path) -> None:
    (folder / "crosswheel.toml").write_text('targets = ["linux_amd64"]\npython = "3.12"\n')
    assert main(["plan", "pylock.toml"]) == 0
    plan = json.loads((folder / "wheels.plan.json").read_text())
    assert [target["id"] for target in plan["targets"]] == ["cp312-linux_x86_64_glibc_2_28"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "doing"),
    [
        (["plan", "pylock.toml"], "plan"),
        (["build", "pylock.toml"], "build"),
        (["report", "pylock.toml"], "report on"),
        (["explain", "pylock.toml", "six"], "explain"),
    ],
)
def test_no_target_at_all_is_refused(
    words: list[str], doing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 3
    assert capsys.readouterr().err == (
        f"error: cannot {doing} 'pylock.toml': no target is named; give --target, for example --target linux_arm64, "
        "or list targets in the configuration\n"
    )


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("text", ["yesterdayish", "2 weeks", "2026-01-31T12:00:00", "2026-1-31", "20260131"])
def test_exclude_newer_takes_only_times_that_mean_the_same_tomorrow(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "pylock.toml", *TARGET, "--exclude-newer", text]) == 3
    assert capsys.readouterr().err == (
        f"error: cannot use --exclude-newer '{text}': it is neither a date nor an RFC 3339 timestamp; "
        "write for example 2026-01-31 or 2026-01-31T12:00:00Z\n"
    )


@pytest.mark.usefixtures("folder")
def test_exclude_newer_names_a_day_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "pylock.toml", *TARGET, "--exclude-newer", "2026-02-30"]) == 3
    assert "cannot use --exclude-newer '2026-02-30': there is no such time: " in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "text",
    ["2026-01-31", "2026-01-31T12:00:00Z", "2026-01-31t12:00:00.123456789z", "2026-01-31 12:00:00+02:00"],
)
def test_exclude_newer_takes_dates_and_rfc_3339(text: str) -> None:
    assert main(["plan", "pylock.toml", *TARGET, "--exclude-newer", text]) == 0


def test_a_description_that_serves_no_planned_target_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "own.json").write_text(json.dumps(load_description(AMD64).to_json()))
    assert main(["plan", "pylock.toml", *TARGET, "--description", "own.json"]) == 3
    assert capsys.readouterr().err == (
        "error: cannot use target description 'own.json': it describes cp311-linux_x86_64_glibc, and no target "
        "that is planned is that; leave it out, or give one of cp311-linux_aarch64_glibc\n"
    )
    assert main(["plan", "pylock.toml", "-t", "linux_amd64", "--python=3.11", "--description=own.json"]) == 0


@pytest.mark.usefixtures("folder")
def test_two_names_of_one_target_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "pylock.toml", *TARGET, "--target", "aarch64-linux"]) == 3
    assert capsys.readouterr().err == (
        "error: cannot plan for target 'aarch64-linux': it means cp311-linux_aarch64_glibc_2_28, and so does "
        "'linux_arm64'; name each target once\n"
    )


def test_all_that_cannot_be_selected_is_told_and_nothing_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "pylock.toml").write_text(
        LOCK + package("w", "1", "w-1-py3-none-win32.whl") + package("v", "1", "v-1-py3-none-win_amd64.whl")
    )
    assert main(["plan", "pylock.toml", *TARGET, "--no-binary", "nobody", "-q"]) == 3
    errors = capsys.readouterr().err
    assert [name in errors for name in ("'w 1'", "'v 1'", "--no-binary nobody")] == [True, True, True]
    assert not (folder / "wheels.plan.json").exists()


def test_accepting_a_finding_no_check_makes_is_refused_before_anything_is_built(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "crosswheel.toml").write_text(
        "[packages.idna]\naccept = ['bare-sufix', 'build-machine-headers']\n"
    )
    assert main(["plan", "pylock.toml", *TARGET, "-q"]) == 3
    assert capsys.readouterr().err == (
        "error: crosswheel.toml: packages.idna: cannot accept finding 'bare-sufix': "
        "there is no finding code bare-sufix; did you mean bare-suffix\n"
    )


def test_a_wrong_size_is_refused_though_nothing_has_to_be_fetched(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = Store(folder / "store").add_bytes(b"wheel", "idna-3.10-py3-none-any.whl")
    wheel = f'name = "idna-3.10-py3-none-any.whl", url = "https://x/idna-3.10-py3-none-any.whl", size = 7, hashes = {{sha256 = "{digest}"}}'
    (folder / "pylock.toml").write_text(
        f'{HEAD}[[packages]]\nname = "idna"\nversion = "3.10"\nwheels = [{{{wheel}}}]\n'
    )
    assert main(["plan", "pylock.toml", *TARGET]) == 6
    assert "the file of its SHA-256 has 5 bytes, not the 7 that were locked" in capsys.readouterr().err
    assert not (folder / "wheels.plan.json").exists()


def test_a_broken_earlier_plan_is_replaced_and_mentioned(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "wheels.plan.json").write_text("{")
    assert main(["plan", "pylock.toml", *TARGET]) == 0
    assert "nothing is taken over from wheels.plan.json: it is not JSON" in capsys.readouterr().err
    assert json.loads((folder / "wheels.plan.json").read_text())["schema"] == 1


def test_an_empty_file_is_no_earlier_plan(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "wheels.plan.json").touch()  # as `mktemp` does
    assert main(["plan", "pylock.toml", *TARGET]) == 0
    assert "taken over" not in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "file").write_text("")
    assert main(["plan", "pylock.toml", *TARGET, "-q", "-o", "file/p.json"]) == 12
    assert capsys.readouterr().err.startswith("error: cannot write file 'file/p.json': ")


@pytest.mark.usefixtures("folder")
def test_a_name_means_the_same_in_any_spelling_when_the_plan_is_checked() -> None:
    assert main(["plan", "pylock.toml", *TARGET, "--only-binary", "Idna"]) == 0
    assert main(["plan", "pylock.toml", *TARGET, "--only-binary", "IDNA", "--check"]) == 0
    assert main(["plan", "pylock.toml", *TARGET, "--no-binary", "idna", "--check"]) == 10


AMD64_TOO = ("--target", "manylinux_2_28_x86_64")
SAME_PLAN = [
    ([*TARGET, *AMD64_TOO], ["--target", "linux_amd64", *TARGET]),
    (["--only-binary", "idna,attrs"], ["--only-binary", "Attrs", "--only-binary", "idna,idna"]),
    (["--only-binary", ":all:"], ["--only-binary", "idna,:none:,:all:"]),
    (["--only-binary", "idna"], ["--no-binary", "idna,:none:", "--only-binary", "idna"]),
    (["--group", "a", "--group", "b"], ["--group", "b", "--group", "a", "--group", "b"]),
    (["--extra", "x", "--extra", "y"], ["--extra", "y", "--extra", "x", "--extra", "x"]),
    (["--headers", "linux_arm64=build-python"], ["--headers", "manylinux_2_28_aarch64=build-python"]),
]


@pytest.mark.parametrize(("first", "second"), SAME_PLAN)
def test_options_that_mean_the_same_give_one_plan(folder: Path, first: list[str], second: list[str]) -> None:
    head = HEAD.replace("created-by", "extras = ['x', 'y']\ndependency-groups = ['a', 'b']\ncreated-by")
    attrs = package("attrs", "25.1", "attrs-25.1-py3-none-any.whl")
    (folder / "pylock.toml").write_text(LOCK.replace(HEAD, head) + attrs)
    common = ["plan", "pylock.toml", *([] if "--target" in first else TARGET), "-q"]
    assert main([*common, *first, "-o", "first.json"]) == 0
    assert main([*common, *second, "-o", "second.json"]) == 0
    assert (folder / "first.json").read_bytes() == (folder / "second.json").read_bytes()
    assert main([*common, *second, "-o", "first.json", "--check"]) == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["--only-binary", "idna"], ["--only-binary", "idna,:all:"]),
        (["--only-binary", ":all:"], ["--only-binary", ":all:,:none:"]),
        (["--target", "linux_amd64"], ["--target", "linux_arm64"]),
    ],
)
@pytest.mark.usefixtures("folder")
def test_options_that_mean_something_else_make_a_plan_stale(first: list[str], second: list[str]) -> None:
    common = ["plan", "pylock.toml", *([] if "--target" in first else TARGET), "-q"]
    assert main([*common, *first]) == 0
    assert main([*common, *second, "--check"]) == 10


@pytest.mark.parametrize("name", ["pylock.toml", "notes.txt"])
def test_a_file_that_is_no_plan_is_never_replaced(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "notes.txt").write_text("mine\n")
    before = (folder / name).read_bytes()
    assert main(["plan", "pylock.toml", *TARGET, "-q", "-o", name]) == 12
    assert capsys.readouterr().err.startswith(
        f"error: cannot write plan '{name}': a file that is no plan stands"
    )
    assert (folder / name).read_bytes() == before


def test_what_a_quirk_accepts_of_builds_is_nothing_a_published_wheel_must_have(folder: Path) -> None:
    wheel = "pillow-12.0.0-cp311-cp311-manylinux_2_28_aarch64.whl"
    (folder / "pylock.toml").write_text(HEAD + package("pillow", "12.0.0", wheel))
    assert main(["plan", "pylock.toml", *TARGET, "-q"]) == 0
    assert json.loads((folder / "wheels.plan.json").read_text()).get("accept", {}) == {}


def test_an_absolute_path_of_the_lock_is_relative_in_the_plan(folder: Path) -> None:
    wheel = "own-1-py3-none-any.whl"
    text = LOCK + package("own", "1", wheel).replace(
        f'url = "https://index.example/{wheel}"', f'path = "{folder / wheel}"'
    )
    (folder / "pylock.toml").write_text(text)
    assert main(["plan", "pylock.toml", *TARGET, "-q"]) == 0
    paths = [
        one.get("path") for one in json.loads((folder / "wheels.plan.json").read_text())["artifacts"].values()
    ]
    assert wheel in paths
    assert main(["plan", "pylock.toml", *TARGET, "--check"]) == 0
