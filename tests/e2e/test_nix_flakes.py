"""Flakes of users' own, what Nix says to their mistakes, and the attributes of nixpkgs that all of it needs."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from e2e.nix_program import OLDEST, Nix, set_up_nix
from e2e.nix_project import copy_project
from e2e.nix_standin import standin_flake

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_ROOT = Path(__file__).parents[2]
_CONTRACT = _ROOT / "tests" / "nix" / "contract.nix"
ARM, MUSL = "cp311-linux_aarch64_glibc_2_28", "cp311-linux_aarch64_musl_1_2"
_PLAN = {
    "schema": 1,
    "source_date_epoch": 315532800,
    "artifacts": {
        "a" * 64: {"filename": "demo-1!1.0-py3-none-any.whl", "url": "https://files.example/demo"},
    },
    "builds": {},
    "targets": [
        {"id": target, "wheels": [{"name": "demo", "version": "1!1.0", "artifact": "a" * 64}]}
        for target in (ARM, MUSL)
    ],
}
_FLAKE = """
{
  inputs.crosswheel.url = "path:%s";
  inputs.nixpkgs.follows = "crosswheel/nixpkgs";
  outputs = { crosswheel, nixpkgs, ... }: {
    packages.x86_64-linux.wheels = %s;
  };
}
"""
_PACKAGES = "nixpkgs.legacyPackages.x86_64-linux"


@pytest.fixture(scope="module")
def nix() -> Nix:
    return set_up_nix()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("flakes") / "project")


@pytest.fixture(scope="module")
def standin(nix: Nix, project: Path) -> Path:
    return standin_flake(nix, project.parent / "standin")


class _User:
    """A user's flake."""

    def __init__(self, nix: Nix, folder: Path, project: Path, standin: Path) -> None:
        self.nix, self.folder, self.project, self.standin = nix, folder, project, standin
        (folder / "wheels.plan.json").write_text(json.dumps(_PLAN))

    def run(self, wheels: str, *command: str) -> subprocess.CompletedProcess[str]:
        (self.folder / "flake.nix").write_text(_FLAKE % (self.project, wheels))
        return self.nix.run(
            *command,
            *("--override-input", "crosswheel/nixpkgs", f"path:{self.standin}", "--no-write-lock-file"),
            cwd=self.folder,
        )

    def value(self, wheels: str, attribute: str) -> object:
        done = self.run(wheels, "eval", "--json", f".#{attribute}")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def refusal(self, wheels: str, attribute: str = "wheels") -> str:
        done = self.run(wheels, "eval", f".#{attribute}.drvPath")
        assert done.returncode == 1
        return done.stderr.rpartition("error: ")[2].strip()


@pytest.fixture
def user(nix: Nix, project: Path, standin: Path, tmp_path: Path) -> _User:
    return _User(nix, tmp_path, project, standin)


def wheels(arguments: str = "") -> str:
    return f"crosswheel.lib.mkWheels {{ pkgs = {_PACKAGES}; plan = ./wheels.plan.json; {arguments} }}"


def test_the_library_and_the_overlay_say_the_same(user: _User) -> None:
    overlaid = f"({_PACKAGES}.extend crosswheel.overlays.default).crosswheel.mkWheels {{ plan = ./wheels.plan.json; }}"
    name = "wheels.linux_aarch64_glibc.drvPath"
    assert user.value(wheels(), name) == user.value(overlaid, name)


def test_a_platform_is_told_by_its_target(user: _User) -> None:
    target = user.value(wheels(), "wheels.linux_arm64_musl.target")
    assert isinstance(target, dict)
    assert (target["id"], target["system"], target["ociPlatform"]) == (MUSL, "aarch64-linux", "linux/arm64")


