"""What `uname` says in a build: the target to make and the backend, this machine to who looks for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cross_targets import description_of
from crosswheel.render.uname_program import render_uname

ARM64 = "cp312-linux_aarch64_glibc_2_28"


def program(folder: Path, target: str = ARM64) -> dict[str, str]:
    """Write the program, and return an environment in which it is found first."""
    path = folder / "bin" / "uname"
    path.parent.mkdir()
    path.write_text(render_uname(description_of(target)))
    path.chmod(0o755)
    return {**os.environ, "PATH": f"{path.parent}:{os.environ['PATH']}"}


def said(command: list[str], environment: dict[str, str], folder: Path) -> str:
    return subprocess.run(
        command, env=environment, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


#: By who asks: what is run.
MAKEFILE = "plain := $(shell uname -m)\npiped := $(shell uname -m | cat)\nall:\n\t@echo $(plain) $(piped); uname -m\n"


def test_a_makefile_is_told_the_targets_machine(tmp_path: Path) -> None:
    environment = program(tmp_path)
    (tmp_path / "Makefile").write_text(MAKEFILE)
    assert said(["make", "-s"], environment, tmp_path).split() == ["aarch64"] * 3


def test_the_backend_is_told_the_targets_machine(tmp_path: Path) -> None:
    environment = program(tmp_path)
    code = "import subprocess; print(subprocess.check_output('uname -m', shell=True, text=True))"
    assert said([sys.executable, "-c", code], environment, tmp_path) == "aarch64"


@pytest.mark.parametrize("shebang", [True, False])
def test_a_script_that_guesses_the_build_machine_is_told_the_truth(tmp_path: Path, shebang: bool) -> None:
    environment = program(tmp_path)
    script = tmp_path / "config.guess"
    script.write_text("#!/bin/sh\nmachine=`(uname -m) 2>/dev/null`\necho $machine\n")
    script.chmod(0o755)
    command = "./config.guess" if shebang else "sh ./config.guess"
    (tmp_path / "Makefile").write_text(f"all:\n\t@{command}\n")
    assert said(["make", "-s"], environment, tmp_path) == os.uname().machine


def test_another_program_is_told_the_truth(tmp_path: Path) -> None:
    perl = shutil.which("perl")
    assert perl is not None, "Debian's base system has it"
    machine = said([perl, "-e", "print `uname -m`"], program(tmp_path), tmp_path)
    assert machine == os.uname().machine


@pytest.mark.parametrize(
    ("target", "options", "answer"),
    [
        (ARM64, "", "Linux"),
        (ARM64, "-ms", "Linux aarch64"),
        (ARM64, "--machine -o", "aarch64 GNU/Linux"),
        (ARM64, "-p", "unknown"),
        ("cp312-linux_armv7l_glibc_2_28", "-m", "armv7l"),
        ("cp312-macos_aarch64_11_0", "-smp", "Darwin arm64 arm"),
        ("cp312-windows_x86_64", "-sm", "MINGW64_NT-10.0 x86_64"),
    ],
)
def test_options_are_answered_in_their_fixed_order(
    tmp_path: Path, target: str, options: str, answer: str
) -> None:
    assert (
        said(
            ["make", "-s", "-E", f"$(info $(shell uname {options}))all:;"],
            program(tmp_path, target),
            tmp_path,
        ).splitlines()[0]
        == answer
    )


@pytest.mark.parametrize("option", ["-a", "--all"])
def test_all_of_it_is_what_the_view_shows(option: str, tmp_path: Path) -> None:
    words = (
        said(["make", "-s", "-E", f"$(info $(shell uname {option}))all:;"], program(tmp_path), tmp_path)
        .splitlines()[0]
        .split()
    )
    assert (words[0], words[-2:]) == ("Linux", ["aarch64", "GNU/Linux"])
