"""``crosswheel report`` on plans, locks, layers and images that need no network."""

from __future__ import annotations

import io
import json
import os
import pty
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.reporting.made_wheels import facts_of_repositories
from crosswheel.act.wheels.repository import RepositoryWheel, write_repository
from crosswheel.command_line.chosen_console import terminal
from crosswheel.command_line.console import Canvas, Terminal, Verbosity
from crosswheel.command_line.main import main
from crosswheel.command_line.report_tables import print_report
from crosswheel.decide.plans.plan import Plan
from crosswheel.decide.plans.plan_json import plan_digest, plan_to_json
from crosswheel.decide.reports.report import Report, ReportImage, ReportLayer
from crosswheel.render.report_words import platform_words
from crosswheel.values.digests import digest_of
from layout_files import LayoutMaker, tar_of
from lock_texts import HEAD, package
from made_wheels import make_wheel
from plan_values import ARM64, digest, whole_plan
from report_values import large_report, small_report


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a plan and a lock, as the working directory, and a store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    (tmp_path / "wheels.plan.json").write_bytes(plan_to_json(whole_plan()))
    lock = HEAD + package("idna", "3.10", "idna-3.10-py3-none-any.whl")
    lock += package("win", "1.0", "win-1.0-cp311-cp311-win_amd64.whl")
    (tmp_path / "pylock.toml").write_text(lock)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_without_a_terminal_the_matrix_is_aligned_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "wheels.plan.json"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "package  version  cp311-linux_aarch64_glibc_2_28  licence",
        "fast     1.0      to be built                     unknown",
        "idna     3.10     pure, 70 kB                     unknown",
        "",
        "target                          packages               size",
        "cp311-linux_aarch64_glibc_2_28  1 pure, 1 to be built  70 kB + 1 of unknown size",
    ]


def test_the_page_is_written_and_replaced(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "wheels.plan.json", "-o", "report.html"]) == 0
    first = (folder / "report.html").read_bytes()
    assert first.startswith(b"<!DOCTYPE html>")
    assert main(["report", "wheels.plan.json", "-o", "report.html"]) == 0
    assert (folder / "report.html").read_bytes() == first
    told = capsys.readouterr()
    assert (told.out, told.err.splitlines()) == ("", ["report.html: written"] * 2)


def test_a_dash_prints_the_page(folder: Path) -> None:
    assert main(["report", "wheels.plan.json", "-o", "report.html"]) == 0
    command = [sys.executable, "-m", "crosswheel", "report", "wheels.plan.json", "-o", "-"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=folder, capture_output=True, check=True, env=environment)
    assert (done.stdout, done.stderr) == ((folder / "report.html").read_bytes(), b"")
    assert not (folder / "-").exists()
    assert main(["report", "wheels.plan.json", "-o", "./-"]) == 0
    assert (folder / "-").is_file()


@pytest.mark.usefixtures("folder")
def test_two_documents_are_not_printed_into_one_another(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "wheels.plan.json", "-o", "-", "--json"]) == 3
    assert "cannot print report '-': --json and -o - both write standard output" in capsys.readouterr().err


def test_another_file_is_not_replaced(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / "wheels.plan.json").read_bytes()
    assert main(["report", "wheels.plan.json", "-o", "wheels.plan.json"]) != 0
    assert "cannot write report 'wheels.plan.json': a file that is no report stands there" in (
        capsys.readouterr().err
    )
    assert (folder / "wheels.plan.json").read_bytes() == before


@pytest.mark.usefixtures("folder")
def test_a_lock_shows_what_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "pylock.toml", "--target", "linux_arm64", "--python", "3.11", "--quiet"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["win", "1.0", "refused", "unknown"]
    assert "1 pure, 1 refused" in lines[5]
    assert lines[8].startswith(f"win on {ARM64.id}: cannot select a wheel for 'win 1.0': ")


