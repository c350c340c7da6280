"""Flakes of users' own, what Nix says to their mistakes, and the attributes of nixpkgs that all of it needs."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import cast

import pytest

from e2e.folders import folder_differences
from e2e.nix_program import OLDEST, Nix, set_up_nix
from e2e.nix_project import add_fetched, copy_project
from e2e.nix_standin import standin_flake
from e2e.nix_user import AMD, ARM, MUSL, PACKAGES, PLAN, NixSetting, NixUser, wheels, with_builds
from http_fixture import running_server, serves

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_ROOT = Path(__file__).parents[2]
_CONTRACT = _ROOT / "tests" / "nix" / "contract.nix"


@pytest.fixture
def nix(nix_users: NixSetting) -> Nix:
    return nix_users.nix


@pytest.fixture
def project(nix_users: NixSetting) -> Path:
    return nix_users.project


@pytest.fixture
def standin(nix_users: NixSetting) -> Path:
    return nix_users.standin


@pytest.fixture
def user(nix_users: NixSetting, tmp_path: Path) -> NixUser:
    return nix_users.user(tmp_path)


def test_the_library_and_the_overlay_say_the_same(user: NixUser) -> None:
    overlaid = f"({PACKAGES}.extend crosswheel.overlays.default).crosswheel.mkWheels {{ plan = ./wheels.plan.json; }}"
    name = "wheels.linux_aarch64_glibc.drvPath"
    assert user.value(wheels(), name) == user.value(overlaid, name)


def test_a_platform_is_told_by_its_target(user: NixUser) -> None:
    target = user.value(wheels(), "wheels.linux_arm64_musl.target")
    assert isinstance(target, dict)
    assert (target["id"], target["system"], target["ociPlatform"]) == (MUSL, "aarch64-linux", "linux/arm64")


def test_a_patch_may_have_any_name(user: NixUser) -> None:
    path = "my patches/fix it é.patch"
    (user.folder / path).parent.mkdir()
    (user.folder / path).write_text("text")
    plan = with_builds()
    builds = cast("dict[str, dict[str, object]]", plan["builds"])
    builds[f"fast-1.0-{ARM}"]["patches"] = [{"path": path, "sha256": hashlib.sha256(b"text").hexdigest()}]
    user.plan(plan)
    script = user.value(wheels(), "wheels.aarch64.packages.fast.buildCommand")
    assert re.search(f"\nmkdir -p 'my patches'\ncp /nix/store/[^ ]* '{path}'\n", str(script))


def test_folders_of_a_python_and_of_libraries_may_have_any_name(user: NixUser) -> None:
    for place in ("my python é/bin", "my libs é/include"):
        (user.folder / place).mkdir(parents=True)
    (user.folder / "my python é/bin/python3").write_text("")
    user.plan(with_builds())
    arguments = (
        'pythons."3.11" = ./. + "/my python é"; overrides.fast.libraries = _: [ (./. + "/my libs é") ];'
    )
    script = str(user.value(wheels(arguments), "wheels.aarch64.packages.fast.buildCommand"))
    assert re.search(r"\n--build-python\n/nix/store/\w+-my-python---/bin/python3\n", script)
    assert re.search(r"\n'--library=my libs é/usr=/nix/store/\w+-my-libs---'\n", script)


@pytest.mark.parametrize("there", [True, False])
def test_a_file_beside_the_plan_is_the_one_that_was_planned_with(user: NixUser, there: bool) -> None:
    artifact = {"filename": "demo-1.0-py3-none-any.whl", "path": "own/demo-1.0-py3-none-any.whl"}
    user.plan(PLAN | {"artifacts": {"a" * 64: artifact}})
    if there:
        (user.folder / "own").mkdir()
        (user.folder / artifact["path"]).write_text("another")
    said = f"cannot {'use' if there else 'find'} '{artifact['path']}': "
    assert user.refusal(wheels()).startswith(said)


def test_a_package_of_another_target_is_an_attribute_that_is_not_there(user: NixUser) -> None:
    """Nix says so itself, and the guide how to list what is there."""
    assert "does not provide attribute 'packages.x86_64-linux.wheels.linux_arm64_musl.packages.gone" in (
        user.refusal(wheels(), "wheels.linux_arm64_musl.packages.gone")
    )
    names = user.run(
        *(wheels(), "eval", "--json", ".#wheels.linux_arm64_musl.packages"),
        *("--apply", "builtins.attrNames"),
    )
    assert json.loads(names.stdout) == ["demo"]


def test_an_override_reaches_the_builds_of_the_project_alone(user: NixUser) -> None:
    user.plan(with_builds(2))
    overridden = wheels('overrides.fast.requiredSystemFeatures = [ "big-parallel" ];')
    package = "wheels.aarch64.packages"
    assert user.value(overridden, f"{package}.fast.requiredSystemFeatures") == ["big-parallel"]
    assert user.value(overridden, f"{package}.fast.drvPath") != user.value(
        wheels(), f"{package}.fast.drvPath"
    )
    assert user.value(overridden, f"{package}.fast1.drvPath") == user.value(
        wheels(), f"{package}.fast1.drvPath"
    )


@pytest.mark.parametrize(
    ("builds", "arguments", "made"), [(4, "", False), (5, "", True), (5, "runtime = false;", False)]
)
def test_runtime_libraries_are_made_for_many_builds(
    user: NixUser, builds: int, arguments: str, made: bool
) -> None:
    user.plan(with_builds(builds))
    script = user.value(wheels(arguments), "wheels.aarch64.packages.fast.buildCommand")
    assert (f"-runtime-{ARM}.tar" in str(script)) == made


def test_a_python_of_the_users_own_builds(user: NixUser) -> None:
    user.plan(with_builds())
    own = wheels(f'pythons."3.11" = {PACKAGES}.zlib;')
    script = str(user.value(own, "wheels.aarch64.packages.fast.buildCommand"))
    assert re.search(r"\n--build-python\n/nix/store/\S+-zlib/bin/python3\n", script)


def test_a_toolchain_of_the_users_own_is_refused(user: NixUser) -> None:
    user.plan(with_builds(toolchain={"family": "gcc"}))
    assert user.refusal(wheels()).startswith(
        f"cannot build for '{ARM}': the plan compiles with a toolchain of your own"
    )


def test_a_plan_of_another_machine_is_refused(user: NixUser) -> None:
    user.plan(json.loads(json.dumps(with_builds()).replace(AMD, "cp311-linux_s390x_glibc_2_28")))
    assert "the plan holds build requirements for cp311-linux_s390x_glibc_2_28" in user.refusal(wheels())


def test_a_python_that_there_is_not_is_refused(user: NixUser) -> None:
    user.plan(json.loads(json.dumps(with_builds()).replace("cp311", "cp399")))
    assert user.refusal(wheels()).startswith(
        f"cannot build for '{ARM.replace('cp311', 'cp399')}': it needs a build Python 3.99, and nixpkgs has no python399"
    )


@pytest.mark.parametrize("right", [True, False])
def test_a_file_is_fetched_from_where_the_plan_says_and_nothing_else_is_taken(
    user: NixUser, right: bool
) -> None:
    content = os.urandom(64)  # that no store has
    digest = hashlib.sha256(content if right else content[1:]).hexdigest()
    with running_server() as server:
        server.answers["/demo.whl"] = serves(content)
        artifact = {"filename": "demo-1.0-py3-none-any.whl", "url": f"{server.base}/demo.whl"}
        user.plan(PLAN | {"artifacts": {digest: artifact}})
        files = (
            f'(import "${{crosswheel}}/rules/nix/artifacts.nix" {{ inherit ({PACKAGES}) fetchurl; }}).artifactFiles'
            " ./. (builtins.fromJSON (builtins.readFile ./wheels.plan.json)).artifacts"
        )
        done = user.run(f'({files})."{digest}"', "build", "--no-link", "--print-out-paths", ".#wheels")
    assert server.paths() == ["/demo.whl"]
    assert (done.returncode == 0) == right, done.stderr
    if right:
        assert user.nix.file(done.stdout.strip()).read_bytes() == content
    else:
        assert "hash mismatch" in done.stderr


def test_the_template_is_a_flake_that_needs_nothing_but_a_plan(
    nix: Nix, project: Path, standin: Path, tmp_path: Path
) -> None:
    overrides = ("--override-input", "nixpkgs", f"path:{standin}", "--no-write-lock-file")
    locked = copy_project(tmp_path.parent / f"{tmp_path.name}-locked")
    nix("flake", "lock", *overrides[:3], cwd=locked)  # with nixpkgs' own lock no input would be looked for
    nix("flake", "init", "-t", f"path:{locked}", cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "flake.nix", "requirements.in"]
    (tmp_path / "wheels.plan.json").write_text(json.dumps(PLAN))
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
        code = re.sub(r"#[^\n]*|/\*\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        used |= set(re.findall(r"\bpkgs\.([A-Za-z][\w-]*(?:\.[\w-]+)*)", code))
    names = set(json.loads(nix("eval", "--json", "--file", _CONTRACT, "--apply", "all: (all { }).names")))
    assert {
        name for name in used if not any(one == name or one.startswith(name + ".") for one in names)
    } == set()


def test_the_oldest_nix_builds_the_same(nix: Nix, project: Path, tmp_path: Path) -> None:
    """The wheels of a plan with one wheel: the stand-in, the core and a step are built by both."""
    pins = json.loads((_ROOT / "rules" / "toolchains" / "core_wheels.json").read_text())
    wheel = pins["any"]["tomli"]
    digest = wheel.pop("sha256")
    planned = {"name": "tomli", "version": wheel["filename"].split("-")[1], "artifact": digest}
    plan = tmp_path / "wheels.plan.json"
    targets = [{"id": ARM, "wheels": [planned]}]
    plan.write_text(json.dumps(PLAN | {"artifacts": {digest: wheel}, "targets": targets}))
    built = []
    for one in (nix, set_up_nix(OLDEST)):
        add_fetched(one, plan)
        standin = standin_flake(one, tmp_path / one.release.suite)
        expression = (
            f'((import {project}/rules/nix {{ pkgs = import {standin} {{ system = "x86_64-linux"; }}; }}).mkWheels '
            f"{{ plan = {plan}; }}).aarch64"
        )
        made = json.loads(one("build", "--impure", "--no-link", "--json", "--expr", expression))
        built.append(one.file(made[0]["outputs"]["out"]))
    assert built[0].name == built[1].name
    assert folder_differences(*built) == []
    assert [path.name for path in built[0].glob("*.whl")] == [wheel["filename"]]
