"""Layers and Lambda layers of published wheels for aarch64, read by other programs and imported by the target's Python."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from e2e.crosswheel_command import crosswheel, run
from e2e.target_pythons import qemu_program, recipe_for, target_python

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_TARGET = ("--target", "manylinux_2_26_aarch64", "--python", "3.11")
_USES = "import markupsafe, platform, numpy; print(platform.machine(), numpy.arange(4).sum(), markupsafe._speedups.__name__)"
_ANSWER = "aarch64 6 markupsafe._speedups\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a plan of two wheels, their layers, their Lambda layer and their installed trees."""
    folder = tmp_path_factory.mktemp("layers")
    (folder / "requirements.in").write_text("numpy==2.2.6\nmarkupsafe==3.0.3\n")
    uv = str(Path(sys.executable).with_name("uv"))
    words = ["pip", "compile", "--quiet", "--no-deps", "--universal", "--python-version", "3.11"]
    run([uv, *words, "--format", "pylock.toml", "requirements.in", "-o", "pylock.toml"], cwd=folder)
    crosswheel("plan", "pylock.toml", *_TARGET, "-o", "wheels.plan.json", cwd=folder)
    crosswheel(
        "layer", "wheels.plan.json", "-o", "layers", "--max-layers", "1", "--prefix", "/app", cwd=folder
    )
    crosswheel("lambda", "wheels.plan.json", "-o", "layer.zip", cwd=folder)
    crosswheel("install", "wheels.plan.json", "--dest", "tree", "--layout", "prefix", cwd=folder)
    crosswheel("install", "wheels.plan.json", "--dest", "flat", cwd=folder)
    for name in ("tree", "flat"):
        (folder / name / ".crosswheel-tree.json").unlink()
    return folder


def files_below(root: Path) -> dict[str, tuple[int, str]]:
    """Every file: its mode and its digest."""
    return {
        path.relative_to(root).as_posix(): (
            path.stat().st_mode & 0o777,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(
    "reader",
    [
        ["tar", "-xzf", "layers/shared_0.tar.gz", "-C"],
        ["bsdtar", "-xf", "layers/shared_0.tar.gz", "-C"],
    ],
    ids=lambda reader: reader[0],
)
def test_other_programs_unpack_a_layer_to_the_installed_tree(
    folder: Path, tmp_path: Path, reader: list[str]
) -> None:
    run([*reader, str(tmp_path)], cwd=folder)
    assert files_below(tmp_path / "app") == files_below(folder / "tree")


def test_gzip_finds_a_layer_sound_and_inflates_it_to_its_diff_id(folder: Path) -> None:
    blob = folder / "layers/shared_0.tar.gz"
    run(["gzip", "-t", str(blob)], cwd=folder)
    inflated = subprocess.run(["gzip", "-dc", str(blob)], capture_output=True, check=True).stdout
    about = json.loads((folder / "layers/shared_0.json").read_text())
    assert f"sha256:{hashlib.sha256(inflated).hexdigest()}" == about["diff_id"]
    assert f"sha256:{hashlib.sha256(blob.read_bytes()).hexdigest()}" == about["digest"]


def test_bsdtar_lists_a_layer_as_its_specification_has_it(folder: Path) -> None:
    def listing(name: str) -> list[str]:
        words = [
            "bsdtar",
            "-cf",
            "-",
            "--format",
            "mtree",
            "--options",
            "!all,type,mode,size,link",
            f"@{name}",
        ]
        return sorted(run(words, cwd=folder / "layers").splitlines())

    assert listing("shared_0.tar.gz") == listing("shared_0.mtree")


def in_target(mounts: Mapping[str, Path], environment: Mapping[str, str]) -> str:
    """Run the target's Python as the user of a container that has `mounts` and nothing of this machine."""
    python = target_python("aarch64")
    sandbox = ["bwrap", "--unshare-all", "--clearenv", "--ro-bind", str(python.root / "usr"), "/usr"]
    for name in ("lib", "bin"):
        sandbox += ["--symlink", f"usr/{name}", f"/{name}"]
    for place, source in {**mounts, "/tmp/qemu": Path(qemu_program(recipe_for("aarch64", "3.11")))}.items():
        sandbox += ["--ro-bind", str(source), place]
    for name, value in environment.items():
        sandbox += ["--setenv", name, value]
    interpreter = "/usr/bin/python3.11"
    command = [*sandbox, "/tmp/qemu", "-0", interpreter, interpreter, "-B", "-c", _USES]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_targets_python_imports_a_layer(folder: Path, tmp_path: Path) -> None:
    run(["tar", "-xzf", "layers/shared_0.tar.gz", "-C", str(tmp_path)], cwd=folder)
    site = json.loads((folder / "layers/layers.json").read_text())["site"]
    assert in_target({"/app": tmp_path / "app"}, {"PYTHONPATH": site}) == _ANSWER


def test_unzip_and_python_unpack_a_lambda_layer_to_the_installed_tree(folder: Path, tmp_path: Path) -> None:
    run(["unzip", "-tq", "layer.zip"], cwd=folder)
    run(["unzip", "-q", "layer.zip", "-d", str(tmp_path / "unzip")], cwd=folder)
    assert files_below(tmp_path / "unzip/python") == files_below(folder / "flat")
    with zipfile.ZipFile(folder / "layer.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "zipfile")
    contents = {name: digest for name, (_, digest) in files_below(tmp_path / "zipfile/python").items()}
    assert contents == {name: digest for name, (_, digest) in files_below(folder / "flat").items()}


def test_the_targets_python_imports_a_lambda_layer_below_opt(folder: Path, tmp_path: Path) -> None:
    """As Lambda does: layers are unpacked to /opt, and /opt/python is on the path."""
    run(["unzip", "-q", "layer.zip", "-d", str(tmp_path)], cwd=folder)
    assert in_target({"/opt": tmp_path}, {"PYTHONPATH": "/opt/python"}) == _ANSWER
