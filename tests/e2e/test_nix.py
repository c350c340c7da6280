"""`nix build .#wheels.aarch64`, for real and offline: a real Nix, sandboxed builds, the plan of ten packages.

nixpkgs is not to be had without a network; tests/nix/standin stands in for it.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from e2e.crosswheel_command import crosswheel
from e2e.exercises import EXERCISES
from e2e.folders import folder_differences
from e2e.nix_program import Nix, set_up_nix
from e2e.nix_project import add_fetched, copy_project
from e2e.nix_standin import standin_flake
from e2e.target_pythons import TargetPython, run_target_python
from e2e.ten_packages import BUILT, TARGETS, lock_base, plan_ten_packages

pytestmark = [pytest.mark.e2e, pytest.mark.network]

ARM = TARGETS["linux_arm64"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """This repository as a flake, with the plan of the example and what the command line makes of it."""

    nix: Nix
    folder: Path
    plan: Path
    standin: Path
    dist: Path

    def options(self) -> tuple[str, ...]:
        return ("--override-input", "nixpkgs", f"path:{self.standin}", "--no-write-lock-file")

    def build(self, *arguments: str) -> Path:
        """Build something and return where it really is."""
        printed = self.nix(
            *("build", "--no-link", "--print-out-paths", *arguments), *self.options(), cwd=self.folder
        )
        (path,) = printed.split()
        return self.nix.file(path)

    def references(self, built: Path) -> list[str]:
        path = "/nix/store/" + built.name
        return self.nix("--query", "--references", path, program="nix-store").split()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    nix = set_up_nix()
    folder = copy_project(tmp_path_factory.mktemp("nix") / "project")
    plan = plan_ten_packages(folder / "docs" / "examples" / "ten-packages")
    dist = folder.parent / "dist"
    crosswheel("build", plan, "-o", dist, cwd=folder.parent)
    add_fetched(nix, plan, lock_base(plan.parent))
    standin = standin_flake(nix, folder.parent / "standin")
    return Project(nix=nix, folder=folder, plan=plan, standin=standin, dist=dist)


def test_the_wheels_of_one_platform_are_those_of_the_command_line(project: Project) -> None:
    built = project.build(".#wheels.aarch64")
    assert folder_differences(built, project.dist / ARM) == []
    assert len(list(built.glob("*.whl"))) == 10
    assert project.references(built) == []


def test_the_wheels_of_all_platforms_are_those_of_the_command_line(project: Project) -> None:
    built = project.build(".#wheels")
    assert sorted(path.name for path in built.iterdir()) == sorted(TARGETS.values())
    assert folder_differences(built, project.dist) == []
    assert project.references(built) == []


@pytest.mark.parametrize("name", [*BUILT, "msgpack", "jinja2"])
def test_one_wheel_is_the_one_of_the_repository(project: Project, name: str) -> None:
    built = project.build(f".#wheels.aarch64.packages.{name}")
    (wheel,) = built.glob("*.whl")
    assert filecmp.cmp(wheel, project.dist / ARM / wheel.name, shallow=False)
    assert project.references(built) == []


def test_the_manifest_is_that_of_the_repository(project: Project) -> None:
    built = project.build(".#wheels.aarch64.manifest")
    assert built.read_bytes() == (project.dist / ARM / "manifest.json").read_bytes()
    digests = {wheel["sha256"] for wheel in json.loads(built.read_bytes())["wheels"]}
    files = (project.dist / ARM).glob("*.whl")
    assert digests == {hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_installed_tree_works_in_the_target_python(
    project: Project, target_python: Callable[..., TargetPython]
) -> None:
    site = project.build(".#wheels.aarch64.site")
    crosswheel("install", project.dist / ARM, "--dest", "site", cwd=project.dist.parent)
    assert folder_differences(site, project.dist.parent / "site") == []
    assert project.references(site) == []
    code = "import platform, argon2, cffi, click, frozenlist, jinja2, msgpack, pycparser\n"
    code += "assert platform.machine() == 'aarch64'\n"
    code += "assert argon2.PasswordHasher(1, 8, 1).hash('a') and msgpack._cmsgpack\n"
    for name in BUILT:
        code += EXERCISES[name]
    done = run_target_python(target_python("aarch64"), code + "print('works')", site)
    assert (done.stdout, done.returncode) == ("works\n", 0), done.stderr


def test_layers_are_those_of_the_command_line(project: Project) -> None:
    built = project.build(".#wheels.aarch64.layer")
    crosswheel("layer", project.plan, "--target", "linux_arm64", "-o", "layers", cwd=project.dist.parent)
    assert folder_differences(built, project.dist.parent / "layers") == []
    assert project.references(built) == []


def test_a_layer_of_lambda_is_that_of_the_command_line(project: Project) -> None:
    built = project.build(".#wheels.aarch64.lambda")
    crosswheel("lambda", project.plan, "--target", "linux_arm64", "-o", "lambda.zip", cwd=project.dist.parent)
    assert filecmp.cmp(built, project.dist.parent / "lambda.zip", shallow=False)
    assert project.references(built) == []


def test_an_image_of_two_platforms_is_that_of_the_command_line(project: Project) -> None:
    built = project.build(".#image")
    options: list[str | Path] = [
        "--base",
        project.plan.with_name("base.lock.json"),
        "--app",
        project.plan.parent / "src",
    ]
    options += ["--entrypoint", "python -m greet", "-o", "image"]
    targets = [word for target in TARGETS for word in ("--target", target)]
    crosswheel("image", project.plan, *targets, *options, cwd=project.dist.parent)
    assert folder_differences(built, project.dist.parent / "image") == []
    assert project.references(built) == []
    said = json.loads(crosswheel("image", "verify", built, "--json", cwd=project.dist.parent))
    assert said["images"] == ["latest linux/arm64", "latest linux/amd64"]
    assert not said["refused"]


def test_an_image_of_one_platform_is_that_of_the_command_line(project: Project) -> None:
    built = project.build(".#wheels.aarch64.image")
    options: list[str | Path] = [
        "--base",
        project.plan.with_name("base.lock.json"),
        "--app",
        project.plan.parent / "src",
    ]
    options += ["--target", "linux_arm64", "--entrypoint", "python -m greet", "-o", "image-arm64"]
    crosswheel("image", project.plan, *options, cwd=project.dist.parent)
    assert folder_differences(built, project.dist.parent / "image-arm64") == []


def test_a_second_build_does_nothing(project: Project) -> None:
    project.build(".#wheels")
    done = project.nix.run(
        *("build", "--dry-run", "--no-link", ".#wheels", ".#wheels.aarch64.packages.crcmod"),
        *project.options(),
        cwd=project.folder,
    )
    assert done.returncode == 0
    assert "will be built" not in done.stderr
    assert "will be fetched" not in done.stderr


@pytest.mark.parametrize("name", ["wheels.aarch64", "wheels.aarch64.packages.markupsafe"])
def test_it_is_reproducible(project: Project, name: str) -> None:
    project.build(f".#{name}")
    project.build(f".#{name}", "--rebuild")


def test_the_flake_is_sound_and_nothing_is_built_to_evaluate_it(project: Project) -> None:
    project.nix(
        *("flake", "check", "--all-systems", "--no-build"),
        *("--option", "allow-import-from-derivation", "false"),
        *project.options(),
        cwd=project.folder,
    )
    shown = project.nix("flake", "show", "--json", *project.options(), cwd=project.folder)
    assert '"wheels"' in shown


def test_no_file_that_leaves_nix_holds_a_path_of_its_store(project: Project) -> None:
    """Nix looks for its paths in files, but not inside archives."""
    for path in project.build(".#wheels").rglob("*"):
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                assert [name for name in wheel.namelist() if b"/nix/store/" in wheel.read(name)] == [], path
        elif path.is_file():
            assert b"/nix/store/" not in path.read_bytes(), path
