"""Which targets of a plan or a repository ``crosswheel image`` takes: each once, and none beside another of its platform."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from crosswheel.command_line.main import main
from crosswheel.target.targets import parse_target_id
from image_projects import enter_image_project

ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter a folder with a wheel repository, a wheel and a base."""
    enter_image_project(tmp_path, monkeypatch)


def planned(*targets: str) -> str:
    """Write a plan of one wheel for targets, and return its name."""
    lock = 'lock-version = "1.0"\ncreated-by = "t"\n[[packages]]\nname = "pure"\nversion = "1.0"\n'
    wheel = Path("in/pure-1.0-py3-none-any.whl")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    Path("pylock.toml").write_text(
        f'{lock}wheels = [{{ path = "{wheel}", hashes = {{ sha256 = "{digest}" }} }}]\n'
    )
    words = [word for target in targets for word in ("-t", target)]
    assert main(["plan", "pylock.toml", *words, "-o", "p.json", "--quiet"]) == 0
    return "p.json"


def test_two_targets_of_one_platform_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    old = "cp311-linux_aarch64_glibc_2_17"
    planned(ARM.id, old)
    capsys.readouterr()
    assert main(["image", "p.json", "--base", "base", "-o", "image", "--quiet"]) == 3
    assert capsys.readouterr().err == (
        f"error: cannot put into one image targets '{old}, {ARM.id}': both are linux/arm64, and readers take the first; name one of "
        "them with --target\n"
    )


@pytest.mark.parametrize("is_plan", [True, False], ids=["plan", "repository"])
def test_a_target_that_is_named_twice_counts_once(is_plan: bool) -> None:
    source = planned(ARM.id) if is_plan else "dist"
    for layout, names in (("once", [ARM.id]), ("twice", [ARM.id, "cp311-manylinux_2_28_aarch64"])):
        words = [word for name in names for word in ("-t", name)]
        assert main(["image", source, "--base", "base", "-o", layout, "--quiet", *words]) == 0
    assert Path("twice/index.json").read_bytes() == Path("once/index.json").read_bytes()
    other = "cp311-linux_x86_64_glibc_2_28"
    assert main(["image", source, "--base", "base", "-o", "x", "-t", ARM.id, "-t", other]) == 3
