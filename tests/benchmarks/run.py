"""Measures what docs/reference/benchmarks.md reports: `make bench`.

Everything that is compared runs side by side in one run on one machine, in turns; what is reported are medians and
their ratios. Numbers of another machine or another day are never compared.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT / "tests")]

from benchmarks.cross_build import compare_builds, first_build  # noqa: E402
from benchmarks.measure import Cost, median, ratio, run_measured, side_by_side  # noqa: E402
from e2e.crosswheel_command import shared_store  # noqa: E402
from e2e.target_pythons import cache_root  # noqa: E402

RESULTS = _ROOT / "tests" / "benchmarks" / "results.json"
_EXAMPLE = _ROOT / "docs" / "examples" / "web-service"
_TARGETS = ("linux_arm64", "linux_amd64", "manylinux2014_aarch64")
_ARM64 = "cp311-linux_aarch64_glibc_2_28"


def program(name: str) -> Path:
    """Return a program installed beside this interpreter."""
    return Path(sys.executable).with_name(name)


def prepared_example(folder: Path) -> Path:
    """Return a copy of the example, locked, planned and built."""
    example = folder / "example"
    shutil.copytree(_EXAMPLE, example, ignore=shutil.ignore_patterns(".demo"))
    uv = [program("uv"), "pip", "compile", "--quiet", "--no-deps", "--universal", "--python-version", "3.11"]
    run_measured([*uv, "--format", "pylock.toml", "requirements.txt", "-o", "pylock.toml"], cwd=example)
    run_measured(plan_command(), cwd=example, environment=store())
    run_measured(
        [program("crosswheel"), "build", "wheels.plan.json", "-o", "dist"], cwd=example, environment=store()
    )
    return example


def store() -> dict[str, str]:
    """Return the variable that names the store."""
    return {"CROSSWHEEL_CACHE_DIR": str(shared_store())}


def plan_command() -> list[object]:
    """Return the command that plans the example for its three targets."""
    wanted = [word for target in _TARGETS for word in ("--target", target)]
    return [
        program("crosswheel"),
        "plan",
        "pylock.toml",
        *wanted,
        "--python",
        "3.11",
        "-o",
        "wheels.plan.json",
    ]


def measure_planning(example: Path, runs: int) -> dict[str, object]:
    """Plan, and build when there is nothing to do; without a network where the system can take it away."""
    unshare = shutil.which("unshare")
    offline: list[object] = [unshare, "--net", "--map-root-user"] if unshare else []
    costs = side_by_side(
        {
            "plan": lambda number: run_measured(
                [*offline, *plan_command()], cwd=example, environment=store()
            ),
            "no-op build": lambda number: run_measured(
                [program("crosswheel"), "build", "wheels.plan.json", "-o", "dist"],
                cwd=example,
                environment=store(),
            ),
            "pip --version": lambda number: run_measured(
                [sys.executable, "-m", "pip", "--version"], cwd=example
            ),
            "python -c pass": lambda number: run_measured([sys.executable, "-c", "pass"], cwd=example),
        },
        runs=runs,
    )
    return {name: numbers(median(measured)) for name, measured in costs.items()} | {"offline": bool(offline)}


def measure_installing(example: Path, comparison: Path, runs: int) -> dict[str, object]:
    """Install the example's aarch64 wheels in several ways."""
    repository = example / "dist" / _ARM64
    wheels = repository
    ways = Path(__file__).with_name("install_ways.py")
    names = [f"{wheel.name.split('-')[0]}=={wheel.name.split('-')[1]}" for wheel in wheels.glob("*.whl")]
    from_files = ["--no-index", "--find-links", wheels, "--no-deps"]
    uv = [program("uv"), "pip", "install", "--no-config", "--no-cache", "--python", "3.11", *from_files]
    pip = [comparison, "-m", "pip", "--isolated", "install", "--quiet", "--no-compile", *from_files]
    platforms = [
        word for glibc in range(28, 16, -1) for word in ("--platform", f"manylinux_2_{glibc}_aarch64")
    ]
    pip += [*platforms, "--platform", "manylinux2014_aarch64", "--python-version", "3.11"]
    commands: dict[str, Callable[[Path], list[object]]] = {
        "floor": lambda site: [sys.executable, ways, "floor", wheels, site],
        "crosswheel": lambda site: [program("crosswheel"), "install", repository, "--dest", site],
        "uv, cold cache": lambda site: [
            *uv,
            "--python-platform",
            "aarch64-manylinux_2_28",
            "--target",
            site,
            *names,
        ],
        "installer": lambda site: [comparison, ways, "installer", wheels, site],
        "pip": lambda site: [*pip, "--only-binary", ":all:", "--target", site, *names],
    }

    def contestant(command: Callable[[Path], list[object]]) -> Callable[[int], Cost]:
        def install(number: int) -> Cost:
            site = example / "site"
            shutil.rmtree(site, ignore_errors=True)
            return run_measured(command(site), cwd=example, environment=store())

        return install

    costs = side_by_side({name: contestant(command) for name, command in commands.items()}, runs=runs)
    return {
        name: {**numbers(median(measured)), "ratio": round(ratio(measured, costs["floor"]).wall, 2)}
        for name, measured in costs.items()
    } | {
        "wheels": len(names),
        "megabytes": round(sum(path.stat().st_size for path in wheels.iterdir()) / 1e6),
    }


def numbers(cost: Cost) -> dict[str, float]:
    """Return a cost as JSON."""
    return {"wall": round(cost.wall, 3), "cpu": round(cost.cpu, 3)}


def main() -> None:
    """Measure everything and write the results."""
    parser = argparse.ArgumentParser(description="Measure what docs/reference/benchmarks.md reports.")
    parser.add_argument(
        "--comparison", type=Path, required=True, help="a Python with requirements/comparison.txt"
    )
    parser.add_argument("--runs", type=int, default=5, help="rounds of each comparison")
    parser.add_argument(
        "--part", action="append", help="measure this again; the rest, of the same day, stays (repeatable)"
    )
    arguments = parser.parse_args()
    today = datetime.now(UTC).date().isoformat()
    results: dict[str, object] = json.loads(RESULTS.read_text()) if arguments.part else {"date": today}
    if results["date"] != today:
        parser.error(f"the results are of {results['date']}: measure all")
    comparison, runs = arguments.comparison.absolute(), arguments.runs
    command = program("crosswheel")
    cache_root().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=cache_root()) as scratch:
        folder = Path(scratch)
        example = prepared_example(folder)
        parts: dict[str, Callable[[], object]] = {
            "planning": lambda: measure_planning(example, 4 * runs),
            "installing": lambda: measure_installing(example, comparison, runs),
            "building": lambda: compare_builds(
                folder / "warm", store=shared_store(), comparison=comparison, command=command, runs=runs
            ),
            "first build": lambda: first_build(folder / "cold", store=shared_store(), command=command),
        }
        results |= {name: parts[name]() for name in arguments.part or parts}
    results |= {"python": platform.python_version(), "runs": runs}
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    print(RESULTS.read_text())


if __name__ == "__main__":
    main()
