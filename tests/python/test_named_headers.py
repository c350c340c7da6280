"""Headers that the command line or the configuration names, and those that ``crosswheel init`` writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.command_line.main import main
from lock_projects import enter_lock_project

TARGET = ("--target", "linux_arm64", "--python", "3.11")
ANEW = "make it anew with the same command without --check\n"
HEADERS = 'headers = ["linux_arm64=headers.linux_arm64.tar"]'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a lock, as the working directory, and a store of its own."""
    return enter_lock_project(tmp_path, monkeypatch)


@pytest.mark.parametrize("words", [["--nix"], ["--bazel"], ["--bazel", "--nix"], []])
def test_what_init_writes_is_current(folder: Path, words: list[str]) -> None:
    (folder / "pyproject.toml").write_text("[project]\nname = 'demo'\nversion = '1'\n")
    assert main(["init", *TARGET, *words]) == 0
    assert (HEADERS in (folder / "pyproject.toml").read_text()) is bool(words)
    made = (folder / "wheels.plan.json").read_bytes()
    assert main(["plan", "pylock.toml", "--check"]) == 0
    assert main(["plan", "pylock.toml"]) == 0
    assert (folder / "wheels.plan.json").read_bytes() == made
    assert main(["init", "--force", *words]) == 0
    assert (folder / "wheels.plan.json").read_bytes() == made
    assert main(["plan", "pylock.toml", "--check"]) == 0


def test_headers_that_a_configuration_names_stay(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = 'headers = ["linux_amd64=own.tar", "linux_arm64=headers.linux_arm64.tar"]\n'
    targets = 'targets = ["linux_amd64", "linux_arm64", "linux_s390x"]\npython = "3.11"\n'
    patched = "[packages.idna]\npatches = ['one.patch']\n"
    (folder / "crosswheel.toml").write_text(own + targets + patched)
    (folder / "own.tar").write_bytes(b"mine")
    (folder / "one.patch").write_text("--- a\n")
    assert main(["init", "--bazel", "--no-plan"]) == 0
    assert (folder / "crosswheel.toml").read_text() == own + targets + patched
    assert "headers.linux_arm64.tar" in [path.name for path in folder.iterdir()]
    assert "headers.linux_amd64.tar" not in [path.name for path in folder.iterdir()]
    build = (folder / "BUILD.bazel").read_text()
    for name in ("headers.linux_arm64.tar", "one.patch", "own.tar"):
        assert f'        "{name}",\n' in build
    assert (
        "the plan has no headers of linux_s390x for builds by Bazel or Nix, as `headers` of crosswheel.toml names none: make them with "
        "`crosswheel target pack linux_s390x --python 3.11 -o headers.linux_s390x.tar`, and write "
        '"linux_s390x=headers.linux_s390x.tar" there' in capsys.readouterr().err
    )


def test_headers_of_the_configuration_are_an_input_with_what_they_hold(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "targets = ['linux_arm64', 'linux_amd64']\npython = '3.11'\nheaders = ['linux_arm64=packs/arm64.tar']\n"
    (folder / "crosswheel.toml").write_text(said)
    (folder / "packs").mkdir()
    (folder / "packs" / "arm64.tar").write_bytes(b"one")
    assert main(["plan", "pylock.toml", "-q"]) == 0
    assert main(["plan", "pylock.toml", "-q", "--check"]) == 0
    assert main(["plan", "pylock.toml", "-q", "--target", "linux_amd64", "-o", "amd64.json"]) == 0
    (folder / "packs" / "arm64.tar").write_bytes(b"other")
    assert main(["plan", "pylock.toml", "--check"]) == 10
    assert f"changed since it was made; {ANEW}" in capsys.readouterr().err
    (folder / "crosswheel.toml").write_text(said.replace("['linux_arm64=", "['linux_s390x="))
    assert main(["plan", "pylock.toml"]) == 3
    assert (
        "crosswheel.toml: headers: cannot use headers 'linux_s390x=packs/arm64.tar': no target that is planned is "
        in (capsys.readouterr().err)
    )


@pytest.mark.parametrize(
    ("made", "checked", "why"),
    [
        (
            ["--headers", "headers.tar"],
            [],
            "it was made with --headers, which this command does not say; say what it was made with here, too; or make it anew with",
        ),
        ([], ["--headers", "headers.tar"], f"it was made without --headers; {ANEW}"),
        ([], ["--only-binary", "idna"], f"it was made without --only-binary; {ANEW}"),
        (
            ["--headers", "headers.tar", "--only-binary", "idna"],
            ["--only-binary", ":all:"],
            "it was made with --headers, which this command does not say; --only-binary changed since it was made; say what",
        ),
    ],
)
def test_an_option_that_the_plan_or_the_check_lacks_is_told_as_that(
    folder: Path, made: list[str], checked: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "headers.tar").write_bytes(b"one")
    assert main(["plan", "pylock.toml", *TARGET, *made, "-q"]) == 0
    assert main(["plan", "pylock.toml", *TARGET, *checked, "--check"]) == 10
    assert f"cannot use plan 'wheels.plan.json': {why}" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_headers_that_are_not_there_are_refused_though_nothing_is_built(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["plan", "pylock.toml", *TARGET, "--headers", "zzz"]) == 3
    assert capsys.readouterr().err == (
        "error: cannot read headers 'zzz': there is no such file or folder; "
        "give build-python, or a path or URL of headers\n"
    )


@pytest.mark.usefixtures("folder")
def test_headers_for_a_target_that_is_not_planned_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "pylock.toml", *TARGET, "--headers", "linux_s390x=build-python"]) == 3
    assert capsys.readouterr().err == (
        "error: cannot use headers 'linux_s390x=build-python': no target that is planned is "
        "linux_s390x_glibc_2_28; name one of cp311-linux_aarch64_glibc_2_28\n"
    )
