"""The files of C++ libraries, where a build of a wheel looks for them."""

from __future__ import annotations

import pytest

from starlark_files import function

_FILE = "rules/private/library_places.bzl"
_BIN = "bazel-out/k8-opt/bin"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("external/zlib/zlib.h", "include/zlib.h"),
        (f"{_BIN}/external/zlib/zconf.h", "include/zconf.h"),
        ("own/include/own/own.h", "include/own/own.h"),
        ("other/other.h", "include/other/other.h"),
        (f"{_BIN}/other/made.h", "include/other/made.h"),
    ],
)
def test_a_header_is_included_by_the_name_it_has_in_cxx_rules(path: str, place: str) -> None:
    named = ["external/zlib", f"{_BIN}/external/zlib", "own/include", "own"]
    roots = [".", _BIN, "external/zlib", f"{_BIN}/external/zlib"]
    assert function(_FILE, "header_place")(path, named, roots) == place


@pytest.mark.parametrize(
    ("basename", "place"),
    [
        ("libz.a", "lib/libz.a"),
        ("libz.pic.a", "lib/libz.a"),
        ("libz.pic.lo", "lib/libz.a"),
        ("libz.so.1", "lib/libz.so.1"),
    ],
)
def test_an_archive_has_the_name_that_it_is_linked_by(basename: str, place: str) -> None:
    assert function(_FILE, "library_place")(basename) == place
