"""An image of the example web service for arm64 and amd64, without a base image: read by every tool, and run.

Costs two minutes, of which planning is one, when the wheels are built (by the test of the demo, which has the same ones).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.build_pythons import build_python
from e2e.crosswheel_command import crosswheel, run, shared_store
from e2e.image_service import serving, unpack_image
from e2e.target_pythons import cache_root, make_once

pytestmark = pytest.mark.e2e

_ROOT = Path(__file__).parents[2]
_EXAMPLE = _ROOT / "docs" / "examples" / "web-service"
sys.path.insert(0, str(_EXAMPLE))

from demo import ask, free_port, wait_until_up  # noqa: E402

_ARCHES = {"arm64": "aarch64", "amd64": "x86_64"}
_TARGETS = ("--target", "linux/arm64", "--target", "linux/amd64")
_MAKE = (
    *("image", "wheels.plan.json", *_TARGETS, "--base", "base.lock.json", "--app", "src"),
    *("--entrypoint", "python -B -m uvicorn app:app", "--port", "8000", "--env", "HOME=/tmp"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the plan, the base lock, the application and the image."""
    folder = tmp_path_factory.mktemp("image")
    for name in ("requirements.txt", "crosswheel.toml"):
        shutil.copy(_EXAMPLE / name, folder)
    (folder / "src").mkdir()
    shutil.copy(_EXAMPLE / "app.py", folder / "src")
    uv = Path(sys.executable).with_name("uv")
    words = ["pip", "compile", "--quiet", "--no-deps", "--universal", "--python-version", "3.11"]
    run([str(uv), *words, "--format", "pylock.toml", "requirements.txt", "-o", "pylock.toml"], cwd=folder)
    crosswheel("plan", "pylock.toml", *_TARGETS, "--python", "3.11", "-o", "wheels.plan.json", cwd=folder)
    crosswheel("image", "lock", *_TARGETS, "--python", "3.11", "-o", "base.lock.json", cwd=folder)
    crosswheel(*_MAKE, "-o", "image", cwd=folder)
    return folder


@pytest.fixture(scope="module", params=_ARCHES)
def one(request: pytest.FixtureRequest, folder: Path) -> tuple[str, Path]:
    """The architecture, and a layout with its image alone, copied by skopeo."""
    arch: str = request.param
    words = ["skopeo", "--override-arch", arch, "copy", "--quiet"]
    run([*words, "oci:image:latest", f"oci:{arch}:latest"], cwd=folder)
    return arch, folder / arch


@pytest.fixture(scope="module")
def bundle(one: tuple[str, Path]) -> Path:
    """What umoci unpacks of it, for a runtime."""
    arch, layout = one
    return unpack_image(layout, layout.with_name(f"{arch}-bundle"))


def test_our_own_check_finds_nothing(folder: Path) -> None:
    report = json.loads(crosswheel("image", "verify", "image", "--json", cwd=folder))
    assert report["images"] == ["latest linux/arm64", "latest linux/amd64"]
    assert [one for one in report["findings"] if one["severity"] != "note"] == []
    assert report["binaries"] > 700


def test_oci_image_tool_finds_the_images_valid(one: tuple[str, Path]) -> None:
    _, layout = one
    said = run(
        ["oci-image-tool", "validate", "--type", "image", "--ref", "name=latest", str(layout)],
        cwd=layout.parent,
    )
    assert "Validation succeeded" in said


def test_docker_takes_what_skopeo_makes_of_it(one: tuple[str, Path]) -> None:
    arch, layout = one
    archive = layout.with_name(f"{arch}.tar")
    run(
        ["skopeo", "copy", "--quiet", f"oci:{layout}:latest", f"docker-archive:{archive}:web:1"],
        cwd=layout.parent,
    )
    report = json.loads(crosswheel("image", "verify", archive, "--json", cwd=layout.parent))
    assert (report["refused"], report["images"]) == (False, [f"docker.io/library/web:1 linux/{arch}"])


def _files(root: Path) -> Iterator[tuple[str, int, str]]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            yield path.relative_to(root).as_posix(), path.stat().st_mode & 0o777, digest


