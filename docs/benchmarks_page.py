"""The text of docs/reference/benchmarks.md, from the results that `make bench` wrote."""

from __future__ import annotations

import statistics
from typing import Any

from bazel_load_page import bazel_goals, bazel_load_lines


def benchmarks_page(
    results: dict[str, Any],
    ways: dict[str, Any] | None,
    layers: dict[str, Any],
    bazel: dict[str, Any],
    note: str,
) -> str:
    """Return the page: what was measured, against what, and how it compares with the goals.

    Args:
        results: what `make bench` wrote of planning, building and installing.
        ways: what `make compare` wrote, if anything.
        layers: what `make bench` wrote of layers.
        bazel: what `tests/benchmarks/bazel_load.py` wrote.
        note: the line that says the page is generated.
    """
    building = results["building"]
    ratios = {
        kind: statistics.median(entry["ratio"][kind] for entry in building.values())
        for kind in ("cpu", "wall")
    }
    installing = {name: entry for name, entry in results["installing"].items() if isinstance(entry, dict)}
    planning = results["planning"]
    goals = [
        ("cross build against native build, CPU, median of the packages", f"{ratios['cpu']:.2f}", "1.1"),
        ("plan of the 67-package example for 3 targets, s", f"{planning['plan']['wall']:.2f}", "0.5"),
        (
            "verified install against the floor",
            f"{installing['crosswheel']['ratio']:.2f} (CPU: {installing['crosswheel']['cpu'] / installing['floor']['cpu']:.2f})",
            "1.3",
        ),
        ("`build` with nothing to do, s", f"{planning['no-op build']['wall']:.2f}", "0.3"),
        *_layer_goals(layers),
        *bazel_goals(bazel),
    ]
    lines = [
        note,
        "# Benchmarks",
        "",
        (
            f"Measured by `make bench` on {results['date']} with Python {results['python']}, {results['runs']} rounds. What is "
            "compared took turns in one run on one machine; the numbers are medians, and only the ratios mean anything elsewhere. "
            "Every number includes the start of the process."
        ),
        "",
        "| what | measured | goal, at most |",
        "|---|---|---|",
        *(f"| {what} | {measured} | {goal} |" for what, measured, goal in goals),
        "",
        *_building(building, ratios),
        *_first_build(results["first build"]),
        *(_ways(ways) if ways else []),
        *_planning(planning),
        *_installing(results["installing"], installing),
        *_layers(layers),
        *bazel_load_lines(bazel),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _building(building: dict[str, Any], ratios: dict[str, float]) -> list[str]:
    rows = [
        f"| {name} | {entry['cross']['cpu']:.1f} | {entry['native']['cpu']:.1f} | {entry['ratio']['cpu']:.2f} "
        f"| {entry['cross']['wall']:.1f} | {entry['native']['wall']:.1f} | {entry['ratio']['wall']:.2f} |"
        for name, entry in building.items()
    ]
    return [
        "## Cross build against native build",
        "",
        (
            "The same sdist and the same build requirements from local files. Cross: `crosswheel build` of a plan with one build for "
            "aarch64, with sandbox, check and repository, the toolchain warm. Native: `pip wheel` with build isolation and gcc, "
            "with the flags the build Python was compiled with. Optimisation levels and debug information differ, as they would for a user."
        ),
        "",
        "| package | cross CPU, s | native CPU, s | ratio | cross wall, s | native wall, s | ratio |",
        "|---|---|---|---|---|---|---|",
        *rows,
        f"| **median** | | | **{ratios['cpu']:.2f}** | | | **{ratios['wall']:.2f}** |",
        "",
    ]


def _first_build(first: dict[str, Any]) -> list[str]:
    return [
        "## The first build for a target",
        "",
        (
            "Once per store: the compiler is unpacked; once per store and target: its runtime libraries are compiled. The same "
            "command with a store that holds the downloads only:"
        ),
        "",
        "| language | CPU, s | wall, s |",
        "|---|---|---|",
        *(f"| {language} | {cost['cpu']:.0f} | {cost['wall']:.0f} |" for language, cost in first.items()),
        "",
    ]


def _ways(ways: dict[str, Any]) -> list[str]:
    names = ("crosswheel", "crossenv", "emulation")
    rows = []
    for package, outcomes in ways["packages"].items():
        cells = [_way(outcomes[name]) for name in names]
        rows.append(f"| {package} | {' | '.join(cells)} |")
    return [
        "## Three ways to a wheel for another machine",
        "",
        (
            f"The same sdists for aarch64, with the same build requirements from local files, in one run of `make compare` on {ways['date']}: "
            f"`crosswheel build` of a plan; crossenv 1.6.2 with Debian's cross gcc {ways['gcc']}, its environment made and filled for each "
            "package, header, isolation and requirements seen to by hand ([what that means](../guides/compared.md)); and emulation, the "
            "target's own pip and gcc under qemu. CPU and wall seconds, and what `crosswheel check` says of the wheel. The machine was busy "
            "with other work: only the CPU seconds compare."
        ),
        "",
        "| package | crosswheel | crossenv | emulation |",
        "|---|---|---|---|",
        *rows,
        "",
    ]


def _way(outcome: dict[str, Any]) -> str:
    if "cpu" not in outcome:
        return f"failed: {outcome['said']}"
    tag = outcome["wheel"].removesuffix(".whl").rpartition("-")[2].split(".")[-1]
    verdict = tag if outcome["result"] == "right" else f"{outcome['result']} ({tag})"
    return f"{outcome['cpu']:.1f} s CPU, {outcome['wall']:.0f} s; {verdict}"


def _planning(planning: dict[str, Any]) -> list[str]:
    where = "with no network at all" if planning["offline"] else "from what an earlier plan has stored"
    return [
        "## Planning, and nothing to do",
        "",
        (
            f"The example's lock, planned for three targets {where}; `build` of a plan whose repositories are there. "
            "What another machine would take can be told from what pip takes to say its version."
        ),
        "",
        "| what | wall, s | CPU, s |",
        "|---|---|---|",
        *(
            f"| {name} | {planning[name]['wall']:.2f} | {planning[name]['cpu']:.2f} |"
            for name in ("plan", "no-op build", "pip --version", "python -c pass")
            if name in planning
        ),
        "",
    ]


def _installing(facts: dict[str, Any], installing: dict[str, Any]) -> list[str]:
    ordered = sorted(installing.items(), key=lambda item: item[1]["wall"])
    return [
        "## Installing",
        "",
        (
            f"The example's {facts['wheels']} wheels for aarch64 ({facts['megabytes']} MB) into an empty folder. The floor reads every member with "
            "Python's `zipfile` and writes it down, nothing more. crosswheel and installer compare every file with RECORD."
        ),
        "",
        "| way | wall, s | CPU, s | against the floor |",
        "|---|---|---|---|",
        *(
            f"| {name} | {entry['wall']:.2f} | {entry['cpu']:.2f} | {entry['ratio']:.2f} |"
            for name, entry in ordered
        ),
    ]


def _layer_goals(layers: dict[str, Any]) -> list[tuple[str, str, str]]:
    def against_floor(name: str) -> str:
        entry = layers["ways"][name]
        return f"{entry['ratio']:.2f} (CPU: {entry['cpu ratio']:.2f})"

    return [
        ("verified layer against the floor", against_floor("crosswheel layer"), "1.2"),
        ("Lambda layer against the floor", against_floor("crosswheel lambda"), "0.2"),
        *(
            (f"peak memory of `{name}`, MiB", str(memory), "100")
            for name, memory in sorted(layers["peak memory, MiB"].items())
        ),
    ]


def _layers(layers: dict[str, Any]) -> list[str]:
    ordered = sorted(layers["ways"].items(), key=lambda item: item[1]["wall"])
    return [
        "",
        "## Layers",
        "",
        (
            f"{layers['wheels']} published wheels for aarch64 ({layers['megabytes']} MB, {layers['unpacked megabytes']} MB unpacked) from a wheel "
            f"repository to one layer, on {layers['date']}, {layers['runs']} rounds in turns. The floor reads every member with Python's `zipfile` and writes "
            "it down. crosswheel compares every file with RECORD and computes both digests of the layer; the others do neither."
        ),
        "",
        "| way | wall, s | CPU, s | against the floor, wall | CPU |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {entry['wall']:.2f} | {entry['cpu']:.2f} | {entry['ratio']:.2f} | {entry['cpu ratio']:.2f} |"
            for name, entry in ordered
        ),
    ]
