"""Tests that share what takes minutes to make are run by one process."""

from __future__ import annotations

import pytest

from process_groups import stays_with


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
