"""Names of repositories and texts of BUILD files."""

from __future__ import annotations

import pytest

from starlark_files import function


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("numpy-2.1.0-cp311-cp311-manylinux_2_17_aarch64.whl", "artifact_numpy-2.1.0_aaaaaaaaaaaaaaaa"),
        ("2to3-1.0+local.tar.gz", "artifact_2to3-1.0_local_aaaaaaaaaaaaaaaa"),
        ("serde-1.0.crate", "artifact_serde-1.0_aaaaaaaaaaaaaaaa"),
    ],
)
def test_a_repository_of_an_artifact_is_named_for_it(filename: str, name: str) -> None:
    assert function("rules/private/names.bzl", "artifact_repository")("a" * 64, filename) == name


def test_a_call_leaves_out_what_is_empty() -> None:
    call = function("rules/private/build_text.bzl", "call")
    assert call("rule", python="3.11", wheels=[], plan="") == 'rule(\n    python = "3.11",\n)\n'
