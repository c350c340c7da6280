"""The command: exit codes, where words go, and what an error looks like."""

from __future__ import annotations

import argparse
import errno
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from crosswheel import __version__
from crosswheel.command_line.commands import command_parser
from crosswheel.command_line.main import main
from crosswheel.command_line.system_errors import error_of_system
from crosswheel.values import errors
from lock_texts import HEAD, package


def test_no_command_is_a_wrong_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err.endswith(
        "crosswheel: the following arguments are required: COMMAND; see 'crosswheel --help'\n"
    )


def test_an_unknown_command_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bake"]) == 2
    assert "crosswheel: argument COMMAND: there is no 'bake'; choose from " in capsys.readouterr().err


def test_a_command_is_told_from_its_neighbours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["buld"]) == 2
    assert "there is no 'buld'; did you mean 'build'?; see 'crosswheel --help'" in capsys.readouterr().err


def test_an_option_is_told_from_its_neighbours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--jsno"]) == 2
    told = "crosswheel doctor: there is no option '--jsno'; did you mean '--json'?; see 'crosswheel doctor --help'"
    assert told in capsys.readouterr().err
    assert main(["doctor", "--qqqqqqqqq"]) == 2
    assert "crosswheel doctor: unrecognized arguments: --qqqqqqqqq; see" in capsys.readouterr().err
    assert main(["cache", "verify", "--nothing"]) == 2
    assert "crosswheel cache verify: unrecognized arguments: --nothing; see" in capsys.readouterr().err


@pytest.mark.parametrize("before", [["-v"], ["--cache-dir", "image"], ["--progress=lines", "-q"]])
def test_a_command_of_two_words_follows_options(
    before: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*before, "image", "verify", "--help"]) == 0
    assert capsys.readouterr().out.startswith("usage: crosswheel image verify ")
    assert main([*before, "completion", "words", "--", "buil"]) == 0
    assert capsys.readouterr().out.startswith("words\nbuild\t")


def test_an_empty_option_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--python", "-o", "--exclude-newer"):
        assert main(["plan", "pylock.toml", option, ""]) == 2
        assert "the value is empty" in capsys.readouterr().err


def test_an_option_with_one_value_is_given_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "a", "-o", "b", "--output", "c"]) == 2
    assert "argument -o/--output: it is given twice" in capsys.readouterr().err


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"crosswheel {__version__}\n"
    for words in (["--version", "--json"], ["--json", "--version"]):
        assert main(words) == 0
        assert json.loads(capsys.readouterr().out) == {"version": __version__}


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == __version__


def test_an_error_is_one_line_on_standard_error_with_its_own_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["build", "nowhere.toml", "--target", "linux_arm64"]) == errors.InputError.exit_code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "error: cannot read lock or plan 'nowhere.toml': No such file or directory; name a file that is there\n"
    )


def test_a_short_option_is_the_same_option_of_every_command_that_has_it() -> None:
    short_of: dict[str, set[str | None]] = {}
    long_of: dict[str, set[str]] = {}
    for action in _options_of(command_parser()):
        longs = [one for one in action.option_strings if one.startswith("--")]
        shorts = [one for one in action.option_strings if not one.startswith("--")]
        short_of.setdefault(longs[0], set()).add(shorts[0] if shorts else None)
        for short in shorts:
            long_of.setdefault(short, set()).add(longs[0])
    assert {name: meant for name, meant in long_of.items() if len(meant) > 1} == {}
    assert {name: meant for name, meant in short_of.items() if len(meant) > 1} == {}
    assert {"-t", "-o", "-j", "-q", "-v"} <= long_of.keys()


