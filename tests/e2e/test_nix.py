"""`nix build .#wheels.aarch64`, for real and offline: a real Nix, sandboxed builds, the plan of ten packages.

nixpkgs is not to be had without a network; tests/nix/standin stands in for it.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import zipfile
from collections.abc import Callable

import pytest

from e2e.crosswheel_command import crosswheel
from e2e.exercises import EXERCISES
from e2e.folders import folder_differences
from e2e.made_by_command import MadeByCommand
from e2e.nix_project import NixProject
from e2e.target_pythons import TargetPython, run_target_python
from e2e.ten_packages import BUILT, TARGETS

pytestmark = [pytest.mark.e2e, pytest.mark.network]


def test_the_wheels_of_one_platform_are_those_of_the_command_line(
    nix_project: NixProject, by_command: MadeByCommand
) -> None:
    built = nix_project.build(".#wheels.aarch64")
    assert folder_differences(built, by_command.repository("linux_arm64")) == []
    assert len(list(built.glob("*.whl"))) == 10
    assert nix_project.references(built) == []


def test_the_wheels_of_all_platforms_are_those_of_the_command_line(
    nix_project: NixProject, by_command: MadeByCommand
) -> None:
    built = nix_project.build(".#wheels")
    assert sorted(path.name for path in built.iterdir()) == sorted(TARGETS.values())
    assert folder_differences(built, by_command.dist) == []
    assert nix_project.references(built) == []


@pytest.mark.parametrize("name", [*BUILT, "msgpack", "jinja2"])
def test_one_wheel_is_the_one_of_the_repository(
    nix_project: NixProject, by_command: MadeByCommand, name: str
) -> None:
    built = nix_project.build(f".#wheels.aarch64.packages.{name}")
    (wheel,) = built.glob("*.whl")
    assert filecmp.cmp(wheel, by_command.repository("linux_arm64") / wheel.name, shallow=False)
    assert nix_project.references(built) == []


def test_the_manifest_is_that_of_the_repository(nix_project: NixProject, by_command: MadeByCommand) -> None:
    built = nix_project.build(".#wheels.aarch64.manifest")
    assert built.read_bytes() == (by_command.repository("linux_arm64") / "manifest.json").read_bytes()
    digests = {wheel["sha256"] for wheel in json.loads(built.read_bytes())["wheels"]}
    files = by_command.repository("linux_arm64").glob("*.whl")
    assert digests == {hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_installed_tree_works_in_the_target_python(
    nix_project: NixProject, by_command: MadeByCommand, target_python: Callable[..., TargetPython]
) -> None:
    site = nix_project.build(".#wheels.aarch64.site")
    assert folder_differences(site, by_command.site("linux_arm64")) == []
    assert nix_project.references(site) == []
    code = "import platform, argon2, cffi, click, frozenlist, jinja2, msgpack, pycparser\n"
    code += "assert platform.machine() == 'aarch64'\n"
    code += "assert argon2.PasswordHasher(1, 8, 1).hash('a') and msgpack._cmsgpack\n"
    for name in BUILT:
        code += EXERCISES[name]
    done = run_target_python(target_python("aarch64"), code + "print('works')", site)
    assert (done.stdout, done.returncode) == ("works\n", 0), done.stderr


def test_layers_are_those_of_the_command_line(nix_project: NixProject, by_command: MadeByCommand) -> None:
    built = nix_project.build(".#wheels.aarch64.layer")
    assert folder_differences(built, by_command.layers) == []
    assert nix_project.references(built) == []


def test_a_layer_of_lambda_is_that_of_the_command_line(
    nix_project: NixProject, by_command: MadeByCommand
) -> None:
    built = nix_project.build(".#wheels.aarch64.lambda")
    assert filecmp.cmp(built, by_command.lambda_layer, shallow=False)
    assert nix_project.references(built) == []


def test_an_image_of_two_platforms_is_that_of_the_command_line(
    nix_project: NixProject, by_command: MadeByCommand
) -> None:
    built = nix_project.build(".#image")
    assert folder_differences(built, by_command.images) == []
    assert nix_project.references(built) == []
    said = json.loads(crosswheel("image", "verify", built, "--json", cwd=nix_project.folder))
    assert said["images"] == ["latest linux/arm64", "latest linux/amd64"]
    assert not said["refused"]


def test_an_image_of_one_platform_is_that_of_the_command_line(
    nix_project: NixProject, by_command: MadeByCommand
) -> None:
    built = nix_project.build(".#wheels.aarch64.image")
    assert folder_differences(built, by_command.image("linux_arm64")) == []


def test_a_second_build_does_nothing(nix_project: NixProject) -> None:
    nix_project.build(".#wheels")
    done = nix_project.nix.run(
        *("build", "--dry-run", "--no-link", ".#wheels", ".#wheels.aarch64.packages.crcmod"),
        *nix_project.options(),
        cwd=nix_project.folder,
    )
    assert done.returncode == 0
    assert "will be built" not in done.stderr
    assert "will be fetched" not in done.stderr


@pytest.mark.parametrize("name", ["wheels.aarch64", "wheels.aarch64.packages.markupsafe"])
def test_it_is_reproducible(nix_project: NixProject, name: str) -> None:
    nix_project.build(f".#{name}")
    nix_project.build(f".#{name}", "--rebuild")


def test_the_flake_is_sound_and_nothing_is_built_to_evaluate_it(nix_project: NixProject) -> None:
    # With --no-build nothing is written, not even the files that the check of functions reads: in a new store there are none.
    functions = ".#checks.x86_64-linux.functions.drvPath"
    nix_project.nix("eval", "--raw", functions, *nix_project.options(), cwd=nix_project.folder)
    nix_project.nix(
        *("flake", "check", "--all-systems", "--no-build"),
        *("--option", "allow-import-from-derivation", "false"),
        *nix_project.options(),
        cwd=nix_project.folder,
    )
    shown = nix_project.nix("flake", "show", "--json", *nix_project.options(), cwd=nix_project.folder)
    assert '"wheels"' in shown


def test_no_file_that_leaves_nix_holds_a_path_of_its_store(nix_project: NixProject) -> None:
    """Nix looks for its paths in files, but not inside archives."""
    for path in nix_project.build(".#wheels").rglob("*"):
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                assert [name for name in wheel.namelist() if b"/nix/store/" in wheel.read(name)] == [], path
        elif path.is_file():
            assert b"/nix/store/" not in path.read_bytes(), path
