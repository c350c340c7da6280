"""The arithmetic of the benchmarks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.measure import Cost, median, ratio, run_measured, side_by_side
from benchmarks.processor_time import Meter, meter

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


def test_without_control_groups_what_is_waited_for_is_counted(tmp_path: Path) -> None:
    metered = Meter(None)
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", busy], check=True)
    assert not metered.sees_everything
    assert metered.seconds() > 0.25


def test_processes_that_nobody_waits_for_are_counted_where_it_can_be(tmp_path: Path) -> None:
    with meter() as metered:
        counted = metered.sees_everything
    busy = "import os, time\nos.setsid()\nwhile time.process_time() < 0.3: pass\nopen('done', 'w')"
    waits = "while not os.path.exists('done'): time.sleep(0.01)"
    code = f"import os, subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', {busy!r}])\n{waits}\nos._exit(0)"
    cost = run_measured([sys.executable, "-c", code], cwd=tmp_path)
    assert cost.cpu > 0.25 or not counted
