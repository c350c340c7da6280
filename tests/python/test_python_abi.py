"""Python ABIs parse from tags and versions, print back, and exist."""

from __future__ import annotations

import pytest

from crosswheel.values.errors import InputError
from crosswheel.values.python_abi import PythonAbi, parse_python_abi, parse_python_version


@pytest.mark.parametrize("text", ["cp38", "cp312", "cp313t", "cp312d", "cp314td", "cp315t"])
def test_an_abi_tag_prints_back(text: str) -> None:
    assert str(parse_python_abi(text)) == text


@pytest.mark.parametrize(
    ("text", "abi"),
    [
        ("3.12", "cp312"),
        ("3.12.4", "cp312"),
        ("3.13t", "cp313t"),
        ("3.13.1t", "cp313t"),
        ("3.13+freethreaded", "cp313t"),
        ("3.14td", "cp314td"),
        ("3.11d", "cp311d"),
        ("3.15.0rc1", "cp315"),
        ("cp313t", "cp313t"),
    ],
)
def test_a_version_gives_its_abi(text: str, abi: str) -> None:
    assert str(parse_python_version(text)) == abi


@pytest.mark.parametrize("text", ["", "312", "3", "3.12.x", "3.", "pp310", "python3", "3.12 "])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_python_version(text)
    assert (
        str(caught.value)
        == f"cannot parse Python version '{text}': it is not a version; write for example 3.12 or 3.13t"
    )


@pytest.mark.parametrize("text", ["", "cp3", "cp37m", "pp310_pp73", "CP312", "cp312dt"])
def test_what_is_no_abi_tag_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_python_abi(text)
    assert (
        str(caught.value) == f"cannot parse Python ABI '{text}': it is not a CPython ABI tag; "
        "write for example cp312 or cp313t"
    )


@pytest.mark.parametrize("text", ["2.7", "3.7", "4.0"])
def test_pythons_outside_3_8_and_newer_are_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_python_version(text)
    abi = "cp" + text.replace(".", "")
    assert (
        str(caught.value)
        == f"cannot use Python ABI '{abi}': it is not CPython 3.8 or newer; use a newer Python"
    )


def test_free_threading_before_3_13_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        parse_python_version("3.12t")
    assert (
        str(caught.value)
        == "cannot use Python ABI 'cp312t': free-threaded builds exist since CPython 3.13; leave out the t, "
        "or use 3.13t or newer"
    )


def test_flags_are_those_of_sys_abiflags() -> None:
    assert PythonAbi(major=3, minor=14, free_threaded=True, debug=True).flags == "td"