def _options_of(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:  # argparse has no other way to ask
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _options_of(command)
        elif action.option_strings:
            yield action


LOST = "error: cannot write standard output: {}; send it to where it can be written\n"
FULL, CLOSED = LOST.format("no space left on device"), LOST.format("it is closed")


@pytest.mark.parametrize(
    ("words", "streams", "code", "told"),
    [
        ("target list --json", ">/dev/full", 12, FULL),
        ("--help", ">/dev/full", 12, FULL),
        ("--version", ">&-", 12, CLOSED),
        ("target list", ">&- 2>&- <&-", 12, ""),
        ("target list -q", "2>&- >/dev/null", 0, ""),
        ("target show x --json -q", ">/dev/full", 3, FULL),
        ("target import -q -", "<&-", 3, "it is not JSON"),
    ],
)
def test_standard_streams_that_are_full_or_closed_leave_no_traceback(
    words: str, streams: str, code: int, told: str
) -> None:
    command = f"'{sys.executable}' -m crosswheel {words} {streams}"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_working_directory_that_was_removed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(["cache", "size", "--cache-dir", "x", "--json"]) == 3
    told = "cannot find the working directory: it was removed; change to a folder that is there"
    captured = capsys.readouterr()
    assert captured.err == f"error: {told}\n"
    assert json.loads(captured.out)["error"]["message"] == told


def test_what_the_system_refuses_is_told_with_the_name(capsys: pytest.CaptureFixture[str]) -> None:
    name = "n" * 300
    assert main(["check", name, "-t", "linux_arm64", "--python", "3.11", "-q"]) == 3
    assert capsys.readouterr().err == (
        f"error: cannot use file '{name}': file name too long; name one that is there and that you may use\n"
    )
    assert main(["check", name, "-t", "linux_arm64", "--python", "3.11", "-v"]) == 3
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (
            errno.ENOSPC,
            "cannot write file '/a': no space left on device; make room, or name a folder you can write to",
        ),
        (
            errno.EACCES,
            "cannot use file '/a': permission denied; name one that is there and that you may use",
        ),
    ],
)
def test_an_error_of_the_system_is_of_input_or_of_output(number: int, told: str) -> None:
    assert str(error_of_system(OSError(number, os.strerror(number), "/a"))) == told


def test_a_version_of_thousands_of_digits_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = tmp_path / "pylock.toml"
    wheel = "idna-3.10-py3-none-any.whl"
    lock.write_text(HEAD + package("idna", "3.10", wheel, marker=f"\"python_version > '{'9' * 5000}'\""))
    assert main(["plan", str(lock), "-t", "linux_arm64", "--python", "3.11", "-q", "-o", "-"]) == 3
    assert capsys.readouterr().err == (
        "error: cannot read a number: a file that was given, or a name in it, has one of thousands of digits; "
        "look for it; no version or size is so long\n"
    )


def test_a_file_never_gets_the_number_of_a_closed_standard_stream(tmp_path: Path) -> None:
    code = (
        "import os; from crosswheel.command_line.main import main; main(['target', 'list', '-q']); "
        f"print(os.open({str(tmp_path)!r}, os.O_RDONLY), file=open({str(tmp_path / 'told')!r}, 'w'))"
    )
    subprocess.run(
        ["/bin/sh", "-c", f"exec '{sys.executable}' -c \"$1\" <&- >&- 2>&-", "sh", code], check=True
    )
    assert int((tmp_path / "told").read_text()) > 2


def test_an_error_is_one_line_whatever_a_value_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["target", "show", "a\nerror: b\x1b[2J\udcff", "--python", "3.11"]) == 3
    assert capsys.readouterr().err == (
        "error: cannot parse target 'a\\nerror: b\\x1b[2J\\udcff': no such target is known; see `crosswheel target list`\n"
    )


def test_quiet_says_errors_still(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["target", "show", "linux_arm65", "--quiet"]) == errors.InputError.exit_code
    assert "error: cannot parse target 'linux_arm65'" in capsys.readouterr().err


