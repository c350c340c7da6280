"""Flakes of users' own, what Nix says to their mistakes, and the attributes of nixpkgs that all of it needs."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path
from typing import cast

import pytest

from e2e.folders import folder_differences
from e2e.nix_program import OLDEST, Nix, set_up_nix
from e2e.nix_project import add_fetched, copy_project
from e2e.nix_standin import standin_flake
from http_fixture import running_server, serves

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_ROOT = Path(__file__).parents[2]
_CONTRACT = _ROOT / "tests" / "nix" / "contract.nix"
ARM, MUSL = "cp311-linux_aarch64_glibc_2_28", "cp311-linux_aarch64_musl_1_2"
AMD = "cp311-linux_x86_64_glibc_2_28"
_PLAN: dict[str, object] = {
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
def _with_builds(number: int = 1, **pins: object) -> dict[str, object]:
    environment = {"requirements": [], "toolchain": "b" * 64}
    build = {"version": "1.0", "target": ARM, "sdist": "a" * 64, "inputs": "0" * 64, "backend": "x"}
    names = ["fast", *(f"fast{one}" for one in range(1, number))]
    wheels = [{"name": name, "version": "1.0", "build": f"{name}-1.0-{ARM}"} for name in names]
    return _PLAN | {
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
        self.plan(_PLAN)

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
            "overrides.aarch64 = { };",
            "wheels",
            "cannot use the override of 'aarch64': that is a target, and an override goes by a project's name;",
        ),
        (
            "overrides.Demo = { };",
            "wheels",
            "cannot use the override of 'Demo': the plan takes its wheel as it is, and builds nothing;",
        ),
        (
            "targets = [ ];",
            "wheels.linux_arm64_musl",
            "cannot choose targets: `targets` is empty; name one at least, or leave it out for all of the plan's",
        ),
        (
            'pythons.python311 = "/own";',
            "wheels",
            "cannot use `pythons.python311`: the builds of the plan run with Python 3.11; name it by X.Y,",
        ),
        (
            "image.base = ./base.lock.json;",
            "wheels.image",
            "cannot read base lock '",
        ),
        (
            "",
            "wheels.image",
            "cannot make an image: nothing is said of it; give `image`, with a `base` at least",
        ),
        (
            'image = { base = "scratch"; entrypoint = true; };',
            "wheels",
            'cannot use `image.entrypoint`: it is a bool, and not a string; write `entrypoint = "python -m greet";`',
        ),
        (
            'image = { base = "scratch"; app = "/home/me/web:/srv"; };',
            "wheels.image",
            "cannot use `image.app`: '/home/me/web:/srv' is the text of a path outside the store, of which a build sees",
        ),
        (
            'image = { base = "scratch"; app = /home/me/web; };',
            "wheels.image",
            "cannot use `image.app`: '/home/me/web' is not there, and in a repository `git add` it,",
        ),
    ],
)
def test_a_mistake_is_told(user: _User, arguments: str, attribute: str, refusal: str) -> None:
    assert user.refusal(wheels(arguments), attribute).startswith(refusal)


def test_a_plan_that_is_not_there_is_told(user: _User) -> None:
    (user.folder / "wheels.plan.json").unlink()
    refusal = user.refusal(wheels())
    assert refusal.startswith("cannot read plan '/nix/store/")
    assert refusal.endswith(
        "-source/wheels.plan.json': there is no such file; make it with `crosswheel plan`, "
        "and in a repository `git add` it, for flakes see no other files"
    )


@pytest.mark.parametrize(
    ("plan", "refusal"),
    [
        (
            _PLAN | {"artifacts": {"a" * 64: {"filename": "demo-1.0-py3-none-any.whl"}}},
            f"`artifacts.{'a' * 64}` has neither `path` nor `url`; make it anew with `crosswheel plan`, or undo the edit",
        ),
        (
            _PLAN | {"build_platforms": None},
            "`build_platforms` is a null, and not a list; make it anew with `crosswheel plan`, or undo the edit",
        ),
    ],
)
def test_an_edited_plan_is_told_by_the_place(user: _User, plan: dict[str, object], refusal: str) -> None:
    user.plan(plan)
    assert user.refusal(wheels()).endswith(f"wheels.plan.json': {refusal}")


@pytest.mark.parametrize(
    ("plan", "refusal"),
    [
        ("./.", "-source': it is a folder, and not a file; write `plan = ./wheels.plan.json;`"),
        (
            "builtins.readFile ./wheels.plan.json",
            "': it is a text, and no path; write `plan = ./wheels.plan.json;`",
        ),
        (
            "/etc/wheels.plan.json",
            "': there is no such file; make it with `crosswheel plan`, and in a repository `git add` it, ",
        ),
    ],
)
def test_a_plan_that_is_no_file_is_told(user: _User, plan: str, refusal: str) -> None:
    told = user.refusal(wheels().replace("./wheels.plan.json", plan))
    assert told.startswith("cannot read plan '")
    assert refusal in told
    assert "\n" not in told


def test_a_lock_in_place_of_the_plan_is_told(user: _User) -> None:
    (user.folder / "wheels.plan.json").write_text('lock-version = "1.0"\n')
    refusal = user.refusal(wheels())
    assert refusal.startswith("cannot read plan '/nix/store/")
    assert refusal.endswith("': it does not begin as a JSON document does; give what `crosswheel plan` made")


def test_a_patch_in_nixpkgs_way_is_told(user: _User) -> None:
    user.plan(_with_builds())
    assert user.refusal(wheels("overrides.fast.patches = [ ./fix.patch ];")) == (
        "cannot use the override of 'fast': no build reads `patches`; name `patches` in the configuration, "
        "[tool.crosswheel.packages], and plan anew"
    )


def test_a_patch_may_have_any_name(user: _User) -> None:
    path = "my patches/fix it é.patch"
    (user.folder / path).parent.mkdir()
    (user.folder / path).write_text("text")
    plan = _with_builds()
    builds = cast("dict[str, dict[str, object]]", plan["builds"])
    builds[f"fast-1.0-{ARM}"]["patches"] = [{"path": path, "sha256": hashlib.sha256(b"text").hexdigest()}]
    user.plan(plan)
    script = user.value(wheels(), "wheels.aarch64.packages.fast.buildCommand")
    assert re.search(f"\nmkdir -p 'my patches'\ncp /nix/store/[^ ]* '{path}'\n", str(script))


@pytest.mark.parametrize("there", [True, False])
def test_a_file_beside_the_plan_is_the_one_that_was_planned_with(user: _User, there: bool) -> None:
    artifact = {"filename": "demo-1.0-py3-none-any.whl", "path": "own/demo-1.0-py3-none-any.whl"}
    user.plan(_PLAN | {"artifacts": {"a" * 64: artifact}})
    if there:
        (user.folder / "own").mkdir()
        (user.folder / artifact["path"]).write_text("another")
    said = f"cannot {'use' if there else 'find'} '{artifact['path']}': "
    assert user.refusal(wheels()).startswith(said)


def test_a_package_of_another_target_is_an_attribute_that_is_not_there(user: _User) -> None:
    """Nix says so itself, and the guide how to list what is there."""
    assert "does not provide attribute 'packages.x86_64-linux.wheels.linux_arm64_musl.packages.gone" in (
        user.refusal(wheels(), "wheels.linux_arm64_musl.packages.gone")
    )
    names = user.run(
        *(wheels(), "eval", "--json", ".#wheels.linux_arm64_musl.packages"),
        *("--apply", "builtins.attrNames"),
    )
    assert json.loads(names.stdout) == ["demo"]


def test_an_override_reaches_the_builds_of_the_project_alone(user: _User) -> None:
    user.plan(_with_builds(2))
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
    user: _User, builds: int, arguments: str, made: bool
) -> None:
    user.plan(_with_builds(builds))
    script = user.value(wheels(arguments), "wheels.aarch64.packages.fast.buildCommand")
    assert (f"-runtime-{ARM}.tar" in str(script)) == made


def test_a_python_of_the_users_own_builds(user: _User) -> None:
    user.plan(_with_builds())
    own = wheels(f'pythons."3.11" = {_PACKAGES}.zlib;')
    script = str(user.value(own, "wheels.aarch64.packages.fast.buildCommand"))
    assert re.search(r"\n--build-python\n/nix/store/\S+-zlib/bin/python3\n", script)


def test_a_toolchain_of_the_users_own_is_refused(user: _User) -> None:
    user.plan(_with_builds(toolchain={"family": "gcc"}))
    assert user.refusal(wheels()).startswith(
        f"cannot build for '{ARM}': the plan compiles with a toolchain of your own"
    )


def test_a_plan_of_another_machine_is_refused(user: _User) -> None:
    user.plan(json.loads(json.dumps(_with_builds()).replace(AMD, "cp311-linux_s390x_glibc_2_28")))
    assert "the plan holds build requirements for cp311-linux_s390x_glibc_2_28" in user.refusal(wheels())


def test_a_python_that_there_is_not_is_refused(user: _User) -> None:
    user.plan(json.loads(json.dumps(_with_builds()).replace("cp311", "cp399")))
    assert user.refusal(wheels()).startswith(
        f"cannot build for '{ARM.replace('cp311', 'cp399')}': it needs a build Python 3.99, and nixpkgs has no python399"
    )


@pytest.mark.parametrize("right", [True, False])
def test_a_file_is_fetched_from_where_the_plan_says_and_nothing_else_is_taken(
    user: _User, right: bool
) -> None:
    content = os.urandom(64)  # that no store has
    digest = hashlib.sha256(content if right else content[1:]).hexdigest()
    with running_server() as server:
        server.answers["/demo.whl"] = serves(content)
        artifact = {"filename": "demo-1.0-py3-none-any.whl", "url": f"{server.base}/demo.whl"}
        user.plan(_PLAN | {"artifacts": {digest: artifact}})
        files = (
            f'(import "${{crosswheel}}/rules/nix/artifacts.nix" {{ inherit ({_PACKAGES}) fetchurl; }}).artifactFiles'
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
    plan.write_text(json.dumps(_PLAN | {"artifacts": {digest: wheel}, "targets": targets}))
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
