"""Which Python a runtime of Python rules is, by its files."""

from __future__ import annotations

import pytest

from starlark_files import function

_FILE = "rules/private/python_runtimes.bzl"


@pytest.mark.parametrize(
    ("interpreter", "library", "version"),
    [
        ("external/python_3_11/bin/python3", "external/python_3_11/lib/python3.11/os.py", "3.11"),
        ("external/python_3_13/bin/python3.13", "external/python_3_13/lib/python3.13t/os.py", "3.13t"),
        ("usr/bin/python3", "usr/lib64/python3.12/os.py", "3.12"),
        ("bin/python3", "lib/python3.12/os.py", "3.12"),
    ],
)
def test_an_interpreter_is_of_the_version_that_its_standard_library_lies_under(
    interpreter: str, library: str, version: str
) -> None:
    files = [f"{library.removesuffix('os.py')}ast.py", library]
    assert function(_FILE, "version_brought")(interpreter, files) == version


@pytest.mark.parametrize(
    "path",
    [
        "tools/python/py3wrapper.sh",
        "other/lib/python3.11/os.py",
        "tools/lib/python3.11/site-packages/os.py",
        "tools/share/python3.11/os.py",
        "tools/lib/pypy3.11/os.py",
        "tools/lib/python3.11/os.pyc",
    ],
)
def test_an_interpreter_that_brings_no_standard_library_is_of_no_known_version(path: str) -> None:
    assert function(_FILE, "version_brought")("tools/python/py3wrapper.sh", [path]) is None
