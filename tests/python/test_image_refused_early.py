"""What of an image is refused before any wheel is fetched or built for it; and what is judged again afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import crosswheel
from crosswheel.act import target_wheels
from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.act.target_wheels import TargetWheels
from crosswheel.command_line.main import main
from crosswheel.values.errors import CheckError, CrosswheelError, OutputError
from elf_files import extension_module
from image_bases import base_layout
from layout_files import tar_of
from made_wheels import make_wheel

ARM = "cp311-linux_aarch64_glibc_2_28"


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wheel of a plan; its folder, the working directory, has a base and an application, too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    made = make_wheel(tmp_path, "pure")
    archive = f'{{ path = "{made.name}", hashes = {{ sha256 = "{digest_of_file(made).hex}" }} }}'
    lock = f'[[packages]]\nname = "pure"\nversion = "{made.name.split("-")[1]}"\nwheels = [{archive}]\n'
    (tmp_path / "pylock.toml").write_text(f'lock-version = "1.0"\ncreated-by = "t"\n{lock}')
    assert main(["plan", "pylock.toml", "-t", ARM, "-o", "p.json", "--quiet"]) == 0
    base_layout(tmp_path / "base")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/app.py").write_text("")
    return made


@pytest.fixture
def gone(wheel: Path) -> Path:
    """The folder, without the wheel: what asks for it fails otherwise."""
    wheel.unlink()
    return wheel.parent


def image(*words: str) -> int:
    usual = {"--base": "base", "-o": "image"}
    given = [part for pair in usual.items() if pair[0] not in words for part in pair]
    return main(["image", "p.json", *given, *words])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("-o taken", "the folder holds something else (it has no .crosswheel-image.json)"),
        ("-o pylock.toml", "a file is there"),
        ("-o pylock.toml/a", "not a directory"),
        ("-o image.tar", ".tar is how an archive's name ends"),
        ("-o base", "it is the base, which would be lost"),
        ("--entrypoint '", "cannot read command ''': no closing quotation"),
        ("--cmd [1]", "it begins like a Dockerfile's list, and is no list of strings"),
        ("--env NAME", "cannot read variable 'NAME': it is not of the form NAME=VALUE"),
        ("--label NAME", "cannot read label 'NAME': it is not of the form NAME=VALUE"),
        ("--annotation NAME", "cannot read annotation 'NAME': it is not of the form NAME=VALUE"),
        ("--annotation org.opencontainers.image.created=now", "it is no time as RFC 3339 has it"),
        ("--user a/b", "cannot run containers as 'a/b'"),
        ("--port 99999", "cannot expose port '99999/tcp'"),
        ("--workdir app", "cannot start containers in 'app'"),
        ("--stop-signal TERM", "cannot stop containers by 'TERM'"),
        ("--tag a//b", "cannot give an image the tag 'a//b'"),
        ("--accept nonsense", "cannot accept finding 'nonsense': there is no finding code nonsense"),
        ("--prefix venv", "cannot put wheels at prefix 'venv'"),
        ("--max-layers 0", "cannot plan layers with a budget of '0'"),
        ("--changes-often pur", "cannot give a layer of its own to project 'pur'"),
        ("--base nowhere", "cannot find base 'nowhere': there is no such file or folder"),
        ("--base base:other", "other"),
        ("--base scratch", "cannot make an image from 'scratch': nothing says where its Python will be"),
        ("--base empty.lock.json", "empty.lock.json: cannot read base lock 'schema': the key is missing"),
        ("--interpreter bin/python", "cannot run the base's Python 'bin/python'"),
        ("--interpreter /usr/bin/python3.9", "by its name it is Python 3.9"),
        ("--app nowhere", "cannot read application 'nowhere': there is no such folder"),
        ("--app src:/../x", "cannot put the application at '/../x'"),
        ("--app src --exclude nothing", "cannot exclude 'nothing': the application has no such file"),
        ("--app wrong", "the target is aarch64"),
        ("--app-file /app/a=nowhere", "cannot put into an image 'nowhere': there is no such file"),
        ("--layer nowhere.tar", "cannot read layer 'nowhere.tar': there is no such file"),
        ("--layer wrong.tar", "the target is aarch64"),
        ("--wheel nowhere-1.0-py3-none-any.whl", "nowhere-1.0-py3-none-any.whl"),
        ("--wheel made/pure-1.0-py3-none-any.whl", "a wheel of pure is in the plan already"),
        ("-t linux/s390x", "s390x"),
    ],
)
def test_it_is_told_before_any_wheel_is_fetched(
    words: str, said: str, gone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (gone / "taken").mkdir()
    (gone / "taken/other").touch()
    (gone / "empty.lock.json").write_text("{}")
    (gone / "wrong").mkdir()
    (gone / "wrong/_x.so").write_bytes(extension_module("_x", "x86_64"))
    (gone / "wrong.tar").write_bytes(tar_of({"srv/_x.so": extension_module("_x", "x86_64")}))
    make_wheel(gone / "made", "pure")
    assert image(*words.split(" ")) != 0
    told = capsys.readouterr().err
    assert said in told
    assert "fetch" not in told
    assert not (gone / "image").exists()


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        ("--base earlier/base", "earlier/base"),
        ("--app earlier/src", "earlier/src"),
        ("--app link", "link"),
        ("--app earlier/link", "earlier/link"),
        ("--app-file /srv/app.py=earlier/src/app.py", "earlier/src/app.py"),
        ("--layer earlier/layer.tar", "earlier/layer.tar"),
        ("--wheel earlier/other-1.0-py3-none-any.whl", "earlier/other-1.0-py3-none-any.whl"),
        ("earlier/p.json", "earlier/p.json"),
    ],
)
def test_what_lies_in_the_image_to_be_replaced_is_not_lost(
    words: str, lost: str, wheel: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = wheel.parent
    earlier = folder / "earlier"
    assert image("-o", "earlier") == 0
    wheel.unlink()
    base_layout(earlier / "base")
    (earlier / "src").mkdir()
    (earlier / "src/app.py").write_text("")
    (earlier / "layer.tar").write_bytes(tar_of({"srv/file": b""}))
    make_wheel(earlier, "other")
    (earlier / "p.json").write_bytes((folder / "p.json").read_bytes())
    (folder / "link").symlink_to("earlier/src")
    (earlier / "link").symlink_to("../src")
    before = sorted(earlier.rglob("*"))
    given = words.split(" ")
    plan = [] if given[0].startswith("--") else [given.pop()]
    usual = [] if "--base" in given else ["--base", "base"]
    capsys.readouterr()
    assert main(["image", *(plan or ["p.json"]), *usual, *given, "-o", "earlier"]) == 12
    assert capsys.readouterr().err == (
        f"error: cannot write image '{earlier}': {lost}, which it is made from, lies in it and would be lost; move that out of it, or "
        "name another folder\n"
    )
    assert sorted(earlier.rglob("*")) == before


def test_else_the_wheel_is_asked_for(gone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert image("--app", "src", "--quiet") == 6
    assert "cannot fetch" in capsys.readouterr().err


def test_a_build_python_for_bytecode_is_looked_for_first(
    gone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert image("--bytecode", "--build-python", "nowhere/python") == 11
    assert "nowhere/python" in capsys.readouterr().err


def test_a_wrong_time_is_told_first(
    gone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert image() == 3
    assert "cannot read variable SOURCE_DATE_EPOCH 'soon'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"output": "pylock.toml"}, "a file is there"),
        ({"application": "nowhere"}, "cannot read application 'nowhere'"),
        ({"bases": "nowhere"}, "cannot find base 'nowhere'"),
        ({"user": "a/b"}, "cannot run containers as 'a/b'"),
    ],
)
def test_python_is_told_the_same(gone: Path, changed: dict[str, Any], said: str) -> None:
    arguments = {"output": "image", "bases": "base", **changed}
    with pytest.raises(CrosswheelError, match=said):
        crosswheel.image(crosswheel.read_plan("p.json"), **arguments)


def meanwhile(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """Have `change` called while the wheels are made."""
    real = target_wheels.wheels_of_targets

    def wheels(*arguments: Any, **options: Any) -> Sequence[TargetWheels]:
        change()
        return real(*arguments, **options)

    monkeypatch.setattr(target_wheels, "wheels_of_targets", wheels)


def test_files_that_change_while_wheels_are_made_are_judged_again(
    wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = extension_module("_x", "x86_64")
    meanwhile(monkeypatch, lambda: (wheel.parent / "src/_x.so").write_bytes(binary))
    with pytest.raises(CheckError, match="the target is aarch64"):
        crosswheel.image(crosswheel.read_plan("p.json"), output="image", bases="base", application="src")
    assert not Path("image").exists()


def test_a_layer_that_changes_while_wheels_are_made_is_refused(
    wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("layer.tar").write_bytes(tar_of({"srv/a": b"1"}))
    other = tar_of({"srv/_x.so": extension_module("_x", "x86_64")})
    meanwhile(monkeypatch, lambda: Path("layer.tar").write_bytes(other))
    with pytest.raises(CheckError, match=r"layer\.tar has other bytes than its digest says"):
        crosswheel.image(crosswheel.read_plan("p.json"), output="image", bases="base", layers=["layer.tar"])
    assert not Path("image").exists()


def test_a_place_that_is_taken_while_wheels_are_made_is_refused(
    wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: Path("image").write_text("of another"))
    with pytest.raises(OutputError, match="a file is there"):
        crosswheel.image(crosswheel.read_plan("p.json"), output="image", bases="base")
    assert Path("image").read_text() == "of another"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    meanwhile(monkeypatch, lambda: found.append("wheels"))
    return found


def test_an_own_wheel_is_beside_those_of_the_plan(wheel: Path, calls: list[str]) -> None:
    own = make_wheel(wheel.parent / "own", "mine")
    assert image("--wheel", str(own), "--changes-often", "pure", "--quiet") == 0
    assert calls == ["wheels"]
    packages = json.loads(Path("image/sbom/linux-arm64.cdx.json").read_text())["components"]
    assert {"mine", "pure"} <= {one["name"] for one in packages}
