"""Cross build against native build of the same sdist, with the same build requirements, side by side."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.measure import Cost, median, ratio, run_measured, side_by_side
from crosswheel.act.storage.store import Store
from crosswheel.values.digests import Digest
from e2e.crosswheel_command import crosswheel, lock

__all__ = ["PACKAGES", "compare_builds", "first_build"]

PACKAGES = ("crcmod", "markupsafe", "pycosat", "argon2-cffi-bindings", "frozenlist", "kiwisolver", "uvloop")
_TARGET = "linux_arm64"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bench:
    """One package's folder, with its sdist and the wheels of its build requirements."""

    name: str
    folder: Path
    store: Path

    def plan(self, marker: str) -> Path:
        """Plan a build that no earlier run's result answers, because its environment has a new variable in it."""
        (self.folder / "crosswheel.toml").write_text(
            f'[packages.{self.name}]\nprefer = "sdist"\nenvironment = {{ BENCHMARK_RUN = "{marker}" }}\n'
        )
        plan = self.folder / f"{marker}.json"
        options = ("--target", _TARGET, "--python", "3.11", "-o", plan)
        crosswheel("plan", "pylock.toml", *options, cwd=self.folder, store=self.store)
        return plan


def compare_builds(
    folder: Path, *, store: Path, comparison: Path, command: Path, runs: int
) -> dict[str, object]:
    """Build each package natively and across, `runs` times in turn; return medians and ratios by package."""
    results: dict[str, object] = {}
    for name in PACKAGES:
        bench = _prepare(folder / name, name, store)
        contestants = {
            "cross": lambda number, bench=bench: _cross(bench, f"run{number}", command),
            "native": lambda number, bench=bench: _native(bench, comparison),
        }
        _cross(bench, "warm", command)
        costs = side_by_side(contestants, runs=runs)
        over = ratio(costs["cross"], costs["native"])
        results[name] = {
            "cross": _numbers(median(costs["cross"])),
            "native": _numbers(median(costs["native"])),
            "ratio": _numbers(over),
        }
    return results


def first_build(folder: Path, *, store: Path, command: Path) -> dict[str, object]:
    """Build a C and a C++ package in stores that hold the downloads and nothing else: the compiler is yet to be
    unpacked and its runtime libraries for the target are yet to be compiled."""
    results: dict[str, object] = {}
    for language, name in (("C", "markupsafe"), ("C++", "kiwisolver")):
        bench = _prepare(folder / name, name, store)
        document = json.loads(bench.plan("cold").read_text())
        fresh = replace(bench, store=folder / f"store-{name}")
        for digest in document["artifacts"]:
            kept = Store(store).artifact(Digest(digest))
            if kept is not None:
                Store(fresh.store).add_file(kept)
        results[language] = _numbers(_cross(fresh, "cold", command))
    return results


def _prepare(folder: Path, name: str, store: Path) -> _Bench:
    lock(folder, name)
    bench = _Bench(name=name, folder=folder, store=store)
    _extract(bench, bench.plan("prepare"))
    return bench


def _extract(bench: _Bench, plan: Path) -> None:
    """Lay the sdist and the build requirements of a plan into folders that pip can build from."""
    document = json.loads(plan.read_text())
    (build,) = document["builds"].values()
    (environment,) = build["environments"].values()
    crosswheel("build", plan.name, "-o", "prepare", cwd=bench.folder, store=bench.store)
    for digest, kind in (
        (build["sdist"], "sdist"),
        *((wheel, "wheels") for wheel in environment["requirements"]),
    ):
        kept = Store(bench.store).artifact(Digest(digest))
        assert kept is not None, digest
        (bench.folder / kind).mkdir(exist_ok=True)
        shutil.copy(kept, bench.folder / kind / document["artifacts"][digest]["filename"])


def _cross(bench: _Bench, marker: str, command: Path) -> Cost:
    plan = bench.plan(marker)
    output = bench.folder / f"dist-{marker}"
    shutil.rmtree(output, ignore_errors=True)
    return run_measured(
        [command, "build", plan.name, "-o", output],
        cwd=bench.folder,
        environment={"CROSSWHEEL_CACHE_DIR": str(bench.store)},
    )


def _native(bench: _Bench, comparison: Path) -> Cost:
    (sdist,) = (bench.folder / "sdist").iterdir()
    shutil.rmtree(bench.folder / "native", ignore_errors=True)
    isolated = ["--no-index", "--find-links", bench.folder / "wheels", "--no-cache-dir", "--no-deps"]
    return run_measured(
        [comparison, "-m", "pip", "--isolated", "wheel", "--quiet", *isolated, "-w", "native", sdist],
        cwd=bench.folder,
    )


def _numbers(cost: Cost) -> dict[str, float]:
    return {"wall": round(cost.wall, 3), "cpu": round(cost.cpu, 3)}
