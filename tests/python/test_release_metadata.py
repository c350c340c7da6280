"""What a release requires, from its wheel, or from its sdist where that may be believed."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from crosswheel.act.planning.release_metadata import metadata_of_sdist, metadata_of_wheel
from crosswheel.decide.planning.build_requirements import ReleaseMetadata
from crosswheel.values.errors import CheckError, InputError
from made_wheels import make_wheel

FIELDS = "Requires-Dist: idna>=3\nRequires-Dist: six; extra == 'old'\nProvides-Extra: old\n"
READ = ReleaseMetadata(requires=("idna>=3", "six; extra == 'old'"), extras=("old",))


def sdist(folder: Path, text: str | None, *, suffix: str = ".tar.gz") -> Path:
    path = folder / f"a-1{suffix}"
    inner = {"a-1/a.egg-info/PKG-INFO": "Metadata-Version: 2.4\nName: other\nVersion: 1\n"}
    files = inner if text is None else {**inner, "a-1/PKG-INFO": f"{text}\nName: a\nVersion: 1\n{FIELDS}"}
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data.encode()))
    return path


def test_a_wheel_says_what_it_requires(tmp_path: Path) -> None:
    assert metadata_of_wheel(make_wheel(tmp_path, metadata=FIELDS)) == READ


@pytest.mark.parametrize("suffix", [".tar.gz", ".zip"])
@pytest.mark.parametrize("head", ["Metadata-Version: 2.2", "Metadata-Version: 2.4\nDynamic: Version"])
def test_metadata_that_is_not_dynamic_is_believed(tmp_path: Path, head: str, suffix: str) -> None:
    assert metadata_of_sdist(sdist(tmp_path, head, suffix=suffix)) == READ


@pytest.mark.parametrize(
    "head",
    [
        None,
        "Metadata-Version: 2.1",
        "Metadata-Version: 1.1",
        "Metadata-Version: two",
        "Metadata-Version: 2.2\nDynamic: Requires-Dist",
        "Metadata-Version: 2.4\nDynamic: license-file\nDynamic: provides-extra",
    ],
)
def test_an_sdist_that_leaves_it_open_must_be_built(tmp_path: Path, head: str | None) -> None:
    assert metadata_of_sdist(sdist(tmp_path, head)) is None


def test_damaged_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "a-1.tar.gz").write_bytes(b"no archive")
    (tmp_path / "a-1-py3-none-any.whl").write_bytes(b"no archive")
    with pytest.raises(InputError, match=r"a-1\.tar\.gz"):
        metadata_of_sdist(tmp_path / "a-1.tar.gz")
    with pytest.raises(CheckError, match=r"a-1-py3-none-any\.whl"):
        metadata_of_wheel(tmp_path / "a-1-py3-none-any.whl")
