"""The steps whose outputs are shipped: the same bytes as the commands of the same names, from given files alone."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from crosswheel.act.images.verify_layout import verify_layout
from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.command_line.main import main
from crosswheel.decide.plans.plan import Artifact, Plan, PlannedTarget, PlannedWheel
from crosswheel.decide.plans.plan_json import plan_to_json
from crosswheel.target.targets import parse_target_id
from elf_files import elf_file, extension_module
from image_bases import base_files, base_layout, libc
from layout_files import LayoutMaker, link, tar_of
from made_wheels import make_wheel
from sysroot_packages import debian_package

ARM, AMD = (parse_target_id(f"cp311-linux_{arch}_glibc_2_28") for arch in ("aarch64", "x86_64"))
_RULES = Path(__file__).parents[2] / "rules"
FINE = ["--max-layers", "9", "--quiet"]


def _artifact(path: Path) -> Artifact:
    return Artifact(
        sha256=digest_of_file(path), filename=path.name, path=f"in/{path.name}", size=path.stat().st_size
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a plan of two targets, its wheels, a base and an application, which is the working directory."""
    source = tmp_path / "in"
    pure = make_wheel(source, "pure")
    targets, artifacts = [], {pure: _artifact(pure)}
    for target in (ARM, AMD):
        arch = target.platform.arch.value
        files = {
            "demo/__init__.py": b"def main(): pass\n",
            f"demo/_x.cpython-311-{arch}-linux-gnu.so": extension_module("_x", arch),
            "demo-1.0.dist-info/entry_points.txt": b"[console_scripts]\ndemo = demo:main\n",
        }
        demo = make_wheel(source, "demo", files=files, tag=f"cp311-cp311-manylinux_2_17_{arch}")
        artifacts[demo] = _artifact(demo)
        wheels = [("demo", demo), ("pure", pure)]
        targets.append(
            PlannedTarget(
                target=target,
                wheels=tuple(
                    PlannedWheel(name=name, version="1.0", artifact=artifacts[path].sha256)
                    for name, path in wheels
                ),
            )
        )
    plan = Plan(
        inputs={},
        source_date_epoch=315532800,
        artifacts={one.sha256: one for one in artifacts.values()},
        builds={},
        targets=tuple(targets),
    )
    (tmp_path / "p.json").write_bytes(plan_to_json(plan))
    base_layout(tmp_path / "base", settings={"Env": ["PATH=/usr/bin"], "User": "1000"})
    (tmp_path / "src/inner").mkdir(parents=True)
    (tmp_path / "src/app.py").write_text("import demo\n")
    (tmp_path / "src/inner/run").write_text("#!/bin/sh\n")
    (tmp_path / "src/inner/run").chmod(0o755)
    make_wheel(tmp_path / "own", "mine", "2.0")
    # A step sees the plan and the files it is given; the paths in the plan lead nowhere.
    (tmp_path / "step").mkdir()
    shutil.copytree(source, tmp_path / "step/wheels")
    shutil.copy(tmp_path / "p.json", tmp_path / "step")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    return tmp_path


def step(name: str, *words: str) -> None:
    assert main(["step", name, *words, "--quiet"]) == 0


def layer_step(target: str, output: str, *words: str) -> None:
    step("layer", "step/p.json", "-t", target, "--wheel", "step/wheels", "-o", output, *words)