@pytest.mark.parametrize(
    ("arguments", "attribute", "refusal"),
    [
        (
            "",
            "wheels.aarch64",
            f"cannot choose target 'aarch64': it is several of the plan's; name one of {ARM}, {MUSL}",
        ),
        (
            'targets = [ "riscv64" ];',
            "wheels",
            f"cannot choose target 'riscv64': the plan has {ARM}, {MUSL}",
        ),
        (
            "overrides.numpy = { };",
            "wheels",
            "cannot use the override of 'numpy': the plan builds nothing; remove the override, or mend its name",
        ),
        (
            "",
            "wheels.image",
            "cannot make an image: nothing is said of it; give `image`, with a `base` at least",
        ),
    ],
)
def test_a_mistake_is_told(user: _User, arguments: str, attribute: str, refusal: str) -> None:
    assert user.refusal(wheels(arguments), attribute).startswith(refusal)


def test_the_template_is_a_flake_that_needs_nothing_but_a_plan(
    nix: Nix, project: Path, standin: Path, tmp_path: Path
) -> None:
    overrides = ("--override-input", "nixpkgs", f"path:{standin}", "--no-write-lock-file")
    locked = copy_project(tmp_path.parent / f"{tmp_path.name}-locked")
    nix("flake", "lock", *overrides[:3], cwd=locked)  # with nixpkgs' own lock no input would be looked for
    nix("flake", "init", "-t", f"path:{locked}", cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "flake.nix", "requirements.in"]
    (tmp_path / "wheels.plan.json").write_text(json.dumps(_PLAN))
    shown = nix(
        *("eval", "--json", ".#wheels.linux_aarch64_glibc.packages.demo.name"),
        *("--override-input", "crosswheel", f"path:{project}"),
        *(overrides[0], f"crosswheel/{overrides[1]}", *overrides[2:]),
        cwd=tmp_path,
    )
    assert json.loads(shown) == f"demo-1-1.0-{ARM}"


def _package_sets(standin: Path) -> list[str]:
    """The stand-in, and a checkout of nixpkgs (or a tree of its shape) that CROSSWHEEL_NIXPKGS names."""
    trees = [str(standin), *filter(None, [os.environ.get("CROSSWHEEL_NIXPKGS")])]
    return [f'(import {tree} {{ system = "x86_64-linux"; }})' for tree in trees]


def test_a_package_set_has_what_is_used_of_it(nix: Nix, standin: Path) -> None:
    for packages in _package_sets(standin):
        broken = nix("eval", "--impure", "--json", "--expr", f"(import {_CONTRACT} {packages}).broken")
        assert json.loads(broken) == [], packages
    nothing = nix(
        "eval",
        "--impure",
        "--json",
        "--expr",
        f"let all = import {_CONTRACT} {{ }}; in all.broken == all.names",
    )
    assert json.loads(nothing) is True


def test_the_contract_names_every_attribute_that_is_used(nix: Nix) -> None:
    used = set()
    for path in sorted((_ROOT / "rules" / "nix").glob("*.nix")):
        code = re.sub(r"#.*", "", path.read_text())
        used |= set(re.findall(r"\bpkgs\.([A-Za-z][\w.-]*)", code))
    names = set(json.loads(nix("eval", "--json", "--file", _CONTRACT, "--apply", "all: (all { }).names")))
    assert {
        name for name in used if not any(one == name or one.startswith(name + ".") for one in names)
    } == set()


def test_the_oldest_nix_evaluates_to_the_same_derivations(
    nix: Nix, project: Path, standin: Path, tmp_path: Path
) -> None:
    (tmp_path / "wheels.plan.json").write_text(json.dumps(_PLAN))
    expression = (
        f'(import {project}/rules/nix {{ pkgs = import {standin} {{ system = "x86_64-linux"; }}; }}).mkWheels '
        f"{{ plan = {tmp_path}/wheels.plan.json; }}"
    )
    asked = ("eval", "--impure", "--raw", "--expr", f"({expression}).drvPath")
    assert nix(*asked) == set_up_nix(OLDEST)(*asked)
