"""A wheel's METADATA: of which release it is, which Python it allows, whether installers can read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from checked_wheels import built, check, codes, only, wheel

PURE = {"demo/__init__.py": b"NAME = 1\n"}


def test_name_and_version_must_agree_everywhere(tmp_path: Path) -> None:
    path = wheel(tmp_path, PURE, tag="py3-none-any")
    renamed = path.rename(tmp_path / "other-2.0-py3-none-any.whl")
    assert [finding.message for finding in check(renamed).findings] == [
        "it says name 'demo', the file name says 'other'",
        "it says version '1.0', the file name says '2.0'",
    ] * 2


def test_another_release_than_the_sdists_is_refused(tmp_path: Path) -> None:
    path = wheel(tmp_path, PURE, tag="py3-none-any", version="0.0.0")
    finding = only(check(path, built(version="1.0")))
    assert (finding.code, finding.message) == (
        "metadata-mismatch",
        "it says version '0.0.0', the sdist says '1.0'",
    )


def test_spellings_of_one_release_are_equal(tmp_path: Path) -> None:
    path = wheel(tmp_path, PURE, tag="py3-none-any", name="Demo_Pack", version="1.0.0+local.1")
    assert check(path, built(name="demo-pack", version="1.0+local.1")).findings == ()


def test_a_version_of_thousands_of_digits_is_another_version(tmp_path: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        members["demo-1.0.dist-info/METADATA"] = b"Metadata-Version: 2.1\nName: demo\nVersion: " + b"9" * 5000

    report = check(wheel(tmp_path, PURE, tag="py3-none-any", change=change))
    assert "metadata-mismatch" in [finding.code for finding in report.errors]


@pytest.mark.parametrize(
    "metadata",
    ["", "Requires-Python: >=3.8\n", "Requires-Python: >=3.11.2,!=3.11.0\n", "Requires-Python: nonsense\n"],
)
def test_a_wheel_for_the_targets_python_fits(tmp_path: Path, metadata: str) -> None:
    assert check(wheel(tmp_path, PURE, tag="py3-none-any", metadata=metadata)).findings == ()


@pytest.mark.parametrize("specifiers", [">=3.12", "<3.11", "!=3.11.*", "==2.7"])
def test_a_wheel_for_other_pythons_only_is_refused_unless_that_is_accepted(
    tmp_path: Path, specifiers: str
) -> None:
    path = wheel(tmp_path, PURE, tag="py3-none-any", metadata=f"Requires-Python: {specifiers}\n")
    for facts in (None, built()):
        finding = only(check(path, facts))
        assert (finding.code, finding.file) == ("requires-other-python", "demo-1.0.dist-info/METADATA")
        assert (
            finding.message
            == f"it requires Python {specifiers}, and the target's is 3.11; lock a release for 3.11"
        )
    assert not check(path, accept=("requires-other-python",)).refused


@pytest.mark.parametrize(
    "metadata", ["Author: Ren\udce9\n", "Requires-Dist: foo >>> 3\n", "Requires-Dist: foo (>dev)\n"]
)
def test_metadata_that_installers_cannot_read_is_refused(tmp_path: Path, metadata: str) -> None:
    path = wheel(tmp_path, PURE, tag="py3-none-any", metadata=metadata)
    assert codes(check(path)) == ["error metadata-unreadable"]


def test_the_requirements_of_a_wheel_are_reported(tmp_path: Path) -> None:
    metadata = "Requires-Dist: idna>=2\nRequires-Dist: socks; extra == 'socks'\n"
    report = check(wheel(tmp_path, PURE, tag="py3-none-any", metadata=metadata))
    assert report.requirements == ("idna>=2", "socks; extra == 'socks'")
