"""The memory that checks, layers and images take does not depend on how large a wheel is, nor on how much is done at a time."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.act.wheels.repository import RepositoryWheel, write_repository
from crosswheel.target.targets import parse_target_id
from crosswheel.values.digests import digest_of
from elf_files import elf_file, extension_module
from made_wheels import make_wheel
from sysroot_packages import archive

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
    assert _peak([words[0], str(repository), *words[1:]], tmp_path) < 100


def _peak(words: list[str], folder: Path) -> float:
    """Return the MiB that a command takes."""
    command = [sys.executable, "-c", _MEASURED, *words, "--quiet"]
    done = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
    return int(done.stdout.split()[-1]) / 1024


def _static_library() -> bytes:
    """Return an archive of one object file of 64 MiB, as vendors of closed code have it."""
    code = random.Random(2).randbytes(_MIB) * 64
    return archive({"all.o": elf_file(file_type=1, needed=(), code=code)})


def _shared_library() -> bytes:
    """Return a library that defines 120,000 functions with the long names of C++."""
    names = [f"_ZN{'x' * 100}{number}" for number in range(120_000)]
    return elf_file(exports=names, code=random.Random(3).randbytes(_MIB) * 8)


@pytest.mark.parametrize(
    ("names", "content"),
    [(["liball.a"], _static_library), (["liba.so", "libb.so", "libc.so", "libd.so"], _shared_library)],
    ids=["static", "names"],
)
def test_the_check_of_large_libraries_takes_little_memory(
    tmp_path: Path, names: list[str], content: Callable[[], bytes]
) -> None:
    data = content()
    module = extension_module("_demo")
    files = {
        "demo/_demo.cpython-311-aarch64-linux-gnu.so": module,
        **{f"demo/{name}": data for name in names},
    }
    wheel = make_wheel(tmp_path, files=files, tag="cp311-cp311-manylinux_2_28_aarch64")
    assert _peak(["check", wheel.name, "--target", TARGET.id], tmp_path) < 100


def test_a_layer_of_many_files_takes_little_for_each(tmp_path: Path) -> None:
    folder = f"demo/{'long' * 20}"
    few, many = 2_000, 32_000
    peaks = []
    for count in (few, many):
        files = {f"{folder}/module_{number}.py": b"" for number in range(count)}
        wheel = make_wheel(tmp_path / str(count), files=files)
        place = tmp_path / str(count)
        write_repository(
            place / "dist",
            target=TARGET,
            wheels=[RepositoryWheel(path=wheel, sha256=digest_of_file(wheel), origin="built")],
            plan_digest=digest_of(b"plan"),
        )
        peaks.append(_peak(["layer", "dist", "--max-layers", "1", "-o", "out"], place))
    assert (peaks[1] - peaks[0]) * 1024 / (many - few) < 1.9
