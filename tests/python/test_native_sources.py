"""Which files of an sdist are meant for a compiler."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

from crosswheel.act.building.native_sources import native_sources

NAMES = ("d-1/x.c", "d-1/src/y.pyx", "d-1/src/z.cpp", "d-1/d.py", "d-1/tests/t.c", "d-1/docs/e.c", "d-1/x.h")


def test_sources_are_told_from_tests_and_headers_in_both_kinds_of_archive(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "d-1.tar.gz", "w:gz") as archive:
        for name in NAMES:
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    with zipfile.ZipFile(tmp_path / "d-1.zip", "w") as container:
        for name in NAMES:
            container.writestr(name, b"")
    expected = ("d-1/src/y.pyx", "d-1/src/z.cpp", "d-1/x.c")
    assert native_sources(tmp_path / "d-1.tar.gz") == expected
    assert native_sources(tmp_path / "d-1.zip") == expected
