"""Extensions written in Rust: forced from their sdists, cross built with Debian's Rust, installed, and used under qemu."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.crosswheel_command import build_and_install, built_wheel, crosswheel
from e2e.debian_rust import rust_archive
from e2e.target_pythons import TargetPython, run_target_python

pytestmark = pytest.mark.e2e

_BCRYPT = """
import bcrypt
hashed = bcrypt.hashpw(b"secret", b"$2b$04$P0ukC6eNkyqFGnJ5FH1EA.")
assert hashed == b"$2b$04$P0ukC6eNkyqFGnJ5FH1EA.8hiC6M6k37l0jmPx4HEc2iB2XMjBXlG", hashed
assert bcrypt.checkpw(b"secret", hashed) and not bcrypt.checkpw(b"other", hashed)
assert bcrypt.kdf(b"p", b"salt", 16, 50).hex() == "8e766d953d3959e8318e2afca0fda48f"
"""
_RPDS = """
import rpds
table = rpds.HashTrieMap({"a": 1}).insert("b", 2)
assert dict(table) == {"a": 1, "b": 2} and table.remove("a").get("a") is None
assert list(rpds.List([1, 2]).push_front(0)) == [0, 1, 2]
try:
    rpds.HashTrieMap()["gone"]
except KeyError as error:
    assert error.args == ("gone",)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder whose configuration names Debian's Rust."""
    (tmp_path / "crosswheel.toml").write_text(f"rust = {json.dumps(str(rust_archive('aarch64')))}\n")
    return tmp_path


def test_setuptools_rust_and_maturin_make_modules_that_work_on_aarch64(
    folder: Path, target_python: Callable[..., TargetPython]
) -> None:
    site = build_and_install(folder, "bcrypt", "rpds-py", target="linux_arm64")
    for name, code in {"bcrypt": _BCRYPT, "rpds-py": _RPDS}.items():
        assert built_wheel(folder, name).stem.endswith("-manylinux_2_28_aarch64")
        done = run_target_python(target_python("aarch64"), code + "\nprint('works')", site)
        assert done.stdout == "works\n", done.stdout + done.stderr


def test_the_plan_holds_toolchain_and_crates(folder: Path) -> None:
    from e2e.crosswheel_command import lock

    lock(folder, "bcrypt")
    crosswheel(
        "plan", "pylock.toml", "-t", "linux_arm64", "--python", "3.11", "--no-binary", "bcrypt", cwd=folder
    )
    plan = json.loads((folder / "wheels.plan.json").read_text())
    (build,) = plan["builds"].values()
    (environment,) = build["environments"].values()
    artifacts = plan["artifacts"]
    assert [artifacts[digest]["filename"] for digest in environment["rust"]] == ["rust.tar.gz"]
    crates = [artifacts[digest]["filename"] for digest in build["crates"]]
    assert "bcrypt-0.17.1.crate" in crates
    assert crates == sorted(crates)
