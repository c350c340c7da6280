"""What Nix says to mistakes in a user's flake, in a plan's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.nix_user import ARM, MUSL, PLAN, NixSetting, NixUser, wheels, with_builds

pytestmark = [pytest.mark.e2e, pytest.mark.network]


@pytest.fixture
def user(nix_users: NixSetting, tmp_path: Path) -> NixUser:
    return nix_users.user(tmp_path)


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
            'pythons."3.11" = "/usr";',
            "wheels",
            "cannot use `pythons.\"3.11\"`: '/usr' is the text of a path outside the store, of which a build sees",
        ),
        (
            'pythons."3.11" = "${nixpkgs.legacyPackages.x86_64-linux.python311}/bin/python3";',
            "wheels",
            'cannot use `pythons."3.11"`: \'/nix/store/',
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
def test_a_mistake_is_told(user: NixUser, arguments: str, attribute: str, refusal: str) -> None:
    assert user.refusal(wheels(arguments), attribute).startswith(refusal)


@pytest.mark.parametrize("option", ["app = ./linked", 'app-file."/srv/a" = ./linked', "layer = [ ./linked ]"])
def test_a_link_is_told(user: NixUser, option: str) -> None:
    """The command line follows it; of Nix' copy nothing is left but the link."""
    (user.folder / "real").mkdir()
    (user.folder / "linked").symlink_to("real")
    told = user.refusal(wheels(f'image = {{ base = "scratch"; {option}; }};'), "wheels.image")
    assert told.startswith("cannot use `image.")
    assert (
        "-source/linked' is a symbolic link, of which Nix takes the link alone: name what it leads to; write "
        in told
    )


def test_a_link_to_a_folder_of_a_library_is_told(user: NixUser) -> None:
    user.plan(with_builds())
    (user.folder / "linked").symlink_to(".")
    told = user.refusal(wheels("overrides.fast.libraries = _: [ ./linked ];"))
    assert told.startswith(
        f"cannot use the override of 'fast': one of its `libraries` for '{ARM}' is none: '/nix/store/"
    )
    assert told.endswith(
        "a symbolic link, of which Nix takes the link alone: name what it leads to; give packages of `target.pkgs`, "
        "or paths of folders"
    )


def test_a_plan_that_is_not_there_is_told(user: NixUser) -> None:
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
            PLAN | {"artifacts": {"a" * 64: {"filename": "demo-1.0-py3-none-any.whl"}}},
            f"`artifacts.{'a' * 64}` has neither `path` nor `url`; make it anew with `crosswheel plan`, or undo the edit",
        ),
        (
            PLAN | {"build_platforms": None},
            "`build_platforms` is a null, and not a list; make it anew with `crosswheel plan`, or undo the edit",
        ),
    ],
)
def test_an_edited_plan_is_told_by_the_place(user: NixUser, plan: dict[str, object], refusal: str) -> None:
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
def test_a_plan_that_is_no_file_is_told(user: NixUser, plan: str, refusal: str) -> None:
    told = user.refusal(wheels().replace("./wheels.plan.json", plan))
    assert told.startswith("cannot read plan '")
    assert refusal in told
    assert "\n" not in told


def test_a_lock_in_place_of_the_plan_is_told(user: NixUser) -> None:
    (user.folder / "wheels.plan.json").write_text('lock-version = "1.0"\n')
    refusal = user.refusal(wheels())
    assert refusal.startswith("cannot read plan '/nix/store/")
    assert refusal.endswith("': it does not begin as a JSON document does; give what `crosswheel plan` made")


def test_a_patch_in_nixpkgs_way_is_told(user: NixUser) -> None:
    user.plan(with_builds())
    assert user.refusal(wheels("overrides.fast.patches = [ ./fix.patch ];")) == (
        "cannot use the override of 'fast': no build reads `patches`; name `patches` in the configuration, "
        "[tool.crosswheel.packages], and plan anew"
    )
