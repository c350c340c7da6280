"""pip and uv take wheels out of a repository as it is, with hashes required."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.crosswheel_command import build_and_install, python_with_pip, repository_of, run
from e2e.target_pythons import TargetPython, run_target_python
from e2e.test_forced_sdists import exercise

pytestmark = pytest.mark.e2e

_PIP = [python_with_pip(), "-m", "pip", "--disable-pip-version-check", "--isolated", "install"]
# pip takes a platform literally, so that every glibc up to the target's has to be named.
_PIP_TARGET = [word for glibc in range(28, 16, -1) for word in ("--platform", f"manylinux_2_{glibc}_aarch64")]
_PIP_TARGET += ["--platform", "manylinux2014_aarch64", "--python-version", "3.11", "--only-binary", ":all:"]
_UV = [
    str(Path(sys.executable).with_name("uv")),
    "pip",
    "install",
    "--no-config",
    "--no-cache",
    "--python",
    "3.11",
]
_UV_TARGET = ["--python-platform", "aarch64-manylinux_2_28", "--only-binary", ":all:"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("consumed")
    build_and_install(folder, "argon2-cffi-bindings", "markupsafe", target="linux_arm64")
    return repository_of(folder / "dist")


@pytest.fixture
def requirements(repository: Path, tmp_path: Path) -> Path:
    """Return requirements with the hash of every wheel in the repository."""
    lines = []
    for wheel in sorted(repository.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        lines.append(f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    path = tmp_path / "requirements.txt"
    path.write_text("".join(lines))
    return path


@pytest.mark.parametrize(
    ("installer", "target", "kind"),
    [
        (_PIP, _PIP_TARGET, "files"),
        (_PIP, _PIP_TARGET, "index"),
        (_UV, _UV_TARGET, "files"),
        (_UV, _UV_TARGET, "index"),
    ],
    ids=["pip from files", "pip from the index", "uv from files", "uv from the index"],
)
def test_installers_take_the_wheels(
    installer: list[str],
    target: list[str],
    kind: str,
    repository: Path,
    requirements: Path,
    tmp_path: Path,
    target_python: Callable[..., TargetPython],
) -> None:
    source = ["--no-index", "--find-links", str(repository)]
    if kind == "index":
        source = ["--index-url", (repository / "simple").as_uri()]
    site = tmp_path / "site"
    command = [
        *installer,
        *source,
        *target,
        "--require-hashes",
        "--target",
        str(site),
        "-r",
        str(requirements),
    ]
    run(command, cwd=tmp_path)
    exercise(target_python("aarch64"), site, "argon2-cffi-bindings", "markupsafe")


def test_a_wheel_that_changed_is_refused(repository: Path, requirements: Path, tmp_path: Path) -> None:
    changed = requirements.read_text().replace("sha256:", "sha256:0", 1).split("\n")
    changed[0] = changed[0][:-1]
    requirements.write_text("\n".join(changed))
    command = [*_PIP, "--no-index", "--find-links", str(repository), *_PIP_TARGET]
    with pytest.raises(AssertionError, match="DO NOT MATCH THE HASHES"):
        run([*command, "--require-hashes", "--target", "site", "-r", str(requirements)], cwd=tmp_path)


def test_the_installed_metadata_is_readable(
    repository: Path, requirements: Path, tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    source = ["--no-index", "--find-links", str(repository)]
    run([*_UV, *source, *_UV_TARGET, "--target", "site", "-r", str(requirements)], cwd=tmp_path)
    code = "import importlib.metadata as m; print(m.version('markupsafe'), len(m.files('argon2-cffi-bindings')) > 3)"
    assert run_target_python(target_python("aarch64"), code, tmp_path / "site").stdout == "3.0.4 True\n"
