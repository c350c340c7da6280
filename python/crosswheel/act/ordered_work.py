"""Work on things that need each other, several at a time: each starts when whatever it needs is finished."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from crosswheel.act.worker_pool import worker_pool
from crosswheel.values.errors import CrosswheelError

__all__ = ["OrderedResults", "work_in_order"]

_Result = TypeVar("_Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderedResults(Generic[_Result]):
    """What came of it; every name is in exactly one of the three, in the order given.

    Attributes:
        finished: results.
        failed: faults.
        left_out: what was not begun, with the name of the failed one that it needs, directly or not.
    """

    finished: Mapping[str, _Result]
    failed: Mapping[str, CrosswheelError]
    left_out: Mapping[str, str]


def work_in_order(
    needs: Mapping[str, Collection[str]],
    work: Callable[[str, Mapping[str, _Result]], _Result],
    *,
    jobs: int,
    stop: Callable[[], None] | None = None,
) -> OrderedResults[_Result]:
    """Do all of it, `jobs` at a time; a fault keeps only that from being begun which needs the failed one.

    Args:
        needs: what each name needs, without circles; a name that is no key is taken for finished elsewhere.
        work: gets a name and all results there are by then.
        jobs: how many at a time.
        stop: makes `work` that has begun end soon; called when the user interrupts.
    """
    finished: dict[str, _Result] = {}
    failed: dict[str, CrosswheelError] = {}
    left_out: dict[str, str] = {}
    waiting = {name: [other for other in others if other in needs] for name, others in needs.items()}
    running: dict[Future[_Result], str] = {}
    with worker_pool(jobs, stop=stop) as pool:
        while waiting or running:
            for name in _ready(waiting, finished, failed, left_out):
                del waiting[name]
                running[pool.submit(work, name, dict(finished))] = name
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(future)
                try:
                    finished[name] = future.result()
                except CrosswheelError as fault:
                    failed[name] = fault
    return OrderedResults(
        finished={name: finished[name] for name in needs if name in finished},
        failed={name: failed[name] for name in needs if name in failed},
        left_out={name: left_out[name] for name in needs if name in left_out},
    )


def _ready(
    waiting: dict[str, list[str]],
    finished: Mapping[str, object],
    failed: Mapping[str, CrosswheelError],
    left_out: dict[str, str],
) -> list[str]:
    """Return what can begin now; move what never can from `waiting` to `left_out`."""
    hopeless = True
    while hopeless:
        hopeless = False
        for name, others in list(waiting.items()):
            for other in others:
                if other in failed or other in left_out:
                    left_out[name] = left_out.get(other, other)
                    del waiting[name]
                    hopeless = True
                    break
    return [name for name, others in waiting.items() if all(other in finished for other in others)]
