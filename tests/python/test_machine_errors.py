"""A full disk while an archive is unpacked is the machine's fault, not the archive's."""

from __future__ import annotations

import errno
import shutil
import tarfile
from pathlib import Path

import pytest

from crosswheel.act.building import sdist as sdist_archives
from crosswheel.act.building.rust_archives import prepare_rust
from crosswheel.act.building.sdist import unpack_sdist
from crosswheel.act.storage.store import Store


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", refuse)
    monkeypatch.setattr(sdist_archives, "_write", refuse)


def archive(folder: Path, name: str, *members: str) -> Path:
    (folder / "content").write_text("x")
    with tarfile.open(folder / name, "w:gz") as tar:
        for member in members:
            tar.add(folder / "content", arcname=member)
    return folder / name


@pytest.mark.usefixtures("full")
def test_an_sdist_is_not_blamed(tmp_path: Path) -> None:
    sdist = archive(tmp_path, "demo-1.0.tar.gz", "demo-1.0/setup.py")
    with pytest.raises(OSError, match="No space left on device"):
        unpack_sdist(sdist, tmp_path, source_date_epoch=0)


@pytest.mark.usefixtures("full")
def test_a_rust_toolchain_is_not_blamed(tmp_path: Path) -> None:
    toolchain = archive(tmp_path, "rustc-1.tar.gz", "rustc-1/rustc/bin/rustc")
    with pytest.raises(OSError, match="No space left on device"):
        prepare_rust(Store(tmp_path / "store"), [toolchain])
