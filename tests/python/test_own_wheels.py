"""Wheels that are put to those of a plan when an image is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from checked_wheels import AARCH64, wheel
from crosswheel.act.images.own_wheels import with_own_wheels
from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.act.target_wheels import CheckedWheel, TargetWheels
from crosswheel.values.errors import CheckError
from elf_files import elf_file


@pytest.mark.parametrize("files", [{"a.py": b""}, {"a.so": elf_file()}])
def test_one_that_does_not_fit_is_the_users_to_mend(files: dict[str, bytes], tmp_path: Path) -> None:
    own = wheel(tmp_path, files, tag="py3-none-any" if "a.so" in files else "cp312-none-any")
    with pytest.raises(CheckError) as caught:
        with_own_wheels(TargetWheels(target=AARCH64, wheels=()), [own])
    assert caught.value.fix == (
        "mend your project; where it has a wheel for each platform, make an image for each target with its own"
    )


def test_what_they_require_and_do_not_find_is_told(tmp_path: Path) -> None:
    metadata = "Requires-Dist: requests>=2\nRequires-Dist: flask<1\nRequires-Dist: flask>=3.1\n"
    own = wheel(tmp_path, {"needs.py": b""}, tag="py3-none-any", name="needs", metadata=metadata)
    held = wheel(tmp_path, {"flask.py": b""}, tag="py3-none-any", name="flask", version="3.1+local.1")
    wheels = (CheckedWheel(path=held, sha256=digest_of_file(held)),)
    found = with_own_wheels(TargetWheels(target=AARCH64, wheels=wheels), [own])
    assert [one.name for one in found.wheels] == ["flask", "needs"]
    assert found.unmet == (
        "needs 1.0 requires requests>=2, and no wheel of requests is there",
        "needs 1.0 requires flask<1, and the wheel that is there is of 3.1+local.1",
    )
