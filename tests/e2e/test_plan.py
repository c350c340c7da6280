"""Planning real packages from the package index: every lock format, offline afterwards, no code outside the sandbox."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.crosswheel_command import crosswheel, lock, shared_store
from e2e.own_index import publish, serving

pytestmark = [pytest.mark.e2e, pytest.mark.network]

NAMES = ("markupsafe", "frozenlist", "pycosat", "pypika")
TARGETS = ("--python", "3.11", "-t", "linux_arm64", "-t", "manylinux2014_aarch64", "-t", "linux_amd64")


def plan(folder: Path, source: str, *options: str, output: str = "wheels.plan.json") -> dict[str, Any]:
    crosswheel("plan", source, *TARGETS, *options, "-o", output, "-q", cwd=folder)
    document: dict[str, Any] = json.loads((folder / output).read_text())
    return document


def failing(folder: Path, *arguments: str, store: Path | None = None) -> tuple[int, str]:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("crosswheel")), *arguments],
        cwd=folder,
        env={**os.environ, "CROSSWHEEL_CACHE_DIR": str(store or shared_store())},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def without_lock(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "inputs": {key: value for key, value in document["inputs"].items() if key != "lock"}}


def test_planning_again_offline_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock(tmp_path, *NAMES)
    plan(tmp_path, "pylock.toml", "--no-binary", ":all:")
    first = (tmp_path / "wheels.plan.json").read_bytes()
    # An index that does not exist: whoever asked it would fail.
    nowhere = {"UV_DEFAULT_INDEX": "http://127.0.0.1:1/simple", "UV_OFFLINE": "1", "PIP_INDEX_URL": ""}
    for name, value in nowhere.items():
        monkeypatch.setenv(name, value)
    plan(tmp_path, "pylock.toml", "--no-binary", ":all:")
    assert (tmp_path / "wheels.plan.json").read_bytes() == first


def test_without_the_earlier_plan_the_store_gives_the_same_bytes(tmp_path: Path) -> None:
    lock(tmp_path, *NAMES)
    assert plan(tmp_path, "pylock.toml", output="a.json") == plan(tmp_path, "pylock.toml", output="b.json")


def test_requirements_and_pylock_of_the_same_pins_give_the_same_plan(tmp_path: Path) -> None:
    lock(tmp_path, *NAMES)
    (tmp_path / "pins.txt").write_text(_pins(tmp_path))
    subprocess.run(
        [
            *(str(Path(sys.executable).with_name("uv")), "pip", "compile", "--quiet", "--universal"),
            *("--python-version", "3.11", "--generate-hashes", "--constraint", "pins.txt"),
            *("requirements.in", "-o", "requirements.txt"),
        ],
        cwd=tmp_path,
        check=True,
    )
    from_requirements = plan(tmp_path, "requirements.txt", output="r.json")
    assert without_lock(from_requirements) == without_lock(plan(tmp_path, "pylock.toml", output="p.json"))


def _pins(folder: Path) -> str:
    document = tomllib.loads((folder / "pylock.toml").read_text())
    return "".join(f"{one['name']}=={one['version']}\n" for one in document["packages"])


def test_a_uv_lock_is_planned_with_the_extras_asked_for(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["markupsafe"]\n'
        '[project.optional-dependencies]\nweb = ["idna"]\n[dependency-groups]\ndev = ["six"]\n'
    )
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "lock", "--quiet", "--python", sys.executable], cwd=tmp_path, check=True)

    def names(*options: str) -> list[str]:
        document = plan(tmp_path, "uv.lock", *options)
        return [wheel["name"] for wheel in document["targets"][0]["wheels"]]

    assert names() == ["markupsafe"]
    assert names("--extra", "web") == ["idna", "markupsafe"]
    assert names("--group", "dev") == ["markupsafe", "six"]
    code, errors = failing(tmp_path, "plan", "uv.lock", *TARGETS, "--extra", "wob", "-q")
    assert code == 3
    assert "cannot select extra 'wob': the lock has web; did you mean 'web'?" in errors


def test_build_requirements_are_locked_for_other_build_platforms(tmp_path: Path) -> None:
    lock(tmp_path, "frozenlist")
    platforms = ("linux_amd64", "linux_arm64", "macosx_13_0_arm64")
    document = plan(
        tmp_path,
        "pylock.toml",
        *("--no-binary", "frozenlist"),
        *(word for name in platforms for word in ("--build-platform", name)),
    )
    build = document["builds"]["frozenlist-1.8.0-cp311-linux_aarch64_glibc_2_28"]
    toolchains = {
        key: document["artifacts"][environment["toolchain"]]["filename"].split("-")[4].split("_")[0]
        for key, environment in build["environments"].items()
    }
    assert toolchains == {
        "cp311-linux_aarch64_glibc_2_28": "manylinux",
        "cp311-linux_x86_64_glibc_2_28": "manylinux",
        "cp311-macos_aarch64_13_0": "macosx",
    }
    projects = {
        tuple(sorted(document["artifacts"][digest]["project"] for digest in environment["requirements"]))
        for environment in build["environments"].values()
    }
    assert projects == {("cython", "expandvars", "setuptools")}


def test_a_package_built_against_numpy_gets_the_targets_headers(tmp_path: Path) -> None:
    lock(tmp_path, "pywavelets")
    arguments = ("plan", "pylock.toml", "--python", "3.11", "--no-binary", "pywavelets", "-q")
    crosswheel(*arguments, "-t", "linux_arm64", "-o", "arm64.json", cwd=tmp_path)
    document = json.loads((tmp_path / "arm64.json").read_text())
    (build,) = document["builds"].values()
    (overlay,) = build["overlays"]
    assert overlay["project"] == "numpy"
    assert "aarch64" in document["artifacts"][overlay["artifact"]]["filename"]
    # There is no wheel of numpy for this target: it is built for it, once for the lock and for pywavelets.
    crosswheel(*arguments, "-t", "linux_armhf", "-o", "armhf.json", cwd=tmp_path)
    document = json.loads((tmp_path / "armhf.json").read_text())
    target = "cp311-linux_armv7l_glibc_2_28"
    wheels = {wheel["name"]: wheel["build"] for wheel in document["targets"][0]["wheels"]}
    assert sorted(document["builds"]) == sorted(wheels.values())
    pywavelets = document["builds"][wheels["pywavelets"]]
    assert pywavelets["overlays"] == [{"project": "numpy", "build": wheels["numpy"]}]
    assert wheels["numpy"].endswith(target)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    with serving(tmp_path / "index") as address:
        yield address, tmp_path / "index"


def test_no_code_of_a_package_runs_outside_the_sandbox_while_planning(
    tmp_path: Path, index: tuple[str, Path]
) -> None:
    address, folder = index
    flag = tmp_path / "it-ran-here"
    publish(
        folder,
        "hostile",
        {"setup.py": f"open({str(flag)!r}, 'w').close()\nimport setuptools\nsetuptools.setup()\n"},
    )
    digest = hashlib.sha256((folder / "simple/hostile/hostile-1.0.tar.gz").read_bytes()).hexdigest()
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text(f"hostile==1.0 --hash=sha256:{digest}\n")
    (project / "uv.toml").write_text(f'[[index]]\nname = "own"\nurl = "{address}/simple"\n')
    code, _ = failing(
        project, "plan", "requirements.txt", "-t", "linux_arm64", "--python", "3.11", store=tmp_path / "store"
    )
    # Its setup.py fails in the sandbox, where that folder does not exist; it never ran anywhere else.
    assert code == 7
    assert not flag.exists()


def test_code_of_a_build_requirement_that_is_an_sdist_runs_in_the_sandbox_only(
    tmp_path: Path, index: tuple[str, Path]
) -> None:
    address, folder = index
    flag = tmp_path / "it-ran-here"
    publish(folder, "only-source", {"setup.py": f"open({str(flag)!r}, 'w').close()\n"})
    publish(
        folder,
        "asks",
        {"pyproject.toml": '[build-system]\nrequires = ["only-source"]\nbuild-backend = "only_source"\n'},
    )
    digest = hashlib.sha256((folder / "simple/asks/asks-1.0.tar.gz").read_bytes()).hexdigest()
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text(f"asks==1.0 --hash=sha256:{digest}\n")
    (project / "uv.toml").write_text(f'[[index]]\nname = "own"\nurl = "{address}/simple"\n')
    target = ("-t", "linux_arm64", "--python", "3.11", "-q")
    code, errors = failing(project, "plan", "requirements.txt", *target, store=tmp_path / "store")
    assert code == 7
    assert errors.startswith(
        "error: asks-1.0.tar.gz: cp311-linux_x86_64_glibc_2_28: cannot build 'only-source 1.0'"
    )
    assert "No such file or directory" in errors
    assert not flag.exists()