def test_the_environment_is_the_installed_tree(one: tuple[str, Path], bundle: Path) -> None:
    arch, layout = one
    words = ["--layout", "prefix", "--interpreter", "/opt/venv/bin/python3.11", "--target", f"linux/{arch}"]
    tree = layout.with_name(f"{arch}-tree")
    crosswheel("install", "wheels.plan.json", *words, "--dest", tree, cwd=layout.parent)
    (tree / ".crosswheel-tree.json").unlink()
    environment = bundle / "rootfs/opt/venv"
    (environment / "pyvenv.cfg").unlink()
    try:
        assert dict.fromkeys(_files(environment)) == dict.fromkeys(_files(tree))
    finally:
        (environment / "pyvenv.cfg").write_text(
            "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11\n"
        )


def test_the_service_answers_from_the_image(one: tuple[str, Path], bundle: Path) -> None:
    arch, _ = one
    port = free_port()
    with serving(bundle, "--port", str(port), arch=arch) as server:
        wait_until_up(port, server)
        ask(port, machine=_ARCHES[arch])


def test_another_python_makes_the_same_image_elsewhere(folder: Path, tmp_path: Path) -> None:
    for name in ("wheels.plan.json", "base.lock.json"):
        shutil.copy(folder / name, tmp_path)
    shutil.copytree(folder / "src", tmp_path / "src")
    environment = {"CROSSWHEEL_CACHE_DIR": str(shared_store()), "PYTHONPATH": str(_ROOT / "python")}
    command = [str(_other_python()), "-m", "crosswheel", *_MAKE, "-o", "deep/image"]
    run(command, cwd=tmp_path, environment=environment)
    for name in ("index.json", ".crosswheel-image.json", "sbom/linux-arm64.cdx.json"):
        assert (tmp_path / "deep/image" / name).read_bytes() == (folder / "image" / name).read_bytes()
    assert json.loads((tmp_path / "deep/image/index.json").read_text())["manifests"][0]["digest"].startswith(
        "sha256:"
    )


def _other_python() -> Path:
    """Return a Python 3.13 that has what crosswheel needs, made once."""
    pins = _ROOT / "requirements" / "development.txt"
    key = hashlib.sha256(pins.read_bytes()).hexdigest()[:16]
    uv = str(Path(sys.executable).with_name("uv"))

    def fill(scratch: Path) -> None:
        environment = scratch / "venv"
        run(
            [uv, "venv", "--quiet", "--relocatable", "--python", str(build_python("3.13")), str(environment)],
            cwd=scratch,
        )
        words = [
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "--python",
            str(environment),
            "-r",
            str(pins),
        ]
        run([uv, *words], cwd=scratch)

    return make_once(cache_root() / "environments" / f"3.13-{key}", fill) / "venv" / "bin" / "python"


def _refusal(*words: str | Path, cwd: Path, code: int) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "crosswheel", "image", *map(str, words), "-o", "refused"],
        cwd=cwd,
        env={**os.environ, "CROSSWHEEL_CACHE_DIR": str(shared_store())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert not (cwd / "refused").exists()
    return done.stderr


def test_an_interpreter_that_the_base_lock_does_not_give_is_refused(folder: Path) -> None:
    said = _refusal(*_MAKE[1:], "--interpreter", "/usr/local/bin/python3.11", cwd=folder, code=3)
    assert "cannot use base image 'base.lock.json': it has no /usr/local/bin/python3.11; " in said


def test_a_library_of_the_other_platform_in_the_application_is_refused(
    folder: Path, one: tuple[str, Path], bundle: Path, tmp_path: Path
) -> None:
    arch, _ = one
    library = next((bundle / "rootfs/opt/venv").rglob("_multiarray_umath*.so"))
    shutil.copytree(folder / "src", tmp_path / "src")
    shutil.copy(library, tmp_path / "src/_stray.so")
    other = next(name for name in _ARCHES if name != arch)
    words = ("--target", f"linux/{other}", "--base", folder / "base.lock.json", "--app", "src")
    said = _refusal(folder / "wheels.plan.json", *words, cwd=tmp_path, code=8)
    assert f"cannot put into an image 'app/_stray.so': it is a binary for {_ARCHES[arch]}" in said
