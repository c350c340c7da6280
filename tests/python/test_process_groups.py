"""Tests that share what takes minutes to make are run by one process."""

from __future__ import annotations

import pytest

from process_groups import begins, stays_with


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/e2e/test_bazel.py::test_a", "tests/e2e/test_bazel"),
        ("tests/e2e/test_bazel_images.py::test_b[1::2]", "tests/e2e/test_bazel"),
        ("tests/e2e/test_nix_flakes.py::test_c", "tests/e2e/test_nix"),
        ("tests/python/test_image_bases.py::test_d", "tests/python/test_image_bases"),
        ("tests/python/test_image.py::test_e", "tests/python/test_image"),
    ],
)
def test_the_end_to_end_files_of_one_tool_stay_together(nodeid: str, group: str) -> None:
    assert stays_with(nodeid) == group


def test_the_longest_begin_first() -> None:
    names = ("python/test_x", "e2e/test_nix", "e2e/test_nix_builds", "e2e/test_demo", "e2e/test_bazel_nix")
    ids = [f"tests/{name}.py::test_x" for name in names]
    assert [names.index(one.split("/", 1)[1].partition(".")[0]) for one in sorted(ids, key=begins)] == [
        4,
        2,
        1,
        0,
        3,
    ]