def tree(folder: str) -> dict[str, tuple[int, str]]:
    """Every file of a folder: its mode and its digest."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mode,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


def test_layers_are_those_of_the_command(folder: Path) -> None:
    assert main(["layer", "p.json", "-t", "linux/arm64", "-o", "layers", *FINE, "--prefix", "/app"]) == 0
    layer_step("linux/arm64", "layers2", "--max-layers", "9", "--prefix", "/app")
    assert tree("layers2") == tree("layers")


def test_layers_that_would_replace_a_link_of_the_base_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    maker = LayoutMaker(folder / "linked")
    maker.write(maker.image(tar_of([*base_files().items(), link("opt", "var/opt")])))
    words = ["step", "image", "--base", "linked", "-o", "image", "--quiet", "--layers"]
    for environment, code in (("/opt/venv", 3), ("/var/opt/venv", 0)):
        layer_step("linux/arm64", f"for{code}", "--max-layers", "1", "--environment", environment)
        assert main([*words, f"for{code}"]) == code
    assert (
        "it has the folder opt, where the layers below have a symbolic link to var/opt; "
        in capsys.readouterr().err
    )


def test_one_layer_is_always_called_the_same(folder: Path) -> None:
    layer_step("linux/arm64", "layers", "--max-layers", "1", "--own-wheel", "own/mine-2.0-py3-none-any.whl")
    assert set(tree("layers")) == {
        "layers.json",
        "shared_0.json",
        "shared_0.mtree",
        "shared_0.tar.gz",
    }


def test_the_archive_for_lambda_is_that_of_the_command(folder: Path) -> None:
    assert main(["lambda", "p.json", "-t", "linux/arm64", "-o", "layer.zip", "--quiet"]) == 0
    step("lambda", "step/p.json", "-t", "linux/arm64", "--wheel", "step/wheels", "-o", "layer2.zip")
    assert Path("layer2.zip").read_bytes() == Path("layer.zip").read_bytes()


WORDS = ["--app", "src", "--entrypoint", "python -m app", "--env", "X=1", "--annotation", "a=b", "--tag", "1"]


def images_by_steps(platforms: list[str], *words: str, base: str = "base") -> None:
    for platform in platforms:
        name = platform.replace("/", "-")
        layer_step(platform, f"layers-{name}", *FINE, "--environment", "/opt/venv")
        step(
            "image", "--layers", f"layers-{name}", "--base", base, *WORDS, *words, "-o", f"step-image-{name}"
        )
    parts = [f"step-image-{platform.replace('/', '-')}" for platform in platforms]
    step("index", *parts, "--annotation", "a=b", "-o", "joined")


def test_options_are_called_what_the_callers_users_know(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layer_step("linux/arm64", "layers", "--environment", "/opt/venv")
    words = ["image", "--layers", "layers", "--base", "base", "--interpreter", "/no/such", "-o", "image"]
    told = "error: cannot use base image 'base': it has no /no/such; give the absolute path of its Python with {}, or leave that out to have it looked for\n"
    for spelled, name in (
        ([], "--interpreter"),
        (
            ["--spelled", "interpreter=`python` of `my_image`", "--spelled", "inter=x"],
            "`python` of `my_image`",
        ),
    ):
        assert main(["step", *words, *spelled]) != 0
        assert capsys.readouterr().err == told.format(name)
    assert main(["step", *words, "--spelled", "interpreter"]) == 2
    assert "'interpreter' is not of the form OPTION=WORDS" in capsys.readouterr().err


def test_what_bazel_calls_options_is_of_options_that_there_are() -> None:
    known = {
        name for names in json.loads((_RULES / "nix/options.json").read_text()).values() for name in names
    }
    for rule in ("oci_image", "oci_image_index", "wheel_layers"):
        names = re.findall(r'"([a-z-]+)": "`', (_RULES / f"private/{rule}.bzl").read_text())
        assert names
        assert set(names) <= known | {"build-python"}


@pytest.mark.parametrize("sbom", ["file", "referrer", "none"])
@pytest.mark.parametrize("platforms", [["linux/arm64"], ["linux/arm64", "linux/amd64"]])
def test_images_are_those_of_the_command(folder: Path, platforms: list[str], sbom: str) -> None:
    targets = [word for platform in platforms for word in ("-t", platform)]
    words = [*WORDS, "--sbom", sbom]
    assert main(["image", "p.json", *targets, "--base", "base", "-o", "image", *words, *FINE]) == 0
    images_by_steps(platforms, "--sbom", sbom)
    assert tree("joined") == tree("image")
    assert verify_layout(Path("joined")).findings == ()


def test_an_image_of_one_platform_may_lack_what_is_accepted_in_another(folder: Path) -> None:
    images_by_steps(["linux/arm64"], "--accept", "wrong-machine:srv/*")


def test_the_time_is_the_callers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    both = ["linux/arm64", "linux/amd64"]
    words = ["-t", both[0], "-t", both[1], "--base", "base", "-o", "image", *WORDS, *FINE]
    assert main(["image", "p.json", *words]) == 0
    images_by_steps(both)
    assert tree("joined") == tree("image")


def test_a_wheel_of_the_users_own_comes_with_the_layers(folder: Path) -> None:
    own = "own/mine-2.0-py3-none-any.whl"
    words = ["-t", "linux/arm64", "--base", "base", "-o", "image", *FINE]
    assert main(["image", "p.json", "--wheel", own, *words]) == 0
    layer_step("linux/arm64", "layers", *FINE, "--environment", "/opt/venv", "--own-wheel", own)
    step("image", "--layers", "layers", "--base", "base", "-o", "image2")
    assert tree("image2") == tree("image")


def test_nothing_given_is_shared_with_an_image(folder: Path) -> None:
    """Build systems keep their files once, and change modes and times of what a step leaves."""
    images_by_steps(["linux/arm64"])
    given = {path.stat().st_ino for name in ("base", "layers-linux-arm64") for path in Path(name).rglob("*")}
    assert given.isdisjoint(path.stat().st_ino for path in Path("step-image-linux-arm64").rglob("*"))


def test_inputs_may_be_links(folder: Path) -> None:
    """As in the sandbox of Bazel, where every file is a link to one elsewhere."""
    images_by_steps(["linux/arm64"])
    for name in ("base", "layers-linux-arm64"):
        shutil.copytree(name, f"linked-{name}", copy_function=os.symlink, ignore=lambda *_: [])
        for path in Path(f"linked-{name}").rglob("*"):
            if path.is_symlink():
                target = (folder / path.readlink()).resolve()
                path.unlink()
                path.symlink_to(target)
    step("image", "--layers", "linked-layers-linux-arm64", "--base", "linked-base", *WORDS, "-o", "again")
    assert tree("again") == tree("step-image-linux-arm64")
    assert not [path for path in Path("again").rglob("*") if path.is_symlink()]


def base_lock(folder: Path) -> Path:
    """A base lock of two packages; where they are said to be, they are not."""
    packages = {
        "libc6": debian_package(
            folder / "libc6_1.0_arm64.deb", {"usr/lib/aarch64-linux-gnu/libc.so.6": libc()}
        ),
        "python3.11": debian_package(
            folder / "python3.11_1.0_arm64.deb", {"usr/bin/python3.11": elf_file("aarch64")}
        ),
    }
    digests = {name: digest_of_file(path).hex for name, path in packages.items()}
    pinned = [{"name": name, "version": "1.0", "artifact": digest} for name, digest in digests.items()]
    lock: dict[str, Any] = {
        "schema": 1,
        "artifacts": {
            digest: {"filename": packages[name].name, "path": packages[name].name}
            for name, digest in digests.items()
        },
        "bases": [
            {
                "platform": "linux/arm64",
                "python": "cp311",
                "glibc": "2.36",
                "origin": "Debian",
                "index": "0" * 64,
                "system": pinned[:1],
                "interpreter": pinned[1:],
            }
        ],
    }
    (folder / "base.lock.json").write_text(json.dumps(lock))
    return folder / "base.lock.json"


def test_what_a_base_lock_pins_is_given(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base_lock(folder)
    words = ["-t", "linux/arm64", "-o", "image", *WORDS, *FINE]
    assert main(["image", "p.json", "--base", "base.lock.json", *words]) == 0
    (folder / "given").mkdir()
    for number, path in enumerate(folder.glob("*.deb")):
        path.rename(folder / "given" / str(number))
    images_by_steps(["linux/arm64"], "--file", "given", base="base.lock.json")
    assert tree("joined") == tree("image")
    words = ["--layers", "layers-linux-arm64", "--base", "base.lock.json", "-o", "x", "--file", "given/0"]
    capsys.readouterr()
    assert main(["step", "image", *words]) == 3
    assert "no file with the SHA-256" in capsys.readouterr().err


def error(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(["step", *words]) != 0
    return capsys.readouterr().err


def test_layers_for_another_place_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layer_step("linux/arm64", "layers", "--prefix", "/app")
    assert error(capsys, "image", "--layers", "layers", "--base", "base", "-o", "image") == (
        "error: cannot put into an image layers 'layers': their modules are in /app/lib/python3.11/site-packages, their programs "
        "start with #!/usr/bin/env python3.11, which is no virtual environment; make them with `crosswheel step layer --environment`\n"
    )
    words = [
        "step/p.json",
        "-t",
        "linux/arm64",
        "--wheel",
        "step/wheels",
        "-o",
        "x",
        "--environment",
        "/venv",
    ]
    assert error(capsys, "layer", *words, "--layout", "target") == (
        "error: cannot make layers for environment '/venv': --layout says another place; give one of them\n"
    )


def test_layers_that_were_changed_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layer_step("linux/arm64", "layers", "--max-layers", "1", "--environment", "/opt/venv")
    blob = Path("layers/shared_0.tar.gz")
    blob.write_bytes(blob.read_bytes()[:-1] + b"x")
    message = error(capsys, "image", "--layers", "layers", "--base", "base", "-o", "image")
    assert "shared_0.tar.gz has other bytes than its digest says; make it again" in message
    blob.unlink()
    message = error(capsys, "image", "--layers", "layers", "--base", "base", "-o", "image")
    assert message == (
        "error: cannot read layer 'layers/shared_0.tar.gz': there is no such file; give the folder of layers with "
        "all its files\n"
    )
    assert not Path("image").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 2}, "layers/layers.json: schema: cannot read layers: this crosswheel reads schema 1"),
        ({"target": "x"}, "layers/layers.json: target: cannot read layers 'x'"),
        ({"more": 1}, "cannot read layers 'more': no such key is known here"),
    ],
)
def test_what_is_no_folder_of_layers_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], change: dict[str, object], message: str
) -> None:
    layer_step("linux/arm64", "layers", "--environment", "/opt/venv")
    index = Path("layers/layers.json")
    index.write_text(json.dumps(json.loads(index.read_text()) | change))
    assert message in error(capsys, "image", "--layers", "layers", "--base", "base", "-o", "image")


def test_a_blob_outside_the_folder_of_layers_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layer_step("linux/arm64", "layers", "--environment", "/opt/venv")
    index = Path("layers/layers.json")
    document = json.loads(index.read_text())
    document["layers"][0]["file"] = "../x"
    index.write_text(json.dumps(document))
    message = error(capsys, "image", "--layers", "layers", "--base", "base", "-o", "image")
    assert "'../x': it is not the name of a file in the folder" in message


def test_images_that_do_not_go_together_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    images_by_steps(["linux/arm64", "linux/amd64"])
    one, other = "step-image-linux-arm64", "step-image-linux-amd64"
    assert error(capsys, "index", one, "joined", "-o", "x") == (
        f"error: cannot join images '{one}, joined': both are for linux/arm64, and readers take the first; leave one of them out\n"
    )
    assert "both are for linux/arm64" in error(capsys, "index", one, one, "-o", "x")
    step("image", "--layers", "layers-linux-amd64", "--base", "base", "-o", other, "--tag", "2")
    assert error(capsys, "index", one, other, "-o", "x") == (
        "error: cannot join images with tags '1, 2': one image has one tag, which stands in its bill of materials, too; make them with "
        "the same --tag\n"
    )
    assert error(capsys, "index", "base", "-o", "x") == (
        "error: cannot join image 'base': it has no .crosswheel-image.json, which says what it is made of; give layouts that "
        "`crosswheel step image` wrote\n"
    )


def test_files_put_in_one_by_one_make_the_image_of_a_tree(folder: Path) -> None:
    """What build systems hand over: links, whose modes mean nothing."""
    layer_step("linux/arm64", "layers", *FINE, "--environment", "/opt/venv")
    common = ["--layers", "layers", "--base", "base"]
    step("image", *common, "--app", "src", "-o", "image")
    (folder / "elsewhere").write_bytes(Path("src/app.py").read_bytes())
    (folder / "elsewhere").chmod(0o555)
    Path("link.py").symlink_to("elsewhere")
    Path("src/inner/run").chmod(0o444)
    files = ["--app-file", "/app/app.py=link.py", "--app-program", "/app/inner/run=src/inner/run"]
    step("image", *common, *files, "--workdir", "/app", "-o", "image2")
    assert tree("image2") == tree("image")


def test_what_was_accepted_in_a_wheel_is_told_to_be_accepted_in_its_image_anew(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "demo/__init__.py": b"",
        "demo/_x.cpython-311-aarch64-linux-gnu.so": extension_module("_x", "aarch64"),
        "demo/other.so": extension_module("other", "x86_64"),
    }
    demo = _artifact(make_wheel(folder / "in", "demo", files=files, tag="cp311-cp311-manylinux_2_17_aarch64"))
    plan = Plan(
        inputs={},
        source_date_epoch=315532800,
        artifacts={demo.sha256: demo},
        builds={},
        targets=(
            PlannedTarget(
                target=ARM, wheels=(PlannedWheel(name="demo", version="1.0", artifact=demo.sha256),)
            ),
        ),
        accept={"demo": ("wrong-machine:demo/other.so",)},
    )
    (folder / "odd.json").write_bytes(plan_to_json(plan))
    assert main(["image", "odd.json", "--base", "base", "-o", "image"]) == 0
    told = "note: accepted here, and to be accepted by `crosswheel image verify`, too: wrong-machine"
    assert told in capsys.readouterr().err.splitlines()
    assert main(["image", "verify", "image"]) == 8
