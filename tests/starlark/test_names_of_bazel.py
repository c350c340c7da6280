"""Names of repositories, texts of BUILD files and pins of the core's libraries."""

from __future__ import annotations

import re

import pytest

from starlark_files import ROOT, function


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


def test_the_core_runs_with_the_versions_it_is_tested_with() -> None:
    pins = dict(re.findall(r'"([a-z]+)-(\d[\d.]*)-', (ROOT / "rules/toolchains/core_wheels.bzl").read_text()))
    requirements = (ROOT / "requirements/development.txt").read_text()
    tested = dict(re.findall(r"^([a-z]+)==(\S+)", requirements, re.MULTILINE))
    assert pins == {name: tested[name] for name in ("deflate", "packaging", "tomli")}


def test_the_core_runs_with_wheels_that_are_pinned_for_development_too() -> None:
    digests = re.findall(
        r'sha256 = "([0-9a-f]{64})"', (ROOT / "rules/toolchains/core_wheels.bzl").read_text()
    )
    requirements = (ROOT / "requirements/development.txt").read_text()
    assert len(digests) == 8
    assert [one for one in digests if one not in requirements] == []
