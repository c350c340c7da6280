"""Measures a command, processes and all; and what is made of several measurements."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processor_time import meter

__all__ = ["Cost", "median", "ratio", "run_measured", "side_by_side"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What one run cost: seconds on the wall, and seconds of CPU in all its processes."""

    wall: float
    cpu: float


#: A shell that forbids bytecode, as those of containers often do, would have every start compile what was changed last.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run_measured(
    command: Sequence[object], *, cwd: Path, environment: Mapping[str, str] | None = None
) -> Cost:
    """Run a command that has to succeed and return what it cost, its start included."""
    with meter() as metered:
        started = time.perf_counter()
        done = subprocess.run(
            [str(word) for word in command],
            cwd=cwd,
            env={**_ENVIRONMENT, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=metered.join,  # no threads here
        )
        wall = time.perf_counter() - started
        cpu = metered.seconds()
    if done.returncode:
        raise RuntimeError(f"{command} exited {done.returncode}\n{done.stdout}\n{done.stderr}")
    return Cost(wall=wall, cpu=cpu)


def side_by_side(contestants: Mapping[str, Callable[[int], Cost]], *, runs: int) -> dict[str, list[Cost]]:
    """Let each contestant run once a round, so that a busy spell of the machine hits all of them alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in contestants}
    for number in range(runs):
        for name, contestant in contestants.items():
            costs[name].append(contestant(number))
    return costs


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of the wall and of the CPU seconds, each for itself."""
    return Cost(
        wall=statistics.median(cost.wall for cost in costs),
        cpu=statistics.median(cost.cpu for cost in costs),
    )


def ratio(costs: Sequence[Cost], base: Sequence[Cost]) -> Cost:
    """Return the ratio of the medians, for the wall and the CPU seconds."""
    over, under = median(costs), median(base)
    return Cost(wall=over.wall / under.wall, cpu=over.cpu / under.cpu)
