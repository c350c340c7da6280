"""``crosswheel explain`` on a lock that needs no network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crosswheel.command_line.main import main
from lock_texts import HEAD, package

TARGET = ("--target", "linux_arm64", "--python", "3.11")


@pytest.fixture
def lock_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a lock, as the working directory, and a store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    lock = HEAD + package("idna", "3.10", "idna-3.10-py3-none-any.whl", "idna-3.10.tar.gz")
    (tmp_path / "pylock.toml").write_text(lock)


@pytest.mark.usefixtures("lock_folder")
def test_explain_tells_the_choice_for_each_target(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "pylock.toml", "Idna", *TARGET, "--target", "win_amd64"]) == 0
    out = capsys.readouterr().out
    assert out.count("  chosen: idna-3.10-py3-none-any.whl") == 2
    assert out.startswith("cp311-linux_aarch64_glibc_2_28\nidna 3.10 on ")


@pytest.mark.usefixtures("lock_folder")
def test_explain_tells_tools_the_choice_field_by_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "pylock.toml", "Idna", *TARGET, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (explanation,) = told["targets"].values()
    (entry,) = explanation["entries"]
    assert (entry["name"], entry["version"], entry["error"]) == ("idna", "3.10", "")
    assert entry["chosen"]["file"] == "idna-3.10-py3-none-any.whl"
    assert {file["file"]: file["fits"] for file in entry["not_chosen"]} == {"idna-3.10.tar.gz": True}


@pytest.mark.usefixtures("lock_folder")
def test_a_package_is_named_without_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "pylock.toml", "idna==3.10", *TARGET]) == 3
    assert (
        "cannot explain package 'idna==3.10': it is no name of a package; give the name alone, without a version"
    ) in capsys.readouterr().err
