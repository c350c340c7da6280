"""``crosswheel why-failed`` on the logs of real failures, and on the builds that the store remembers."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.building.build_log import place_of
from crosswheel.act.building.failed_builds import (
    FailedBuild,
    failed_builds,
    forget_failure,
    remember_failure,
)
from crosswheel.act.storage.store import Store
from crosswheel.command_line.main import main
from crosswheel.decide.failures.given_build import GivenBuild

_GOLDEN = Path(__file__).parent.parent / "golden" / "why_failed"
#: As crosswheel kept them, of releases whose known quirks were switched off where there are any.
_LOGS = sorted(_GOLDEN.glob("*.log"))
TARGET = "cp311-linux_aarch64_glibc_2_28"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)
    return Store(tmp_path / "store")


def failed(store: Store, name: str, said: str, *, version: str = "1.0") -> FailedBuild:
    filename = f"{name}-{version}-{TARGET}.log"
    log = store.artifact(store.add_bytes(said.encode(), filename), filename=filename)
    assert log is not None
    return FailedBuild(
        name=name, version=version, target=TARGET, why="its backend 'b' failed (exit code 1)", log=log
    )


@pytest.mark.parametrize("log", _LOGS, ids=lambda path: path.name.partition("-")[0])
def test_a_real_log_is_explained(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(_GOLDEN)
    assert main(["why-failed", log.name]) == 0
    told, golden = capsys.readouterr().out, log.with_suffix(".txt")
    if os.environ.get("CROSSWHEEL_UPDATE_GOLDEN"):
        golden.write_text(told)
    assert told == golden.read_text()


def test_what_failed_is_told_by_package_the_latest_first(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, header in (("first", "ev.h"), ("second", "uv.h")):
        remember_failure(store, failed(store, name, f"a.c:1:1: fatal error: '{header}' file not found\n"))
    assert main(["why-failed"]) == 0
    told = capsys.readouterr().out
    assert told.index("second 1.0") < told.index(f"first 1.0 for {TARGET}: missing header 'ev.h'")
    assert main(["why-failed", "First", "--json"]) == 0
    (failure,) = json.loads(capsys.readouterr().out)["failures"]
    assert (failure["name"], failure["version"], failure["target"]) == ("first", "1.0", TARGET)
    (cause,) = failure["causes"]
    assert cause["configuration"] == '[tool.crosswheel.packages.first]\nsysroot = ["libev-dev"]'
    assert cause["lines"] == [{"number": 1, "text": "a.c:1:1: fatal error: 'ev.h' file not found"}]


def test_what_is_named_twice_is_told_once_and_a_log_is_read_from_standard_input(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    remember_failure(store, failed(store, "first", "a.c:1:1: fatal error: 'ev.h' file not found\n"))
    assert main(["why-failed", "first", "First"]) == 0
    assert capsys.readouterr().out.count("missing header 'ev.h'") == 1
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"/bin/sh: 1: bison: not found\n")))
    assert main(["why-failed", "-"]) == 0
    assert capsys.readouterr().out.startswith("standard-input.log: missing program 'bison'\n")


def test_a_failure_is_forgotten_when_the_build_succeeds(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    for said in ("once", "again"):
        remember_failure(store, failed(store, "demo", said))
    (kept,) = failed_builds(store)
    assert kept.log.read_text() == "again"
    forget_failure(store, "demo", "2.0", TARGET)
    assert failed_builds(store) == (kept,)
    forget_failure(store, "demo", "1.0", TARGET)
    assert main(["why-failed"]) == 0
    assert capsys.readouterr() == ("", "no build failed\n")


def test_a_log_that_says_nothing_known_is_shown_by_its_end(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("build.log").write_text("line one\nsomething odd\n")
    assert main(["why-failed", "build.log"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("build.log: no cause that crosswheel knows\n  the log ends with:\n    line one\n")
    assert "what to do: read the log;" in told


def test_a_folder_hides_no_package_of_its_name(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    remember_failure(store, failed(store, "demo", "a.c:1:1: fatal error: 'ev.h' file not found\n"))
    Path("demo").mkdir()
    assert main(["why-failed", "demo"]) == 0
    assert capsys.readouterr().out.startswith(f"demo 1.0 for {TARGET}: missing header 'ev.h'\n")


def test_a_wheel_that_the_check_refused_is_told_by_that_and_not_by_the_log(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    build = failed(store, "demo", "a warning that says nothing\n")
    remember_failure(store, replace(build, why="the build never compiled a.c", fix="give the build a.h"))
    assert main(["why-failed"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"demo 1.0 for {TARGET}: its wheel is refused\n  the build never compiled a.c\n")
    assert "what to do: give the build a.h\n" in told
    assert "a warning" not in told


def test_a_copied_library_that_is_too_new_is_mended_by_shared_ones_then_by_an_older_release(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    why = (
        "it does not fit: demo.libs/libasound-1.so.2: it needs dladdr@GLIBC_2.34 of libc.so.6. It was copied from "
        "lib/aarch64-linux-gnu/libasound.so.2 of Debian trixie arm64: take the libraries from an older release of the distribution"
    )
    fix = "use another file of this release, or accept symbol-too-new"
    build = replace(failed(store, "demo", "a.c:1:1: fatal error: 'ev.h' file not found\n"), why=why, fix=fix)
    for link, suite, line in (
        ("static", "trixie", '[tool.crosswheel.packages.demo]\n    link = "shared"\n'),
        ("shared", "trixie", '[tool.crosswheel.sysroot]\n    suite = "bullseye"\n'),
        ("shared", "bullseye", '[tool.crosswheel.packages.demo]\n    sysroot = "sysroots/demo"'),
    ):
        given = GivenBuild(packages=("libasound2",), suite=suite, link=link)
        remember_failure(store, replace(build, given=given))
        assert main(["why-failed", "demo"]) == 0
        told = capsys.readouterr().out
        shown = why.partition(": take the libraries")[0]
        assert told.startswith(f"demo 1.0 for {TARGET}: library is too new 'libasound.so.2'\n  {shown}\n")
        assert line in told
        assert "accept" not in told.replace(why, "")
        assert "the log says" not in told


def test_a_folder_of_libraries_is_not_told_of_debians_releases(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    why = "it needs x@GLIBC_2.34. It was copied from lib/libx.so.1 of the sysroot: take"
    remember_failure(store, replace(failed(store, "demo", ""), why=why, fix="x"))
    assert main(["why-failed", "demo"]) == 0
    told = capsys.readouterr().out
    assert (
        "what to do: the library needs a newer glibc than the target's: give 'libx.so.1' as it is compiled"
        in told
    )
    assert "tool.crosswheel" not in told


@pytest.mark.usefixtures("store")
def test_what_is_no_file_is_no_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe")
    for word in ("pipe", ".", "./pipe"):
        assert main(["why-failed", word]) == 3
        assert capsys.readouterr().err == (
            f"error: cannot read log '{Path(word)}': it is no file; name a log or a package\n"
        )


@pytest.mark.usefixtures("store")
def test_an_empty_log_is_told_to_be_empty(capsys: pytest.CaptureFixture[str]) -> None:
    Path("build.log").write_text("\n")
    assert main(["why-failed", "build.log"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("build.log: its log is empty\n  what to do: a patch, ")
    assert "whole log" not in told


def test_a_refused_wheel_whose_build_said_nothing_has_no_log_to_read(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    build = replace(failed(store, "demo", ""), why="it does not fit", fix="use another file")
    remember_failure(store, build)
    assert main(["why-failed", "demo"]) == 0
    assert capsys.readouterr().out == (
        f"demo 1.0 for {TARGET}: its wheel is refused\n  it does not fit\n  what to do: use another file\n  its log is empty\n"
    )
    full = failed(store, "demo", "something\n").log
    assert (place_of(build.log), place_of(full)) == ("its log is empty", f"whole log: {full}")


_TOLD = (
    "it does not fit {target}: demo.libs/libasound-1.so.2: it needs dladdr@GLIBC_2.34 of libc.so.6. It was copied from "
    "lib/aarch64-linux-gnu/libasound.so.2 of Debian trixie arm64"
)
_REFUSAL = (
    f"compiling\nerror: demo-1.0-{TARGET}: cannot use wheel 'demo-1.0-cp311-cp311-linux_aarch64.whl': "
    f"{_TOLD.format(target=TARGET)}, and one more finding; older; or a newer target\n"
    f"    {_TOLD.format(target=TARGET).partition(': ')[2]} [symbol-too-new]\n    a.py: it holds x; y [build-path]\n"
)


@pytest.mark.parametrize("before", ["", "> ", "demo-1.0> ", "       > "])
@pytest.mark.parametrize("line", ['link = "shared"', 'link = "other"', ""])
def test_a_log_that_ends_with_the_refusal_of_its_wheel_tells_it(
    store: Store, capsys: pytest.CaptureFixture[str], before: str, line: str
) -> None:
    """Bazel and Nix keep nothing else, and what the error says knew what the build was given."""
    mending = f"    what mends it, in x.toml:\n        [packages.demo]\n        {line}\n" if line else ""
    said = f"{_REFUSAL}{mending}    whole log: /build/x.log\n"
    Path("nix.log").write_text("".join(before + one for one in said.splitlines(keepends=True)))
    assert main(["why-failed", "nix.log"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(
        f"demo 1.0 for {TARGET}: its wheel is refused\n  {_TOLD.format(target=TARGET)}, and one more"
    )
    assert "  what to do: older; or a newer target\n" in told
    assert (f"  in x.toml:\n    [packages.demo]\n    {line}\n" in told) == bool(line)
    assert ("[tool.crosswheel" in told) is False


def test_a_refusal_whose_remedy_is_known_is_one_of_its_causes(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = '        [tool.crosswheel.packages.demo]\n        link = "shared"\n'
    Path("nix.log").write_text(
        f"{_REFUSAL}    what mends it, in x.toml:\n{lines}    whole log: /build/x.log\n"
    )
    assert main(["why-failed", "nix.log", "--json"]) == 0
    (failure,) = json.loads(capsys.readouterr().out)["failures"]
    assert (failure["name"], failure["version"], failure["target"]) == ("demo", "1.0", TARGET)
    (cause,) = failure["causes"]
    assert cause["subject"] == "libasound.so.2"
    assert cause["configuration"] == '[tool.crosswheel.packages.demo]\nlink = "shared"'


def test_what_did_not_fail_is_refused_with_what_did(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    remember_failure(store, failed(store, "numpy", "x"))
    assert main(["why-failed", "nmupy"]) == 3
    assert capsys.readouterr().err == (
        "error: cannot explain failure of 'nmupy': no build of it failed, or a later one succeeded; did you mean 'numpy'?\n"
    )
    assert main(["why-failed", "no/such.log"]) == 3
    assert "cannot read log 'no/such.log': there is no such file" in capsys.readouterr().err
