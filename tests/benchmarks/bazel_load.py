"""Measures what Bazel takes to load and analyse plans: `tests/benchmarks/bazel_load.py`; rewrites `bazel.json`, for docs/reference/benchmarks.md.

The plans are made up: each package has a wheel of its own for each of six targets, and every tenth is built from its sdist. All
files are tiny and at hand in Bazel's cache of downloads, so that what is measured is Bazel's work and not the network. One
platform, and all six at once (`for_platforms`), are analysed in a new server with nothing fetched yet, in a new server with all fetched, and again
in the same server. Besides, a workspace without crosswheel is analysed: one rule that has a toolchain of its own, for which Bazel
loads all toolchains that it always registers. That is what Bazel itself takes. Processor time and memory are the server's, its start included;
of the second call of a server they are those of the call. Wall time on a busy machine says nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from e2e.bazel_bundle import bazel_bundle
from e2e.bazel_workspace import core_libraries, downloaded, have_downloaded

RESULTS = Path(__file__).with_name("bazel.json")
_CHECKOUT = Path(__file__).parents[2]
_BUILD_PLATFORM = "cp311-linux_x86_64_glibc_2_28"
#: Platform of the workspace -> target of the plan and constraint values.
_PLATFORMS = {
    "linux_amd64": (_BUILD_PLATFORM, "x86_64", "linux", ""),
    "linux_arm64": ("cp311-linux_aarch64_glibc_2_28", "aarch64", "linux", ""),
    "linux_amd64_musl": ("cp311-linux_x86_64_musl_1_2", "x86_64", "linux", "musl"),
    "linux_arm64_musl": ("cp311-linux_aarch64_musl_1_2", "aarch64", "linux", "musl"),
    "macos_arm64": ("cp311-macos_aarch64_11_0", "aarch64", "osx", ""),
    "windows_amd64": ("cp311-windows_x86_64", "x86_64", "windows", ""),
}
_MODULE = """\
module(name = "large", version = "0.1.0")
bazel_dep(name = "crosswheel", version = "0.1.0")
bazel_dep(name = "platforms", version = "0.0.10")
wheels = use_extension("@crosswheel//rules:extensions.bzl", "wheels")
wheels.hub(name = "pypi", plan = "//:wheels.plan.json")
use_repo(wheels, "pypi")
"""
_EMPTY_BUILD = """\
load(":empty.bzl", "one", "tool")
one(name = "one")
tool(name = "tool")
toolchain(name = "toolchain", toolchain = ":tool", toolchain_type = ":type")
toolchain_type(name = "type")
"""
_EMPTY_RULES = """\
tool = rule(implementation = lambda ctx: [platform_common.ToolchainInfo()])
one = rule(implementation = lambda ctx: [], toolchains = [":type"])
"""
_OPTIONS = """\
common --override_module=crosswheel={checkout}
common --repository_cache={downloads}
common --experimental_repository_disable_download
common --noshow_progress --color=no
build --nobuild
"""


def main() -> None:
    """Make the workspaces, measure, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=int, nargs="+", default=[1, 200], help="sizes of plans")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", help="write Bazel's profiles beside this name")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crosswheel-bazel-load-", dir="/var/tmp") as scratch:
        root = Path(scratch)
        measured: dict[str, list[_Cost]] = {}
        sizes = {
            packages: _write_workspace(root / f"of-{packages}", packages) for packages in options.packages
        }
        _write_nothing(root / "of-nothing")
        for number in range(options.rounds):
            for what, when, cost in _one_round(root, options.packages, options.profile):
                measured.setdefault(f"{what}, {when}", []).append(cost)
                print(f"{number + 1}/{options.rounds} {what}, {when}: {cost}", flush=True)
    RESULTS.write_text(json.dumps(_results(measured, sizes, options.rounds), indent=1) + "\n")


def _results(measured: dict[str, list[_Cost]], sizes: dict[int, int], rounds: int) -> dict[str, Any]:
    """Return the least of each figure: what else the machine did can only have added to it."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "rounds": rounds,
        "plan bytes": {str(packages): size for packages, size in sizes.items()},
        "targets": len(_PLATFORMS),
        "costs": {
            name: {
                "cpu": round(min(cost.cpu for cost in costs), 2),
                "peak": round(min(cost.peak for cost in costs)),
                "heap": min(cost.heap for cost in costs),
            }
            for name, costs in measured.items()
        },
    }


def _one_round(root: Path, sizes: Sequence[int], profile: str | None) -> Iterator[tuple[str, str, _Cost]]:
    """Yield what is measured, when, and what it takes, each once."""
    tasks = [("nothing", root / "of-nothing", ["//:one", "--extra_toolchains=//:toolchain"])]
    for packages in sizes:
        platform = "--platforms=//:linux_arm64"
        tasks += [
            (f"{packages}, one platform", root / f"of-{packages}", ["@pypi//:repository", platform]),
            (f"{packages}, six platforms", root / f"of-{packages}", ["//:all_platforms", platform]),
        ]
    for what, folder, words in tasks:
        state = root / "state"
        for when in ("nothing fetched", "new server", "again"):
            path = f"{profile}-{what}-{when}.gz".replace(" ", "-").replace(",", "") if profile else None
            yield what, when, _measure(folder / "workspace", state, words, path, warm=when == "again")
            if when != "new server":
                _bazel(folder / "workspace", state, ["shutdown"])
        subprocess.run(["chmod", "-R", "u+w", state], check=True)
        shutil.rmtree(state)


def _write_nothing(root: Path) -> None:
    """Write a workspace with no dependency but ``platforms``."""
    folder = root / "workspace"
    folder.mkdir(parents=True)
    (folder / "MODULE.bazel").write_text('bazel_dep(name = "platforms", version = "0.0.10")\n')
    (folder / "BUILD.bazel").write_text(_EMPTY_BUILD)
    (folder / "empty.bzl").write_text(_EMPTY_RULES)
    (folder / "load.bazelrc").write_text(_OPTIONS.partition("\n")[2].format(downloads=root / "downloads"))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cost:
    """What a command took of Bazel's server: seconds of processor time of it, megabytes of memory at most and of objects kept."""

    cpu: float
    peak: float
    heap: int


