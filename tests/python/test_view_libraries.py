"""What the view tells the code of the project of `ctypes.util.find_library`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cross_environments import CrossEnvironment, make_cross_environment

PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
_NAMES = ("c", "m", "pthread", "rt")
_ASKED = f"from ctypes.util import find_library; print(*[find_library(name) for name in {_NAMES}])"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> CrossEnvironment:
    return make_cross_environment(tmp_path_factory.mktemp("cross"))


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("linux_armv7l_glibc_2_28", ["libc.so.6", "libm.so.6", "libpthread.so.0", "librt.so.1"]),
        ("linux_armv7l_musl_1_2", ["libc.musl-armv7.so.1", "None", "None", "None"]),
        (
            "macos_aarch64_13_0",
            ["/usr/lib/libc.dylib", "/usr/lib/libm.dylib", "/usr/lib/libpthread.dylib", "None"],
        ),
    ],
)
def test_the_code_of_the_project_is_told_the_targets_c_library(
    environment: CrossEnvironment, target: str, told: list[str]
) -> None:
    done = environment.run(["-c", _ASKED], target=f"{PYTHON}-{target}")
    assert (done.stdout.split(), done.stderr) == (told, "")


def test_windows_has_no_c_library_to_be_found(environment: CrossEnvironment) -> None:
    asked = "import ctypes.util; print(ctypes.util.find_library('c'), ctypes.util.find_library('m'))"
    assert environment.run(["-c", asked], target=f"{PYTHON}-windows_x86_64").stdout == "None None\n"


def test_what_is_installed_is_told_the_truth(environment: CrossEnvironment) -> None:
    (environment.site_packages / "installed_libraries.py").write_text(_ASKED)
    target = f"{PYTHON}-linux_armv7l_musl_1_2"
    told = environment.run(["-c", "import installed_libraries"], target=target).stdout
    assert told == environment.run(["-c", _ASKED], target=None).stdout


def test_another_library_is_none_of_a_linux_target_unless_the_sysroot_has_it(
    environment: CrossEnvironment,
) -> None:
    target = f"{PYTHON}-linux_armv7l_glibc_2_28"
    asked = "from ctypes.util import find_library; print(find_library('z'))"
    environment.view_of(target)
    folder = Path(environment.paths(target).sysroot, "usr", "lib", "arm-linux-gnueabihf")
    folder.mkdir(parents=True)
    for file in ("libzstd.so", "libz-ng.a", "zlib.pc"):
        (folder / file).touch()
    assert environment.run(["-c", asked], target=target).stdout == "None\n"
    for file in ("libz.so.1", "libz.a"):
        (folder / file).touch()
        done = environment.run(["-c", asked], target=target)
        (folder / file).unlink()
        assert (done.returncode, done.stdout) == (11, "")
        assert f"cannot tell ctypes.util.find_library('z') of '{target}': <string>, line 1, " in done.stderr


@pytest.mark.parametrize("target", ["macos_aarch64_13_0", "windows_x86_64"])
def test_another_library_of_another_system_ends_the_build(environment: CrossEnvironment, target: str) -> None:
    asked = "from ctypes.util import find_library; find_library('z')"
    done = environment.run(["-c", asked], target=f"{PYTHON}-{target}")
    assert done.returncode == 11
    assert "cannot tell ctypes.util.find_library('z')" in done.stderr
