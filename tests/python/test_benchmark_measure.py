"""The arithmetic of the benchmarks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.measure import Cost, median, ratio, run_measured, side_by_side

_ONE, _TWO, _NINE = (Cost(wall=number, cpu=number / 2) for number in (1.0, 2.0, 9.0))


def test_the_median_is_not_moved_by_one_slow_run() -> None:
    assert median([_NINE, _ONE, _TWO]) == _TWO


def test_a_ratio_is_of_medians() -> None:
    assert ratio([_TWO, _TWO, _NINE], [_ONE, _ONE, _NINE]) == Cost(wall=2.0, cpu=2.0)


def test_contestants_take_turns() -> None:
    order: list[str] = []

    def contestant(name: str) -> Cost:
        order.append(name)
        return _ONE

    side_by_side(
        {"a": lambda number: contestant(f"a{number}"), "b": lambda number: contestant(f"b{number}")}, runs=2
    )
    assert order == ["a0", "b0", "a1", "b1"]


def test_cpu_of_grandchildren_is_counted(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    cost = run_measured(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"],
        cwd=tmp_path,
    )
    assert cost.cpu > 0.25


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="exited 3"):
        run_measured([sys.executable, "-c", "raise SystemExit(3)"], cwd=tmp_path)