def test_json_is_one_document_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["target", "markers", "linux_arm64", "--python", "3.12", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["markers"]["platform_machine"] == "aarch64"


def test_with_json_an_error_is_a_document_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "nowhere.toml"
    assert main(["build", str(missing), "--target", "linux_arm64", "--json"]) == 3
    captured = capsys.readouterr()
    words = f"cannot read lock or plan '{missing}': No such file or directory; name a file that is there"
    assert json.loads(captured.out) == {
        "error": {
            "class": "InputError",
            "exit_code": 3,
            "message": words,
            "faults": [{"message": words, "details": []}],
        }
    }
    assert captured.err == f"error: {words}\n"


def test_with_json_every_fault_has_its_message_and_details(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = HEAD + package("a", "1", "a-1-cp39-cp39-win32.whl") + package("b", "1", "b-1-cp39-cp39-win32.whl")
    (tmp_path / "pylock.toml").write_text(lock)
    arguments = ["--target", "linux_arm64", "--cache-dir", str(tmp_path / "store"), "--json"]
    assert main(["plan", str(tmp_path / "pylock.toml"), *arguments]) == 4
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["class"], error["exit_code"], len(error["faults"])) == ("SelectionError", 4, 2)
    assert error["message"] == error["faults"][0]["message"]
    assert [len(fault["details"]) for fault in error["faults"]] == [1, 1]


@pytest.mark.parametrize("command", ["build", "plan"])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "it is empty"),
        ("[]", "it is no plan and no lock, by its name and how it begins"),
        ("what is this", "it is no plan and no lock, by its name and how it begins"),
    ],
)
def test_what_is_neither_lock_nor_plan_is_told_before_anything_is_asked_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, content: str, why: str
) -> None:
    (tmp_path / "thing.json").write_text(content)
    assert main([command, str(tmp_path / "thing.json")]) == 3
    assert capsys.readouterr().err == (
        f"error: cannot read lock file 'thing.json': {why}; give a pylock.toml (PEP 751), a uv.lock or a "
        "requirements.txt with hashes\n"
    )


def test_a_broken_pylock_is_told_before_a_missing_target(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pylock.toml").write_text("what is this")
    assert main(["build", str(tmp_path / "pylock.toml")]) == 3
    assert "no target is named" not in capsys.readouterr().err


def test_an_empty_object_is_a_faulty_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.json").write_text("{}")
    assert main(["build", str(tmp_path / "p.json")]) == 3
    assert f"cannot read plan '{tmp_path}/p.json'" in capsys.readouterr().err


def test_a_plan_is_not_planned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.json").write_text("{}")
    assert main(["plan", str(tmp_path / "p.json")]) == 3
    assert capsys.readouterr().err == (
        "error: cannot read lock file 'p.json': it begins like a plan, which is no lock; give the lock to plan "
        "from, or the plan to `crosswheel build` or `install`\n"
    )


def test_an_option_that_decides_something_is_refused_beside_a_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "wheels.plan.json"
    plan.write_text("{}")
    assert main(["build", str(plan), "--no-binary", "numpy"]) == errors.InputError.exit_code
    assert capsys.readouterr().err == (
        f"error: cannot build plan '{plan}': --no-binary would decide something a plan has decided; "
        "plan again with that option, then build the plan\n"
    )


def test_every_error_class_has_an_exit_code_of_its_own() -> None:
    named = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]
    classes: list[type[errors.CrosswheelError]] = [one for one in named if one is not errors.FaultsError]
    codes = [thing.exit_code for thing in classes]
    assert len(set(codes)) == len(codes)
    assert 2 not in codes, "argparse's"


def test_several_faults_are_all_printed_with_their_details(capsys: pytest.CaptureFixture[str]) -> None:
    from crosswheel.command_line.chosen_console import terminal
    from crosswheel.command_line.exit_codes import _say

    faults = [
        errors.BuildError("build", name, why=why, fix="read the log", details=[f"log of {name}"])
        for name, why in (("one", "it failed"), ("two", "it was killed"))
    ]
    _say(errors.FaultsError(faults), terminal(quiet=True, verbose=False))
    assert capsys.readouterr().err == (
        "error: cannot build 'one': it failed; read the log\n    log of one\n"
        "error: cannot build 'two': it was killed; read the log\n    log of two\n"
    )


