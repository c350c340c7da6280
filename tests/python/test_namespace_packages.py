"""Namespace packages that several wheels declare, each in its own words."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest

from crosswheel.act.wheels.namespace_packages import declares_namespace
from crosswheel.values.errors import CrosswheelError, InputError
from installing import install
from made_wheels import make_wheel, record_line

PKGUTIL = b"__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
COMMENTED = b"# https://peps.python.org/pep-0420/\nfrom pkgutil import extend_path\n\n__path__ = extend_path(__path__, __name__)\n"
RESOURCES = b"""\"\"\"Shared.\"\"\"
try:
    __import__('pkg_resources').declare_namespace(__name__)
except ImportError:
    from pkgutil import extend_path
    __path__ = extend_path(__path__, __name__)
"""


@pytest.mark.parametrize("source", [PKGUTIL, COMMENTED, RESOURCES])
def test_a_declaration_is_known_in_any_words(source: bytes) -> None:
    assert declares_namespace(source)


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"'''Words.'''\n",
        PKGUTIL + b"VERSION = 1\n",
        PKGUTIL + b"import os\n",
        b"from .a import b\n",
        b"(",
        b"\0",
    ],
)
def test_what_does_more_or_less_is_none(source: bytes) -> None:
    assert not declares_namespace(source)


def two(folder: Path, one: bytes, other: bytes) -> list[Path]:
    return [
        make_wheel(folder, name, files={"shared/__init__.py": text, f"shared/{name}.py": b""})
        for name, text in (("one", one), ("two", other))
    ]


def test_the_first_declaration_is_installed_for_all(tmp_path: Path) -> None:
    install(tmp_path, *two(tmp_path, COMMENTED, RESOURCES))
    site = tmp_path / "site"
    assert (site / "shared/__init__.py").read_bytes() == COMMENTED
    assert (site / "shared/two.py").is_file()
    for name in ("one", "two"):
        rows = list(csv.reader((site / f"{name}-1.0.dist-info/RECORD").read_text().splitlines()))
        (row,) = [row for row in rows if row[0] == "shared/__init__.py"]
        assert ",".join(row) == record_line("shared/__init__.py", COMMENTED)


def test_what_is_no_declaration_must_be_equal(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="both bring it, with different content"):
        install(tmp_path, *two(tmp_path, PKGUTIL, PKGUTIL + b"VERSION = 1\n"))


def test_a_declaration_that_its_record_does_not_name_is_not_taken(tmp_path: Path) -> None:
    one, other = two(tmp_path, PKGUTIL, RESOURCES)
    named, _, _ = record_line("shared/__init__.py", COMMENTED).rpartition(",")
    (tmp_path / "wrong").mkdir()
    wrong = tmp_path / "wrong" / one.name
    with zipfile.ZipFile(one) as archive, zipfile.ZipFile(wrong, "w") as changed:
        for info in archive.infolist():
            data = archive.read(info)
            if info.filename.endswith("/RECORD"):
                right = record_line("shared/__init__.py", PKGUTIL).encode()
                assert right in data
                data = data.replace(right, f"{named},{len(PKGUTIL)}".encode())
            changed.writestr(info, data)
    with pytest.raises(CrosswheelError):
        install(tmp_path, wrong, other)
