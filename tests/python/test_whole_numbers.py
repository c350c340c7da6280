from __future__ import annotations

import argparse

import pytest

from crosswheel.command_line.main import main
from crosswheel.command_line.whole_numbers import whole_number


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["lambda", "p", "-t", "linux_arm64", "-o", "x.zip", "--limit", "250MB"],
            "argument --limit: '250MB' is not a number of bytes, such as 262144000",
        ),
        (
            ["layer", "p", "-o", "x", "--max-layers", "many"],
            "argument --max-layers: 'many' is not a number of layers",
        ),
        (
            ["image", "p", "-o", "x", "--base", "scratch", "--max-layers", "5.5"],
            "argument --max-layers: '5.5' is not a number of layers",
        ),
        (["build", "p", "-o", "x", "-j", "0"], "argument -j/--jobs: '0' is not a number from 1 to 999999"),
        (["build", "p", "-o", "x", "-j", "1000000"], "'1000000' is not a number from 1 to 999999"),
    ],
)
def test_what_is_no_number_is_told_by_what_it_counts(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_numbers_are_taken_as_they_are() -> None:
    assert whole_number("one")("-12") == -12
    assert whole_number("one", least=0)("0") == 0
    with pytest.raises(argparse.ArgumentTypeError, match="'9999' is not one"):
        whole_number("one", digits=3)("9999")
