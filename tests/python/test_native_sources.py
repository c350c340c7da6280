"""Which files of an sdist are meant for a compiler, and which of them none was given."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from crosswheel.act.building.native_sources import native_sources, never_compiled, never_compiled_modules
from crosswheel.act.check.facts import DeclaredModule

ASIDE = ("d-1/tests/t.c", "d-1/test cases/1/t.c", "d-1/docs/e.c", "d-1/Examples/e.c", "d-1/bench_x/b.c")
NAMES = ("d-1/x.c", "d-1/src/y.pyx", "d-1/src/z.cpp", "d-1/r.rs", "d-1/d.py", "d-1/x.h", *ASIDE)


def test_sources_are_told_from_tests_and_headers_in_both_kinds_of_archive(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "d-1.tar.gz", "w:gz") as archive:
        for name in NAMES:
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    with zipfile.ZipFile(tmp_path / "d-1.zip", "w") as container:
        for name in NAMES:
            container.writestr(name, b"")
    expected = ("d-1/r.rs", "d-1/src/y.pyx", "d-1/src/z.cpp", "d-1/x.c")
    assert native_sources(tmp_path / "d-1.tar.gz") == expected
    assert native_sources(tmp_path / "d-1.zip") == expected


@pytest.mark.parametrize("given", ["x.c", "src/x.c", "/elsewhere/x.pyx.cpp", "x.cpp"])
def test_what_is_generated_from_a_source_is_that_source(given: str) -> None:
    assert never_compiled(("d-1/src/x.pyx", "d-1/src/y.c"), (given,)) == ("d-1/src/y.c",)


def test_a_module_counts_as_never_compiled_if_all_its_sources_are_there_and_none_was_given() -> None:
    files = ("src/a.c", "src/b.c")
    lost = DeclaredModule(name="d._a", place="setup.py:1", sources=("./src/a.c",))
    unknown = DeclaredModule(name="d._b", place="setup.py:2")
    generated = DeclaredModule(name="d._c", place="setup.py:3", sources=("src/c.c",))
    assert never_compiled_modules((lost, unknown, generated), files, ("src/b.c",)) == (lost, unknown)
    assert never_compiled_modules((lost, unknown, generated), files, ("src/a.c",)) == (unknown,)
