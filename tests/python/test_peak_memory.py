"""The memory that layers and images take does not depend on how large a wheel is, nor on how many layers are written at a time."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.act.wheels.repository import RepositoryWheel, write_repository
from crosswheel.target.targets import parse_target_id
from crosswheel.values.digests import digest_of
from made_wheels import make_wheel

TARGET = parse_target_id("cp311-linux_aarch64_glibc_2_28")
_MIB = 1 << 20
_MEASURED = """
import re, sys
from pathlib import Path
from crosswheel.command_line.main import main
code = main(sys.argv[1:])
print(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])
sys.exit(code)
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel repository of three wheels with 48 MiB of data each, which deflate makes little of."""
    folder = tmp_path_factory.mktemp("large")
    once = random.Random(1).randbytes(_MIB)
    wheels = [
        make_wheel(folder / "in", name, files={f"{name}/{number}.bin": once * 16 for number in range(3)})
        for name in ("one", "two", "three")
    ]
    write_repository(
        folder / "dist",
        target=TARGET,
        wheels=[RepositoryWheel(path=one, sha256=digest_of_file(one), origin="built") for one in wheels],
        plan_digest=digest_of(b"plan"),
    )
    return folder / "dist"


@pytest.mark.parametrize(
    "words",
    [
        ["image", "--base", "scratch", "--interpreter", "/usr/bin/python3.11", "-j", "4", "-o", "out"],
        ["layer", "-j", "4", "-o", "out"],
        ["lambda", "-o", "out.zip"],
    ],
    ids=lambda words: words[0],
)
def test_large_wheels_take_little_memory(repository: Path, tmp_path: Path, words: list[str]) -> None:
    command = [sys.executable, "-c", _MEASURED, words[0], str(repository), *words[1:], "--quiet"]
    done = subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.PIPE, text=True)
    assert int(done.stdout.split()[-1]) / 1024 < 100
