"""A build that fails for want of a library is mended by the very lines that ``why-failed`` shows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from e2e.crosswheel_command import CommandFailedError, built_wheel, crosswheel, lock
from e2e.target_pythons import debian_mirror

pytestmark = [pytest.mark.e2e, pytest.mark.network]

BROKEN = "[tool.crosswheel.packages.pyyaml]\nsysroot = []\n"


def build(folder: Path) -> None:
    mirror = f"https://deb.debian.org/debian/={debian_mirror()[0].rstrip('/')}/"
    target = ("--target", "linux_arm64", "--python", "3.11", "--no-binary", "pyyaml")
    crosswheel("build", "pylock.toml", *target, "--mirror", mirror, "-o", "dist", cwd=folder)


def test_the_configuration_shown_mends_the_build(tmp_path: Path) -> None:
    lock(tmp_path, "pyyaml")
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text(BROKEN)
    words = r"what mends it, in the table 'tool\.crosswheel\.packages\.pyyaml' that the configuration has:"
    with pytest.raises(CommandFailedError, match=words) as caught:
        build(tmp_path)
    assert 'sysroot = ["libyaml-dev"]' in str(caught.value)
    (failure,) = json.loads(crosswheel("why-failed", "pyyaml", "--json", cwd=tmp_path))["failures"]
    (cause, *_) = failure["causes"]
    assert (cause["kind"], cause["subject"]) == ("missing header", "yaml.h")
    mended = f"[{cause['table']}]\n{cause['configuration']}\n"
    pyproject.write_text(mended)
    build(tmp_path)
    assert built_wheel(tmp_path, "pyyaml").name.startswith("pyyaml-")
    pyproject.write_text(BROKEN)
    with pytest.raises(CommandFailedError, match=r"'yaml\.h'"):
        build(tmp_path)
    pyproject.write_text(mended)
    shutil.rmtree(tmp_path / "dist")
    build(tmp_path)  # which the store has by now
    with pytest.raises(CommandFailedError, match="no build of it failed, or a later one succeeded"):
        crosswheel("why-failed", "pyyaml", cwd=tmp_path)