def test_what_is_below_an_error_adds_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    from crosswheel.command_line.chosen_console import terminal
    from crosswheel.command_line.exit_codes import _say

    _say(
        errors.CheckError(
            "use wheel", "a.whl", why="it does not fit", fix="use another", details=["\tb\nc.so: no"]
        ),
        terminal(quiet=True, verbose=False),
    )
    told = capsys.readouterr().err.splitlines()
    assert told == ["error: cannot use wheel 'a.whl': it does not fit; use another", "    \tb\\nc.so: no"]


def test_names_in_results_add_no_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = 'lock-version = "1.0"\ncreated-by = "x"\npackages = []\n'
    Path("pylock.toml").write_text(text)
    name = "plan\nerror: \x1b[31mforged.json"
    assert main(["plan", "pylock.toml", "--target", "linux_arm64", "-o", name]) == 0
    assert Path(name).is_file()
    told = capsys.readouterr()
    assert "plan\\nerror: \\x1b[31mforged.json: written; 1 target" in told.err
    assert not [line for line in (told.out + told.err).splitlines() if line.startswith("error")]
    wheel = "demo-1.0-py3-none-any\nerror: forged.whl"
    Path(wheel).write_bytes(b"no zip")
    main(["check", wheel, "--target", "linux_arm64"])
    told = capsys.readouterr()
    assert not [line for line in (told.out + told.err).splitlines() if line.startswith("error: forged")]


def test_equal_faults_are_told_once_and_faults_of_faults_one_by_one() -> None:
    def fault(name: str) -> errors.StoreError:
        return errors.StoreError("open store", name, why="it is read-only", fix="choose another")

    with pytest.raises(errors.StoreError, match="cannot open store 'one'"):
        errors.raise_faults([fault("one"), fault("one")])
    nested = errors.FaultsError([fault("two"), fault("three")])
    assert [str(one.value) for one in errors.FaultsError([fault("one"), nested, fault("two")]).faults] == [
        "one",
        "two",
        "three",
    ]


def test_the_summary_of_a_build_claims_no_more_than_was_done() -> None:
    from crosswheel.command_line.build_command import _verified
    from crosswheel.target.targets import parse_target_id

    assert _verified(parse_target_id("cp311-linux_aarch64_glibc_2_28")) == "all verified"
    assert _verified(parse_target_id("cp311-windows_x86_64")) == "all verified"
    unread = parse_target_id("cp313-emscripten_wasm32_2025_0")
    assert _verified(unread) == "all checked but for what binaries need"


@pytest.mark.parametrize(
    "words",
    [
        ["--json", "target", "markers", "linux_arm64", "--python", "3.12"],
        ["target", "--json", "markers", "linux_arm64", "--python", "3.12"],
        ["target", "markers", "linux_arm64", "--python", "3.12", "--json"],
    ],
)
def test_common_options_stand_anywhere(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["markers"]["python_version"] == "3.12"


def test_a_store_named_before_the_command_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--cache-dir", str(tmp_path / "own"), "cache", "dir"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'own'}\n"


@pytest.mark.parametrize("action", ["size", "verify", "prune"])
def test_where_there_is_no_store_that_is_said_and_none_is_made(
    action: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "none"
    assert main(["--cache-dir", str(folder), "cache", action]) == 0
    assert capsys.readouterr().err == f"there is no cache in {folder}\n"
    assert main(["--cache-dir", str(folder), "cache", action, "--json"]) == 0
    assert not folder.exists()


@pytest.mark.parametrize("words", [["--json"], ["bake", "--json"], ["--json", "build", "a", "--jobs", "0"]])
def test_with_json_a_wrong_command_line_is_a_document_as_well(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    error = json.loads(captured.out)["error"]
    assert (error["class"], error["exit_code"]) == ("UsageError", 2)
    assert error["message"] in captured.err
    assert captured.err.startswith("usage: crosswheel")
