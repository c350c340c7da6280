"""``crosswheel layer`` on a repository: what it says, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.act.wheels.repository import RepositoryWheel, write_repository
from crosswheel.command_line.main import main
from crosswheel.values.digests import digest_of
from crosswheel.values.printable import shortened
from installing import ARM, PROGRAMS
from made_wheels import make_wheel


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    wheel = make_wheel(tmp_path / "wheels", files=PROGRAMS)
    write_repository(
        tmp_path / "dist",
        target=ARM,
        wheels=[RepositoryWheel(path=wheel, sha256=digest_of_file(wheel), origin="built")],
        plan_digest=digest_of(b"plan"),
    )
    return tmp_path / "dist"


def test_it_says_where_the_wheels_are_and_what_was_made(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "layers"
    assert main(["layer", str(repository), "--target", "linux_arm64", "-o", str(output)]) == 0
    assert capsys.readouterr().err == (
        "note: modules are in /usr/local/lib/python3.11/site-packages, and programs start with #!/usr/bin/env python3.11\n"
        f"{output}: 1 wheel for {ARM.id} in 1 layer, 0.0 MB\n"
    )


def test_json_is_the_index_of_the_folder(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "layers"
    words = ["layer", str(repository), "-o", str(output), "--json", "--prefix", "/app", "--layout", "target"]
    assert main([*words, "--interpreter", "/usr/bin/python3", "--changes-often", "demo"]) == 0
    index = json.loads((output / "layers.json").read_bytes())
    assert json.loads(capsys.readouterr().out) == {"output": str(output), **index}
    assert (index["site"], index["scripts"], index["interpreter"]) == ("/app", "/app/bin", "/usr/bin/python3")
    assert [layer["file"] for layer in index["layers"]] == ["demo.tar.gz"]


def test_source_date_epoch_changes_no_layer(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def layers(name: str) -> dict[str, bytes]:
        words = ["layer", str(repository), "-o", str(tmp_path / name), "--compression", "none", "--bytecode"]
        assert main([*words, "--quiet"]) == 0
        return {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}

    plain = layers("plain")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert layers("released") == plain
    assert any(b".pyc" in data for name, data in plain.items() if name.endswith(".tar"))


@pytest.mark.parametrize("text", ["abc", "-5", "1e9", " 5", "٣", "4354819199", "9" * 5000])
def test_a_source_date_epoch_that_no_archive_can_hold_is_refused(
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    assert main(["install", str(repository), "-o", str(tmp_path / "tree"), "--quiet"]) == 3
    assert capsys.readouterr().err == (
        f"error: cannot read variable SOURCE_DATE_EPOCH '{shortened(text)}': it is not a number of seconds from 1970 to 2107; "
        "set it to seconds since 1970 or unset it\n"
    )
    assert not (tmp_path / "tree").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--target", "linux_amd64"],
            f"cannot choose target 'linux_amd64': what is there is for {ARM.id}; name one of these, or plan again with this target",
        ),
        (
            ["--max-layers", "500"],
            "cannot plan layers with a budget of '500': an image takes from 1 to 99 layers of packages; give a number in between, or leave it out for 50",
        ),
        (
            ["--interpreter", "python"],
            "cannot start programs with interpreter 'python': it is not an absolute path; give its path on the target, for example /usr/bin/python3.11",
        ),
    ],
)
def test_what_cannot_be_done_is_told(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["layer", str(repository), "-o", str(tmp_path / "layers"), *words]) == 3
    assert capsys.readouterr().err == f"error: {said}\n"
    assert not (tmp_path / "layers").exists()


def test_a_wheel_that_is_not_the_checked_one_is_refused(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel = next(repository.glob("*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"!")
    assert main(["layer", str(repository), "-o", str(tmp_path / "layers")]) == 8
    assert capsys.readouterr().err == (
        "error: cannot use wheel 'demo-1.0-py3-none-any.whl': it is not the file the repository's manifest names; "
        "build the repository again\n"
    )


@pytest.mark.parametrize("prefix", ["/lib", "/lib64/own", "/bin/", "/sbin"])
def test_a_layer_does_not_replace_the_links_of_a_merged_system(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], prefix: str
) -> None:
    assert main(["layer", str(repository), "-o", str(tmp_path / "layers"), "--prefix", prefix]) == 3
    first = prefix.split("/")[1]
    told = capsys.readouterr().err
    assert f"/{first} is a link to usr/{first} in most systems" in told
    assert f"give /usr{prefix.rstrip('/')}, where the link leads" in told
    words = ["--prefix", "/library", "--quiet"]
    assert main(["layer", str(repository), "-o", str(tmp_path / "layers"), *words]) == 0


def test_modules_without_bytecode_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"demo/ok.py": b"x = 1\n", "demo/template.py": b"{{ name }} = \n"}
    wheel = make_wheel(tmp_path / "wheels", files=files)
    write_repository(
        tmp_path / "dist",
        target=ARM,
        wheels=[RepositoryWheel(path=wheel, sha256=digest_of_file(wheel), origin="built")],
        plan_digest=digest_of(b"plan"),
    )
    words = ["layer", str(tmp_path / "dist"), "-o", str(tmp_path / "layers"), "--bytecode"]
    told = "note: 1 module could not be compiled, no bytecode of it is there"
    assert main(words) == 0
    assert told in capsys.readouterr().err.splitlines()
    assert main([*words, "-v"]) == 0
    name = "usr/local/lib/python3.11/site-packages/demo/template.py"
    assert f"{told}: {name}" in capsys.readouterr().err.splitlines()
