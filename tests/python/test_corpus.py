"""The corpus runner's pure parts: its list, its reason classes, its records and its page."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import Any

import pytest
from corpus_page import corpus_page

from corpus.corpus_list import read_packages
from corpus.reasons import REASON_CLASSES, reason_of
from corpus.records import RESULTS, add_record, read_records


def test_the_list_names_at_least_sixty_releases_with_exercises_that_parse() -> None:
    packages = read_packages()
    assert len(packages) >= 60
    for package in packages.values():
        ast.parse(package.exercise)
        tomllib.loads(package.configuration)


def test_a_package_listed_twice_is_refused() -> None:
    entry = '[[package]]\nname = "numpy"\nversion = "2"\n'
    with pytest.raises(ValueError, match="numpy twice"):
        read_packages(entry * 2)


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown keys excuse"):
        read_packages('[[package]]\nname = "numpy"\nversion = "2"\nexcuse = "none"\n')


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("time limit: build took more than 5 s", "time limit"),
        ("BuildError: cannot build 'x': ...\nfatal error: 'ffi.h' file not found", "native library"),
        (
            "BuildError: cannot build 'x'\nx.h:2:2: error: \"x requires librdkafka v2 or later\"",
            "native library",
        ),
        ("CheckError: cannot use wheel 'x': ... [wrong-machine]", "verifier"),
        (
            "CheckError: cannot use wheel 'x-1-py3-none-any.whl': it does not fit T: the extension module x._y is missing",
            "pure sdist",
        ),
        (
            "CheckError: cannot use wheel 'x-linux_aarch64.whl': its tag is for linux_aarch64, yet it holds no binary",
            "pure sdist",
        ),
        ("SelectionError: no-binary asks for its sdist, and the lock lists only wheels", "no sdist"),
        ("BuildError: ../meson.build:3:0: ERROR: Unknown compiler(s): [['gfortran']]", "Fortran"),
        ("import: exit code 1\nImportError: undefined symbol: x", "import"),
        ("exercise: exit code 1\nAssertionError", "exercise"),
        ("BuildError: cannot build 'x': it failed\nx.c:1: error: unknown type name", "compiler"),
        ("BuildError: cannot build 'x': it failed", "build"),
    ],
)
def test_a_failure_has_the_class_of_what_was_said(said: str, reason: str) -> None:
    assert reason_of(said) == reason


def test_records_are_kept_by_target_and_package(tmp_path: Path) -> None:
    add_record("linux_arm64", "b", {"result": "pass"}, tmp_path)
    add_record("linux_arm64", "a", {"result": "fail"}, tmp_path)
    assert list(read_records("linux_arm64", tmp_path)) == ["a", "b"]
    assert read_records("linux_386", tmp_path) == {}


def test_every_record_is_of_a_listed_package_and_of_a_known_reason() -> None:
    packages, known = read_packages(), {name for name, _, _ in REASON_CLASSES}
    for path in RESULTS.glob("*.json"):
        for name, record in read_records(path.stem).items():
            assert name in packages
            assert record["result"] == "pass" or record["reason"] in known


def test_the_page_counts_and_says_why() -> None:
    results: dict[str, dict[str, dict[str, Any]]] = {
        "linux_arm64": {
            "a": {
                "version": "1",
                "backend": "setuptools",
                "result": "pass",
                "tag": "t",
                "cpu": 1.0,
                "again": "equal",
                "when": "2026-11-26",
                "commit": "30e0f9f+",
            },
            "b": {"version": "2", "result": "fail", "reason": "Rust", "said": "x | y"},
            "c": {"version": "3", "result": "pass", "tag": "t", "configured": True},
        }
    }
    page = corpus_page(results, ["a", "b", "c", "d"], [("Rust", "it compiles Rust")], "note\n")
    assert "| linux_arm64 | 3 | 2 (67 %) | 1 of 1 |" in page
    assert "| a | 1 | setuptools | pass | t | 1.0 | equal | 2026-11-26 30e0f9f+ |" in page
    assert "| c | 3 |  | pass, configured | t |" in page
    assert "| b | Rust | x \\| y |" in page
    assert "Not tried yet: d." in page
    assert "| build backend | linux_arm64 |" in page
    assert "| setuptools | a |" in page
    assert "| Rust | it compiles Rust | 1 |" in page


def test_many_packages_of_a_backend_are_counted() -> None:
    row = {"version": "1", "backend": "setuptools", "result": "pass", "tag": "t"}
    page = corpus_page({"linux_arm64": {f"p{n}": row for n in range(1, 8)}}, [], [], "note\n")
    assert "| setuptools | 7 packages, p1 to p7 |" in page