def test_what_a_target_leaves_open_is_told_with_what_hangs_on_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marker = 'python_full_version >= "3.11.4"'
    lock = HEAD + package("six", "1.17", "six-1.17-py2.py3-none-any.whl", marker=f"'{marker}'")
    (folder / "pylock.toml").write_text(lock)
    words = f"depends on python_full_version (`{marker}`), which the target leaves open; '3.11.0' was taken for it"
    options = ["pylock.toml", "--target", "linux_arm64", "--python", "3.11"]
    assert main(["report", *options, "--json"]) == 0
    said = capsys.readouterr()
    (six,) = json.loads(said.out)["packages"]
    assert six["targets"]["cp311-linux_aarch64_glibc_2_28"]["open_facts"] == [words]
    assert f"warning: whether six 1.17 is installed on cp311-linux_aarch64_glibc_2_28 {words}\n" in said.err
    assert main(["explain", "pylock.toml", "six", *options[1:]]) == 0
    assert f"    whether it is installed {words}\n" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_the_data_is_there_for_tools(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "wheels.plan.json", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in told["packages"]] == ["fast", "idna"]
    assert told["schema"] == 1


def test_a_requirements_file_is_refused_without_asking_an_index(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "requirements.txt").write_text(f"idna==3.10 --hash=sha256:{digest('idna').hex}\n")
    assert main(["report", "requirements.txt", "--target", "linux_arm64"]) != 0
    assert "it names no files, and a report asks no index for them" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "why"),
    [
        (
            ["wheels.plan.json", "--no-binary", "fast"],
            "--no-binary would decide something a plan has decided",
        ),
        (["pylock.toml", "--wheels", "dist", "-t", "linux_arm64"], "--wheels is about a plan"),
        (["wheels.plan.json", "--target", "win_amd64"], "win_amd64"),
        (["wheels.plan.json", "--wheels", "nothing"], "there is no wheel repository"),
        (["wheels.plan.json", "--image", "nothing"], "cannot read image"),
        (["nothing.json"], "cannot read lock or plan"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", *words]) != 0
    assert why in capsys.readouterr().err


def test_changes_are_shown_against_an_older_plan(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = whole_plan()
    (target,) = plan.targets
    older = replace(plan, targets=(replace(target, wheels=target.wheels[:1]),))
    (folder / "old.json").write_bytes(plan_to_json(older))
    words = ["report", "wheels.plan.json", "--against", str(folder / "old.json")]
    assert main([*words, "-o", "report.html"]) == 0
    page = (folder / "report.html").read_text()
    assert (
        '<tr class="added"><th scope="row">idna</th><td class="whole">added</td><td></td><td>3.10, idna-3.10'
        in page
    )
    assert str(folder) not in page, "a place of this machine is nothing to show to others"
    assert main(words) == 0
    assert f"{ARM64.id}\n  + idna: 3.10, idna-3.10-py3-none-any.whl" in capsys.readouterr().out
    assert main(["report", "wheels.plan.json", "--against", "wheels.plan.json"]) == 0
    assert capsys.readouterr().out.endswith("changed since wheels.plan.json\nnothing\n")


def test_layers_of_an_image_are_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    maker = LayoutMaker(folder / "image")
    image = maker.image(tar_of({"a": b"a"}), tar_of({"b": b"b" * 5000}))
    maker.write(image)
    assert main(["report", "wheels.plan.json", "--image", "image", "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["images"]
    assert (shown["name"], shown["platform"]) == ("latest", "linux/arm64")
    assert [layer["name"] for layer in shown["layers"]] == ["test", "test"]
    assert shown["size"] == sum(layer["size"] for layer in shown["layers"])
    assert main(["report", "wheels.plan.json", "--image", "image", "-o", "report.html"]) == 0
    assert shown["layers"][1]["digest"] in (folder / "report.html").read_text()


def test_a_layer_that_is_said_to_hold_wheels_is_called_by_their_projects(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    maker = LayoutMaker(folder / "image")
    wheels = ["annotated_doc-0.0.7-py3-none-any.whl", "idna-3.10-py3-none-any.whl"]
    history = [{"comment": ", ".join(wheels)}, {"created_by": "nothing", "empty_layer": True}]
    maker.write(maker.image(tar_of({"a": b"a"}), tar_of({"b": b"b"}), config={"history": history}))
    assert main(["report", "wheels.plan.json", "--image", "image", "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["images"]
    assert [layer["name"] for layer in shown["layers"]] == ["annotated-doc, idna", "layer 2"]
    assert [layer["wheels"] for layer in shown["layers"]] == [wheels, []]
    assert main(["report", "wheels.plan.json", "--image", "image"]) == 0
    lines = capsys.readouterr().out.splitlines()[7:]
    assert lines[0].split()[:5] == ["#", "size", "digest", "latest,", "linux/arm64:"]
    assert lines[1].endswith("annotated-doc, idna")


def test_an_image_of_another_plan_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for wheels, told in (
        (["idna-3.10-py3-none-any.whl", "fast-1.0-cp311-cp311-linux_aarch64.whl"], ""),
        (["idna-3.9-py3-none-any.whl"], "latest was made of something else than wheels.plan.json, which has no idna-3.9-py3-none-any.whl\n"),
        (["idna-3.9-py3-none-any.whl", "other-1-py3-none-any.whl"], "idna-3.9-py3-none-any.whl and 1 more\n"),
    ):  # fmt: skip
        maker = LayoutMaker(folder / "image")
        maker.write(maker.image(tar_of({"a": b"a"}), config={"history": [{"comment": ", ".join(wheels)}]}))
        assert main(["report", "wheels.plan.json", "--image", "image"]) == 0
        err = capsys.readouterr().err
        assert err.endswith(told) if told else not err
        shutil.rmtree(folder / "image")


def test_a_folder_of_layers_is_shown_with_its_wheels(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository(folder, whole_plan())
    assert main(["layer", f"dist/{ARM64.id}", "-o", "layers"]) == 0
    for given in ("layers", "layers/layers.json"):
        capsys.readouterr()
        assert main(["report", "wheels.plan.json", "--image", given, "--json"]) == 0
        (shown,) = json.loads(capsys.readouterr().out)["images"]
        assert shown["platform"] == ARM64.id
        assert [layer["wheels"] for layer in shown["layers"]] == [["demo-1.0-py3-none-any.whl"]]


def repository(folder: Path, plan: Plan) -> None:
    """Write dist/, a repository of one wheel that counts as the plan's."""
    wheel = make_wheel(folder, files={"demo.py": b""})
    write_repository(
        folder / "dist" / ARM64.id,
        target=ARM64,
        wheels=[RepositoryWheel(path=wheel, sha256=digest_of(wheel.read_bytes()), origin="built")],
        plan_digest=plan_digest(plan),
    )


def test_wheels_of_a_repository_tell_their_size_and_licence(folder: Path) -> None:
    repository(folder, whole_plan())
    for place in (folder / "dist", folder / "dist" / ARM64.id):
        facts = facts_of_repositories(place, plan_digest(whole_plan()))
        (key,) = facts
        assert key == (ARM64.id, "demo")
        assert facts[key].filename == "demo-1.0-py3-none-any.whl"
        assert facts[key].size == (folder / "dist" / ARM64.id / facts[key].filename).stat().st_size


def test_wheels_of_another_plan_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repository(folder, replace(whole_plan(), source_date_epoch=315532802))
    assert main(["report", "wheels.plan.json", "--wheels", "dist"]) != 0
    assert "it was built from another plan" in capsys.readouterr().err


def drawn(report: Report, capsys: pytest.CaptureFixture[str], **canvas: int | bool) -> str:
    """What a terminal is shown."""
    terminal = Terminal(
        verbosity=Verbosity.NORMAL, out=sys.stdout, err=sys.stderr, live=False, canvas=Canvas(**canvas)  # type: ignore[arg-type]
    )  # fmt: skip
    print_report(report, terminal)
    return capsys.readouterr().out


def test_a_terminal_is_shown_colours_and_marks_within_its_width(capsys: pytest.CaptureFixture[str]) -> None:
    report = large_report(20)
    wide = drawn(report, capsys, width=200, colour=True)
    assert "\x1b[1;35m\N{BLACK DIAMOND} to be built" in wide
    assert "\x1b[1;31m\N{MULTIPLICATION SIGN} refused" in wide
    (row,) = (line for line in wide.splitlines() if "package-003" in line)
    assert row.count("\N{BLACK DIAMOND}") == len(report.targets), (
        "where there is room the matrix is one table"
    )


class _AsciiTerminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def test_a_terminal_that_has_no_marks_is_shown_letters_as_wide(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = large_report(20)
    plain, marked = (drawn(report, capsys, width=100, ascii=one) for one in (True, False))
    assert plain.isascii()
    assert list(map(len, plain.splitlines())) == list(map(len, marked.splitlines()))
    assert "+ to be built" in plain
    for encoding, is_ascii in (("ascii", True), ("latin-1", True), ("utf-8", False)):
        monkeypatch.setattr(sys, "stdout", _AsciiTerminal(io.BytesIO(), encoding=encoding))
        assert terminal(quiet=False, verbose=False).canvas.ascii is is_ascii


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_a_narrow_terminal_is_told_no_less(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    digest_of_layer = f"sha256:{'0123456789abcdef' * 4}"
    layers = tuple(
        ReportLayer(name=name, size=size, digest=digest_of_layer, media_type="", wheels=())
        for name, size in (
            ("alpha, beta, gamma, delta, epsilon, zeta, eta, theta, iota", 31_000_000),
            ("app", 12),
        )
    )
    report = replace(
        large_report(20), images=(ReportImage(name="latest", platform="linux/arm64", layers=layers),)
    )
    shown = drawn(report, capsys, width=width)
    lines = shown.splitlines()
    assert max(map(len, lines)) <= width
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown
    rows = " ".join(line for line in lines if "package-004 " in line)
    assert rows.count("\N{WHITE CIRCLE} pure 4.0 kB") == len(report.targets)
    assert ("1.0" in rows, "unknown" in rows) == (True, True)
    for target in report.targets:
        head, version = platform_words(target.platform)
        assert head in shown
        assert version in shown
    joined = "".join(line.strip() for line in lines)
    assert joined.count(digest_of_layer) == 2 or shown.count(digest_of_layer) == 2
    assert all(word in shown for word in ("iota", "31 MB", "12 B"))
    assert all(target.id in shown or target.id in joined for target in report.targets) or width < 60


def test_a_hostile_name_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    report = small_report()
    hostile = replace(report, packages=(replace(report.packages[0], name="\x1b[2J[red]x[/red]"),))
    assert "\\x1b[2J[red]x[/red]" in drawn(hostile, capsys)
    assert "\x1b[2J" not in drawn(hostile, capsys, width=100, colour=True)


@pytest.mark.parametrize(("no_colour", "styled"), [("", True), ("1", False)])
def test_the_command_draws_on_a_terminal_and_heeds_no_color(
    folder: Path, no_colour: str, styled: bool
) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "NO_COLOR": no_colour, "TERM": "xterm", "COLUMNS": "120"}
    command = [sys.executable, "-m", "crosswheel", "report", "wheels.plan.json"]
    done = subprocess.run(command, cwd=folder, stdout=theirs, env=environment, check=False)
    os.close(theirs)
    text = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "\N{BLACK DIAMOND} to be built" in text
    assert ("\x1b[" in text) is styled
