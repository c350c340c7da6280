"""Forces the packages of packages.toml from their sdists, cross builds, verifies, imports and uses them: `make corpus`.

    python tests/corpus/run.py                              # what is not done yet, for linux_arm64
    python tests/corpus/run.py --target linux_arm_v7 lxml   # one package, done or not
    python tests/corpus/run.py --failed                     # what failed last time
    python tests/corpus/run.py --twice                      # and again in another folder with another store

Results go to tests/corpus/results; `make docs` makes docs/reference/corpus.md of them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT / "tests"), str(_ROOT / "python")]

from corpus.checkout import checkout_commit  # noqa: E402
from corpus.corpus_list import Package, read_packages  # noqa: E402
from corpus.one_package import Attempt, run_package  # noqa: E402
from corpus.records import RESULTS, add_record, read_records  # noqa: E402
from crosswheel.target.spellings import parse_target  # noqa: E402
from crosswheel.values.python_abi import parse_python_version  # noqa: E402
from e2e.target_pythons import TargetPython, cache_root, target_python  # noqa: E402


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; return 1 if any package failed."""
    options = _parser().parse_args(arguments)
    packages = read_packages()
    unknown = set(options.names) - set(packages)
    if unknown:
        raise SystemExit(f"packages.toml does not list {', '.join(sorted(unknown))}")
    python = target_python(_arch(options.target))
    chosen = _chosen(packages, options)
    before = read_records(options.target, options.results)
    commit, failed = checkout_commit(_ROOT), 0
    for number, package in enumerate(chosen, start=1):
        attempt = _attempt(package, python, options)
        record = {**run_package(attempt, before.get(package.name, {})), "commit": commit}
        add_record(options.target, package.name, record, options.results)
        failed += record["result"] != "pass"
        print(f"{number}/{len(chosen)} {package.requirement}: {_line(record)}", flush=True)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Cross build the most used packages with native code.")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="packages of packages.toml, done or not; default: all not done",
    )
    parser.add_argument("--target", default="linux_arm64", help="default: linux_arm64")
    parser.add_argument(
        "--twice", action="store_true", help="build again in another folder with another store"
    )
    parser.add_argument("--failed", action="store_true", help="those that failed last time")
    parser.add_argument(
        "--seconds", type=float, default=3600, help="time limit of one command (default: 3600)"
    )
    parser.add_argument(
        "--store",
        type=Path,
        default=cache_root() / "corpus" / "store",
        help="where downloads and wheels are kept",
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    return parser


def _arch(target: str) -> str:
    return parse_target(target, python=parse_python_version("3.11")).target.platform.arch.value


def _chosen(packages: dict[str, Package], options: argparse.Namespace) -> list[Package]:
    if options.names:
        return [packages[name] for name in options.names]
    done = read_records(options.target, options.results)
    if options.failed:
        return [package for name, package in packages.items() if done.get(name, {}).get("result") == "fail"]
    return [
        package
        for name, package in packages.items()
        if done.get(name, {}).get("version") != package.version
        or (options.twice and done[name]["result"] == "pass" and "again" not in done[name])
    ]


def _attempt(package: Package, python: TargetPython, options: argparse.Namespace) -> Attempt:
    base = cache_root() / "corpus"
    there = base / "another folder" / "with a longer name" / options.target / package.name
    return Attempt(
        package=package,
        target=options.target,
        python=python,
        folder=base / options.target / package.name,
        store=options.store,
        again=(there, base / "another store") if options.twice else None,
        seconds=options.seconds,
    )


def _line(record: dict[str, object]) -> str:
    if record["result"] == "pass":
        again = f", built again: {record['again']}" if "again" in record else ""
        cost = f"{record['cpu']} s of CPU" if "cpu" in record else "from the store"
        return f"pass, {record['tag']}, {cost}{again}"
    return f"FAIL in {record['stage']} ({record['reason']}): {record['said']}"


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except (subprocess.SubprocessError, LookupError) as error:
        raise SystemExit(f"error: {error}") from None
