"""Ways from wheels to a layer of a container image, and to a Lambda layer, side by side; part of `make bench`.

About 70 published wheels for aarch64, 300 MB unpacked, are planned and built into a wheel repository; every way starts from
that folder, its process included. Written to layers.json, which docs/reference/benchmarks.md reports. The floor reads every
member with zipfile and writes the files down.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT / "tests")]

from benchmarks.measure import Cost, median, ratio, run_measured, side_by_side  # noqa: E402
from e2e.crosswheel_command import shared_store  # noqa: E402
from e2e.target_pythons import cache_root  # noqa: E402

RESULTS = Path(__file__).with_name("layers.json")
_REQUIREMENTS = Path(__file__).with_name("layers") / "requirements.txt"
_PYTHON = "3.12"
_TARGET = "cp312-linux_aarch64_glibc_2_28"
_PLATFORM = "aarch64-manylinux_2_28"


def program(name: str) -> Path:
    """Return a program installed beside this interpreter."""
    return Path(sys.executable).with_name(name)


def prepared_repository(folder: Path) -> Path:
    """Return a wheel repository of the wheels."""
    shutil.copyfile(_REQUIREMENTS, folder / "requirements.txt")
    store = {"CROSSWHEEL_CACHE_DIR": str(shared_store())}
    plan = [program("crosswheel"), "plan", "requirements.txt", "--target", "linux_arm64", "--python", _PYTHON]
    run_measured([*plan, "-o", "wheels.plan.json"], cwd=folder, environment=store)
    run_measured(
        [program("crosswheel"), "build", "wheels.plan.json", "-o", "dist"], cwd=folder, environment=store
    )
    return folder / "dist" / _TARGET


def ways(repository: Path, comparison: Path, out: Path) -> dict[str, list[object]]:
    """Return the command of each way; whatever it makes is below `out`."""
    crosswheel = program("crosswheel")
    names = ["==".join(wheel.name.split("-")[:2]) for wheel in sorted(repository.glob("*.whl"))]
    from_files = ["--no-index", "--find-links", repository, "--no-deps"]
    uv = [
        program("uv"),
        "pip",
        "install",
        "--no-config",
        "--no-cache",
        "--quiet",
        "--python",
        "3.11",
        "--python-version",
        _PYTHON,
        *from_files,
    ]
    uv += ["--python-platform", _PLATFORM, "--target", out / "site", *names]
    platforms = [
        word for glibc in range(28, 16, -1) for word in ("--platform", f"manylinux_2_{glibc}_aarch64")
    ]
    pip = [
        comparison,
        "-m",
        "pip",
        "--isolated",
        "install",
        "--quiet",
        "--no-compile",
        *from_files,
        *platforms,
    ]
    pip += ["--platform", "manylinux2014_aarch64", "--python-version", _PYTHON, "--only-binary", ":all:"]
    pip += ["--target", out / "site", *names]
    floor = [sys.executable, Path(__file__).with_name("install_ways.py"), "floor", repository, out / "site"]
    one_layer = [crosswheel, "layer", repository, "--quiet", "-o", out / "layers", "--max-layers", "1"]
    # More than Lambda takes; what is measured is how fast it is written.
    lambda_ = [crosswheel, "lambda", repository, "--quiet", "--limit", 1 << 30]
    found: dict[str, list[object]] = {
        "floor": floor,
        "crosswheel layer": one_layer,
        "crosswheel layer --compression none": [*one_layer, "--compression", "none"],
        "crosswheel lambda": [*lambda_, "-o", out / "layer.zip"],
        "uv pip install --target, tar, gzip": _then_packed(uv, out),
        "pip install --target, tar, gzip": _then_packed(pip, out),
    }
    if umoci := shutil.which("umoci"):
        found["uv pip install --target, umoci insert"] = _then_inserted(uv, out, umoci)
    return found


def _then_packed(install: list[object], out: Path) -> list[object]:
    pack = 'tar --sort=name --mtime=@0 --owner=0 --group=0 -cf - -C "$1" site | gzip -n6 >"$1/layer.tar.gz"'
    return ["sh", "-c", f'out=$1; shift; "$@" && set -- "$out" && {pack}', "sh", out, *install]


def _then_inserted(install: list[object], out: Path, umoci: str) -> list[object]:
    insert = f'"{umoci}" init --layout "$1/oci" && "{umoci}" new --image "$1/oci:x" && '
    insert += f'"{umoci}" insert --rootless --image "$1/oci:x" "$1/site" /app'
    return ["sh", "-c", f'out=$1; shift; "$@" && set -- "$out" && {insert}', "sh", out, *install]


def peak_memory(command: list[object], cwd: Path, out: Path) -> float:
    """Return the peak resident memory of a command, in MiB."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    words = [sys.executable, "-c", code, *map(str, command)]
    done = subprocess.run(words, cwd=cwd, check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-1]) / 1024  # Linux counts in KiB


