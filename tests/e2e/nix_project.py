"""This repository as a flake with the plan of its example, and everything it fetches, for Nix without a network."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.fetching.index_configuration import read_fetch_settings
from crosswheel.act.planning.plan_files import read_plan
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.decide.images.base_lock import base_lock_from_json
from crosswheel.decide.plans.plan import Artifact
from crosswheel.values.digests import Digest
from e2e.crosswheel_command import shared_store
from e2e.made_by_command import MadeByCommand
from e2e.nix_program import Nix, set_up_nix
from e2e.nix_standin import standin_flake

__all__ = ["NixProject", "add_fetched", "copy_project", "make_nix_project"]

_ROOT = Path(__file__).parents[2]
_READ = ("docs/examples/", "python/", "rules/", "tests/nix/", "toolchains/")


@dataclass(frozen=True, kw_only=True, slots=True)
class NixProject:
    """This repository as a flake, with the plan of docs/examples/ten-packages.

    Attributes:
        nix: Nix.
        folder: the flake.
        standin: the flake that stands in for nixpkgs.
    """

    nix: Nix
    folder: Path
    standin: Path

    def options(self) -> tuple[str, ...]:
        """Return what every command about the flake is told."""
        return ("--override-input", "nixpkgs", f"path:{self.standin}", "--no-write-lock-file")

    def build(self, *arguments: str) -> Path:
        """Build something and return where it really is."""
        printed = self.nix(
            *("build", "--no-link", "--print-out-paths", *arguments), *self.options(), cwd=self.folder
        )
        (path,) = printed.split()
        return self.nix.file(path)

    def references(self, built: Path) -> list[str]:
        """Return the paths of the store that something built names."""
        path = "/nix/store/" + built.name
        return self.nix("--query", "--references", path, program="nix-store").split()


def make_nix_project(folder: Path, by_command: MadeByCommand) -> NixProject:
    """Copy this repository and the plan that the command line made, and have all downloads at hand.

    Copies that are alike are one to Nix: what was built of one is not built again of another.
    """
    nix = set_up_nix()
    project = copy_project(folder / "project")
    example = project / "docs" / "examples" / "ten-packages"
    for path in by_command.plan_files():
        shutil.copy(path, example)
    add_fetched(nix, example / "wheels.plan.json", example / "base.lock.json")
    return NixProject(nix=nix, folder=project, standin=standin_flake(nix, folder / "standin"))


def copy_project(folder: Path) -> Path:
    """Copy what the flake reads of this repository to `folder`, as a checkout has it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        source, wanted = _ROOT / name, "/" not in name or name.startswith(_READ)
        if wanted and (source.is_symlink() or source.is_file()):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, folder / name, follow_symlinks=False)
    return folder


def add_fetched(nix: Nix, plan: Path | None = None, base: Path | None = None) -> None:
    """Put what crosswheel itself and the derivations of `plan` and of images on `base` fetch into the store."""
    toolchains = _ROOT / "rules" / "toolchains"
    command = json.loads((toolchains / "command_wheels.json").read_text())
    pins = [
        *json.loads((toolchains / "core_wheels.json").read_text()).values(),
        command["any"],
        {"uv": command["uv"]["linux_x86_64_glibc"]},
    ]
    artifacts = [
        Artifact(sha256=Digest(wheel["sha256"]), filename=wheel["filename"], url=wheel["url"])
        for group in pins
        for wheel in group.values()
    ]
    if plan is not None:
        artifacts += read_plan(plan).artifacts.values()
    if base is not None:
        artifacts += base_lock_from_json(base.read_bytes(), name=str(base)).artifacts.values()
    with tempfile.TemporaryDirectory() as folder:
        found = fetch_artifacts(
            Store(shared_store()),
            artifacts,
            base=plan.parent if plan is not None else Path(folder),
            settings=read_fetch_settings(working_directory=Path(folder)),
            reporter=SilentReporter(),
        )
    nix.add_files({_store_name(artifact.filename): found[artifact.sha256] for artifact in artifacts})


def _store_name(filename: str) -> str:
    return re.sub("[!%~]", "-", filename)