def _measure(folder: Path, state: Path, words: list[str], profile: str | None, *, warm: bool) -> _Cost:
    before = _spent(folder, state) if warm else 0.0
    _call(folder, state, ["build", *([f"--profile={profile}"] if profile else []), *words])
    process = _process(folder, state)
    spent = _spent(folder, state) - before
    status = Path(f"/proc/{process}/status").read_text().split()
    peak = int(status[status.index("VmHWM:") + 1]) / 1024
    heap = _bazel(folder, state, ["info", "used-heap-size-after-gc"]).strip()
    return _Cost(cpu=spent, peak=peak, heap=int(heap.removesuffix("MB")))


def _process(folder: Path, state: Path) -> int:
    return int(_bazel(folder, state, ["info", "server_pid"]).strip())


def _spent(folder: Path, state: Path) -> float:
    times = Path(f"/proc/{_process(folder, state)}/stat").read_text().rpartition(")")[2].split()
    return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")


def _bazel(folder: Path, state: Path, words: list[str]) -> str:
    return _call(folder, state, words).stdout


def _call(folder: Path, state: Path, words: list[str]) -> subprocess.CompletedProcess[str]:
    startup = [f"--bazelrc={folder}/load.bazelrc", f"--output_user_root={state}", "--max_idle_secs=60"]
    return subprocess.run(
        [bazel_bundle().program, *startup, *words], cwd=folder, check=True, text=True, capture_output=True
    )


def _write_workspace(root: Path, packages: int) -> int:
    folder, downloads = root / "workspace", root / "downloads"
    folder.mkdir(parents=True)
    plan = _plan(packages, downloads)
    have_downloaded(core_libraries(), folder)
    for library in core_libraries():
        _put(downloads, library.sha256.hex, downloaded(library.sha256.hex).read_bytes())
    text = json.dumps(plan, indent=2, sort_keys=True)
    (folder / "wheels.plan.json").write_text(text)
    (folder / "MODULE.bazel").write_text(_MODULE)
    (folder / "load.bazelrc").write_text(_OPTIONS.format(checkout=_CHECKOUT, downloads=downloads))
    calls = ['load("@crosswheel//rules:defs.bzl", "for_platforms")\n']
    calls.append('load("@crosswheel//rules/platforms:defs.bzl", "musl")\n')
    for name, (_, cpu, system, libc) in _PLATFORMS.items():
        values = [f"@platforms//cpu:{cpu}", f"@platforms//os:{system}"]
        floor = ' + musl("1.2")' if libc else ""
        calls.append(f"platform(name = {name!r}, constraint_values = {values!r}{floor})\n")
    names = [f":{name}" for name in _PLATFORMS]
    calls.append(
        f'for_platforms(name = "all_platforms", platforms = {names!r}, target = "@pypi//:repository")\n'
    )
    (folder / "BUILD.bazel").write_text("".join(calls))
    return len(text)


def _put(downloads: Path, digest: str, data: bytes) -> None:
    """Have a file in Bazel's cache of downloads."""
    place = downloads / "content_addressable" / "sha256" / digest / "file"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)


def _plan(packages: int, downloads: Path) -> dict[str, Any]:
    artifacts: dict[str, Any] = {}

    def artifact(filename: str) -> str:
        data = filename.encode()
        digest = hashlib.sha256(data).hexdigest()
        _put(downloads, digest, data)
        artifacts[digest] = {
            "filename": filename,
            "size": len(data),
            "url": f"https://files.example/{filename}",
        }
        return digest

    pins = {
        "description": "1" * 64,
        "headers": {"python_version": "3.11.7", "sha256": "2" * 64, "source": "build-python"},
    }
    environment = {
        "requirements": [
            artifact("setuptools-80.0-py3-none-any.whl"),
            artifact("wheel-0.45-py3-none-any.whl"),
        ],
        "toolchain": artifact("ziglang-0.14-py3-none-any.whl"),
    }
    builds: dict[str, Any] = {}
    targets = []
    for target, *_ in _PLATFORMS.values():
        wheels = []
        for number in range(packages):
            name = f"package-{number:03}"
            wheel = {"name": name, "version": "1.0"}
            if number % 10 == 0:
                wheel["build"] = f"{name}-1.0-{target}"
                builds[wheel["build"]] = {
                    "backend": "setuptools.build_meta",
                    "environments": {_BUILD_PLATFORM: environment},
                    "inputs": "0" * 64,
                    "sdist": artifact(f"{name}-1.0.tar.gz"),
                    "target": target,
                    **{key: wheel[key] for key in ("name", "version")},
                }
            else:
                tag = target.partition("-")[2]
                wheel["artifact"] = artifact(f"{name.replace('-', '_')}-1.0-cp311-cp311-{tag}.whl")
            wheels.append(wheel)
        targets.append({"id": target, "wheels": wheels, **pins})
    return {
        "artifacts": artifacts,
        "builds": builds,
        "inputs": {"lock": "0" * 64},
        "schema": 1,
        "source_date_epoch": 315532800,
        "targets": targets,
    }


if __name__ == "__main__":
    main()
