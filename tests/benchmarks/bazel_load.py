"""Measures what Bazel takes to load and analyse a large plan: `tests/benchmarks/bazel_load.py [--packages 200] [--keep FOLDER]`.

The plan is made up: each package has a wheel of its own for each of six targets, and every tenth is built from its sdist. All
files are tiny and at hand in Bazel's cache of downloads, so that what is measured is Bazel's work and not the network. One
platform, and all six at once (`for_platforms`), are analysed in a new server with nothing fetched yet, in a new server with all fetched, and again
in the same server. Before that, a workspace without crosswheel is analysed: one file, and one rule that has a toolchain of its own, for which Bazel
loads all toolchains that it always registers. That is what Bazel itself takes. Wall time is that of the command,
"elapsed" what Bazel says of it, which leaves out the start of its server; processor time and peak memory are the server's.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from e2e.bazel_bundle import bazel_bundle
from e2e.bazel_workspace import core_libraries, downloaded, have_downloaded

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
filegroup(name = "nothing", srcs = ["MODULE.bazel"])
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
    """Make the workspace, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=int, default=200)
    parser.add_argument("--profile", help="write Bazel's profiles beside this name")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crosswheel-bazel-load-", dir="/var/tmp") as scratch:
        root = Path(scratch)
        size = _write_workspace(root, options.packages)
        _measure_nothing(root)
        print(f"{options.packages} packages, {len(_PLATFORMS)} targets, plan of {size / 1e6:.2f} MB")
        for label, words in {
            "one platform": ["@pypi//:repository", "--platforms=//:linux_arm64"],
            "six platforms": ["//:all_platforms", "--platforms=//:linux_arm64"],
        }.items():
            state = root / label.replace(" ", "-")
            for when in ("nothing fetched", "new server", "again"):
                profile = (
                    f"{options.profile}-{label}-{when}.gz".replace(" ", "-") if options.profile else None
                )
                measured = _measure(root / "workspace", state, words, profile)
                _print(label, when, measured)
                if when != "new server":
                    _bazel(root / "workspace", state, ["shutdown"])
            subprocess.run(["chmod", "-R", "u+w", state], check=True)


def _measure_nothing(root: Path) -> None:
    """Measure a workspace with no dependency but ``platforms``."""
    folder, state = root / "empty", root / "state-of-empty"
    folder.mkdir()
    (folder / "MODULE.bazel").write_text('bazel_dep(name = "platforms", version = "0.0.10")\n')
    (folder / "BUILD.bazel").write_text(_EMPTY_BUILD)
    (folder / "empty.bzl").write_text(_EMPTY_RULES)
    (folder / "load.bazelrc").write_text(_OPTIONS.partition("\n")[2].format(downloads=root / "downloads"))
    for what, words in {
        "no rule": ["//:nothing"],
        "one rule": ["//:one", "--extra_toolchains=//:toolchain"],
    }.items():
        for when in ("nothing fetched", "new server"):
            _print(what, when, _measure(folder, state, words, None))
            _bazel(folder, state, ["shutdown"])
    subprocess.run(["chmod", "-R", "u+w", state], check=True)


def _print(label: str, when: str, measured: dict[str, str]) -> None:
    print(
        f"{label:14} {when:16} " + "  ".join(f"{key} {value}" for key, value in measured.items()), flush=True
    )


def _measure(folder: Path, state: Path, words: list[str], profile: str | None) -> dict[str, str]:
    begin = time.monotonic()
    said = _call(folder, state, ["build", *([f"--profile={profile}"] if profile else []), *words]).stderr
    wall = time.monotonic() - begin
    (elapsed,) = re.findall(r"Elapsed time: ([\d.]+)s", said)
    process = int(_bazel(folder, state, ["info", "server_pid"]).strip())
    status = Path(f"/proc/{process}/status").read_text().split()
    peak = int(status[status.index("VmHWM:") + 1]) / 1024
    times = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    spent = (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")
    heap = _bazel(folder, state, ["info", "used-heap-size-after-gc"]).strip()
    return {
        "wall": f"{wall:.1f} s",
        "elapsed": f"{float(elapsed):.1f} s",
        "server's processor": f"{spent:.1f} s",
        "peak": f"{peak:.0f} MB",
        "heap": heap,
    }


def _bazel(folder: Path, state: Path, words: list[str]) -> str:
    return _call(folder, state, words).stdout


def _call(folder: Path, state: Path, words: list[str]) -> subprocess.CompletedProcess[str]:
    startup = [f"--bazelrc={folder}/load.bazelrc", f"--output_user_root={state}", "--max_idle_secs=60"]
    return subprocess.run(
        [bazel_bundle().program, *startup, *words], cwd=folder, check=True, text=True, capture_output=True
    )


def _write_workspace(root: Path, packages: int) -> int:
    folder, downloads = root / "workspace", root / "downloads"
    folder.mkdir()
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
