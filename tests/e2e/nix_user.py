"""A user's own flake with a small plan."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from e2e.nix_program import Nix, set_up_nix
from e2e.nix_project import copy_project
from e2e.nix_standin import standin_flake

ARM, MUSL = "cp311-linux_aarch64_glibc_2_28", "cp311-linux_aarch64_musl_1_2"
AMD = "cp311-linux_x86_64_glibc_2_28"
PLAN: dict[str, object] = {
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


#: A plan that builds `fast` for one of these, by the machine.
def with_builds(number: int = 1, **pins: object) -> dict[str, object]:
    environment = {"requirements": [], "toolchain": "b" * 64}
    build = {"version": "1.0", "target": ARM, "sdist": "a" * 64, "inputs": "0" * 64, "backend": "x"}
    names = ["fast", *(f"fast{one}" for one in range(1, number))]
    wheels = [{"name": name, "version": "1.0", "build": f"{name}-1.0-{ARM}"} for name in names]
    return PLAN | {
        "artifacts": {
            digest * 64: {"filename": digest, "url": f"https://files.example/{digest}"} for digest in "ab"
        },
        "builds": {
            f"{name}-1.0-{ARM}": {**build, "name": name, "environments": {AMD: environment}} for name in names
        },
        "targets": [{"id": ARM, "wheels": wheels, **pins}],
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
PACKAGES = "nixpkgs.legacyPackages.x86_64-linux"


class NixUser:
    """A user's flake."""

    def __init__(self, nix: Nix, folder: Path, project: Path, standin: Path) -> None:
        self.nix, self.folder, self.project, self.standin = nix, folder, project, standin
        self.plan(PLAN)

    def plan(self, plan: dict[str, object]) -> None:
        (self.folder / "wheels.plan.json").write_text(json.dumps(plan))

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


def wheels(arguments: str = "") -> str:
    return f"crosswheel.lib.mkWheels {{ pkgs = {PACKAGES}; plan = ./wheels.plan.json; {arguments} }}"


@dataclass(frozen=True, kw_only=True, slots=True)
class NixSetting:
    """What users' flakes are tried with.

    Attributes:
        nix: Nix.
        project: crosswheel's own flake.
        standin: the flake in place of nixpkgs.
    """

    nix: Nix
    project: Path
    standin: Path

    def user(self, folder: Path) -> NixUser:
        return NixUser(self.nix, folder, self.project, self.standin)


def set_up_users(folder: Path) -> NixSetting:
    nix, project = set_up_nix(), copy_project(folder / "project")
    return NixSetting(nix=nix, project=project, standin=standin_flake(nix, folder / "standin"))