def memory_of_all(
    commands: dict[str, list[object]], repository: Path, folder: Path, out: Path
) -> dict[str, int]:
    """Return the peak resident memory of what crosswheel makes, in MiB; images with two layers at a time."""
    image = [program("crosswheel"), "image", repository, "--quiet", "--jobs", 2, "--base", "scratch"]
    image += ["--interpreter", f"/usr/bin/python{_PYTHON}", "-o", out / "image"]
    measured = {name: commands[name] for name in ("crosswheel layer", "crosswheel lambda")}
    return {
        name: round(peak_memory(command, folder, out))
        for name, command in {**measured, "crosswheel image -j 2": image}.items()
    }


def times(
    commands: dict[str, list[object]], repository: Path, folder: Path, out: Path, *, runs: int
) -> dict[str, object]:
    """Return what each way costs, and what it is about."""

    def contestant(command: list[object]) -> Callable[[int], Cost]:
        def run(number: int) -> Cost:
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            return run_measured(command, cwd=folder)

        return run

    costs = side_by_side({name: contestant(command) for name, command in commands.items()}, runs=runs)
    wheels = list(repository.glob("*.whl"))
    unpacked = json.loads(
        subprocess.run(
            [program("crosswheel"), "install", repository, "--json", "-o", folder / "site"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    )
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "runs": runs,
        "wheels": len(wheels),
        "megabytes": round(sum(wheel.stat().st_size for wheel in wheels) / 1e6),
        "unpacked megabytes": round(unpacked["bytes"] / 1e6),
        "ways": {
            name: {
                "wall": round(median(measured).wall, 3),
                "cpu": round(median(measured).cpu, 3),
                "ratio": round(ratio(measured, costs["floor"]).wall, 2),
                "cpu ratio": round(ratio(measured, costs["floor"]).cpu, 2),
            }
            for name, measured in costs.items()
        },
    }


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description="Measure ways from wheels to layers.")
    parser.add_argument(
        "--comparison",
        type=Path,
        default=Path(sys.executable),
        help="a Python with requirements/comparison.txt",
    )
    parser.add_argument("--runs", type=int, default=5, help="rounds")
    parser.add_argument(
        "--memory",
        action="store_true",
        help="measure peak memory only, which a busy machine does not change; times stay",
    )
    arguments = parser.parse_args()
    cache_root().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=cache_root()) as scratch:
        folder = Path(scratch)
        repository, out = prepared_repository(folder), folder / "out"
        commands = ways(repository, arguments.comparison.absolute(), out)
        results = json.loads(RESULTS.read_text()) if arguments.memory else {}
        results["peak memory, MiB"] = memory_of_all(commands, repository, folder, out)
        if not arguments.memory:
            results |= times(commands, repository, folder, out, runs=arguments.runs)
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    print(RESULTS.read_text())


if __name__ == "__main__":
    main()
