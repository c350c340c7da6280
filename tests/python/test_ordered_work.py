"""Work on things that need each other: the order, what a fault holds up, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest

from crosswheel.act.ordered_work import work_in_order
from crosswheel.values.errors import BuildError

DIAMOND = {"top": ("left", "right"), "left": ("base",), "right": ("base",), "base": ()}


def fault(name: str) -> BuildError:
    return BuildError("build", name, why="it failed", fix="mend it")


@pytest.mark.parametrize("jobs", [1, 3])
def test_what_is_needed_is_finished_first_and_its_result_at_hand(jobs: int) -> None:
    seen: dict[str, list[str]] = {}

    def work(name: str, results: Mapping[str, str]) -> str:
        seen[name] = sorted(results)
        return name.upper()

    results = work_in_order(DIAMOND, work, jobs=jobs)
    assert dict(results.finished) == {"top": "TOP", "left": "LEFT", "right": "RIGHT", "base": "BASE"}
    assert list(results.finished) == list(DIAMOND)
    order = list(seen)
    assert (order[0], order[-1]) == ("base", "top")
    assert seen["top"] == ["base", "left", "right"]


def test_what_needs_nothing_of_each_other_runs_together() -> None:
    both = threading.Barrier(2, timeout=30)

    def work(name: str, _: Mapping[str, int]) -> int:
        return both.wait() if name in {"left", "right"} else 0

    assert len(work_in_order(DIAMOND, work, jobs=2).finished) == 4


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_fault_leaves_out_what_needs_it_and_tells_the_first_cause(jobs: int) -> None:
    needs = {"app": ("middle",), "middle": ("bad", "good"), "bad": (), "good": (), "other": ("good",)}

    def work(name: str, _: Mapping[str, str]) -> str:
        if name == "bad":
            raise fault(name)
        return name

    results = work_in_order(needs, work, jobs=jobs)
    assert list(results.finished) == ["good", "other"]
    assert list(results.failed) == ["bad"]
    assert dict(results.left_out) == {"app": "bad", "middle": "bad"}


def test_whatever_is_not_part_of_it_is_not_waited_for() -> None:
    assert work_in_order({"a": ("elsewhere",)}, lambda name, _: name, jobs=1).finished == {"a": "a"}


def test_an_error_that_is_none_of_ours_is_raised_at_once() -> None:
    def work(name: str, _: Mapping[str, str]) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work_in_order(DIAMOND, work, jobs=2)


def test_nothing_to_do_is_done() -> None:
    assert work_in_order({}, lambda name, _: name, jobs=1).finished == {}
