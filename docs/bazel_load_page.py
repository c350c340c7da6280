"""The part of docs/reference/benchmarks.md about Bazel, from the results of tests/benchmarks/bazel_load.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["bazel_goals", "bazel_load_lines"]

_WHEN = ("nothing fetched", "new server", "again")
#: The size that the goals are about.
_LARGE = "200"


def bazel_goals(load: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what is measured of a large plan, and its goals: time beyond Bazel's own, and memory.

    Args:
        load: what `tests/benchmarks/bazel_load.py` wrote.
    """
    costs = load["costs"]
    one = costs[f"{_LARGE}, one platform, new server"]
    beyond = one["cpu"] - costs["nothing, new server"]["cpu"]
    what = f"Bazel loads and analyses a plan of {_LARGE} packages and {load['targets']} targets"
    return [
        (f"{what}: CPU beyond Bazel's own, s", f"{beyond:.1f}", "3"),
        (f"{what}: peak memory, MB", str(one["peak"]), "500"),
    ]


def bazel_load_lines(load: Mapping[str, Any]) -> list[str]:
    """Return the section.

    Args:
        load: what `tests/benchmarks/bazel_load.py` wrote.
    """
    rows = ["| no crosswheel: one rule with a toolchain of its own | " + _cells(load["costs"], "nothing")]
    for packages, size in sorted(load["plan bytes"].items(), key=lambda item: int(item[0])):
        count = int(packages) * load["targets"]
        plan = f"a plan of {packages} package{'s' if packages != '1' else ''} ({size / 1e6:.2f} MB)"
        rows += [
            f"| {plan}, one platform | " + _cells(load["costs"], f"{packages}, one platform"),
            f"| the same, its {load['targets']} platforms at once: {count} wheels | "
            + _cells(load["costs"], f"{packages}, six platforms"),
        ]
    return [
        "",
        "## Bazel: loading and analysing",
        "",
        (
            f"`bazel build --nobuild @pypi//:repository` with plans of {load['targets']} targets, every tenth package built, on {load['date']}: processor time of "
            f'Bazel\'s server, and its memory at most, the least of {load["rounds"]} rounds on a busy machine. A new server has its start in it; "nothing fetched" has the '
            "artifacts of the platform put in place, too, from Bazel's own cache of downloads. "
            "`tests/benchmarks/bazel_load.py` measures it."
        ),
        "",
        "| loaded and analysed | new server, nothing fetched | new server | the same again |",
        "|---|---|---|---|",
        *rows,
    ]


def _cells(costs: Mapping[str, Any], what: str) -> str:
    found = [costs[f"{what}, {when}"] for when in _WHEN]
    return " | ".join(f"{cost['cpu']:.1f} s, {cost['peak']} MB" for cost in found) + " |"
