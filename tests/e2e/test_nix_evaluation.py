"""What evaluating a large plan costs: 200 packages for 6 targets, a fifth of them built for each."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from e2e.nix_program import set_up_nix
from e2e.nix_standin import standin_flake

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_ROOT = Path(__file__).parents[2]
_MACHINE = "cp311-linux_x86_64_glibc_2_28"
_TARGETS = (
    *("cp311-linux_aarch64_glibc_2_28", _MACHINE, "cp311-linux_armv7l_glibc_2_28"),
    *("cp311-linux_aarch64_musl_1_2", "cp311-macos_aarch64_11_0", "cp311-windows_x86_64"),
)
_PACKAGES, _BUILT_OF = 200, 5
_SECONDS, _MEGABYTES = 2.0, 200


def large_plan() -> dict[str, Any]:
    """Every wheel is a file of its own for each target; builds share ten build requirements and a compiler."""
    artifacts: dict[str, dict[str, str]] = {}

    def artifact(filename: str) -> str:
        digest = hashlib.sha256(filename.encode()).hexdigest()
        artifacts[digest] = {"filename": filename, "url": f"https://files.example/{digest}/{filename}"}
        return digest

    requirements = [artifact(f"backend_{number}-1.0-py3-none-any.whl") for number in range(10)]
    environment = {"requirements": requirements, "toolchain": artifact("ziglang-1.0-py3-none-any.whl")}
    builds: dict[str, dict[str, Any]] = {}
    targets: list[dict[str, Any]] = []
    for target in _TARGETS:
        wheels = []
        for number in range(_PACKAGES):
            name = f"package-{number:03}"
            wheel = {"name": name, "version": "1.0"}
            if number % _BUILT_OF == 0:
                builds[f"{name}-1.0-{target}"] = {
                    **wheel,
                    "target": target,
                    "inputs": "0" * 64,
                    "backend": "setuptools.build_meta",
                    "sdist": artifact(f"{name}-1.0.tar.gz"),
                    "environments": {_MACHINE: environment},
                }
                wheels.append({**wheel, "build": f"{name}-1.0-{target}"})
            else:
                wheels.append({**wheel, "artifact": artifact(f"{name}-1.0-py3-none-{target}.whl")})
        targets.append({"id": target, "wheels": wheels})
    return {
        "schema": 1,
        "source_date_epoch": 315532800,
        "artifacts": artifacts,
        "builds": builds,
        "targets": sorted(targets, key=lambda one: str(one["id"])),
    }


def test_a_large_plan_is_evaluated_within_two_seconds_and_two_hundred_megabytes(tmp_path: Path) -> None:
    nix = set_up_nix()
    standin = standin_flake(nix, tmp_path / "standin")
    (tmp_path / "wheels.plan.json").write_text(json.dumps(large_plan()))
    expression = (
        f'(import {_ROOT}/rules/nix {{ pkgs = import {standin} {{ system = "x86_64-linux"; }}; }}).mkWheels '
        f"{{ plan = {tmp_path}/wheels.plan.json; }}"
    )
    # A process of its own, so that its children are Nix alone. Nothing is written: files of the store are not counted.
    program = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    )
    asked = ["eval", "--impure", "--read-only", "--raw", "--expr", f"({expression}).drvPath"]
    done = subprocess.run(
        [sys.executable, "-c", program, *nix.command(*asked)],
        env=nix.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, megabytes = map(float, done.stdout.split())
    assert seconds <= _SECONDS
    assert megabytes <= _MEGABYTES
