"""The view with real setuptools, wheel and cffi, on every CPython of this machine that a build can use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cross_environments import CrossEnvironment, make_cross_environment
from cross_targets import LINUX_PLATFORMS, description_of
from crosswheel.act.building.build_python import find_build_python
from crosswheel.values.errors import BuildPythonError
from crosswheel.values.python_abi import parse_python_version

pytestmark = [pytest.mark.e2e, pytest.mark.network]


def _installed() -> list[tuple[str, Path]]:
    found = []
    for version in ("3.10", "3.11", "3.12", "3.13", "3.14", "3.13t", "3.14t"):
        try:
            found.append((version, find_build_python(parse_python_version(version)).executable))
        except BuildPythonError:
            continue
    return found


INSTALLED = _installed()
CURRENT = ("setuptools", "wheel", "packaging", "cffi")
#: The oldest releases that people still pin, with `distutils` from the standard library where there is one.
OLD = ("setuptools==65.5.1", "wheel==0.37.1", "packaging==21.3")

SETUP = """\
import os, platform, sys
from setuptools import Extension, setup
print("machine:", platform.machine(), os.uname().machine)
setup(name="probe", version="1", ext_modules=[Extension("probe", ["probe.c"])])
"""

#: A compiler that writes down what it is asked to do.
COMPILER = """\
#!{python}
import sys
with open({log!r}, "a") as log:
    print(*sys.argv, file=log)
for before, argument in zip(sys.argv, sys.argv[1:]):
    if before == "-o":
        open(argument, "wb").close()
"""


@pytest.fixture(scope="module", params=INSTALLED, ids=[version for version, _ in INSTALLED])
def environment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> CrossEnvironment:
    version, interpreter = request.param
    made = make_cross_environment(tmp_path_factory.mktemp(f"cross{version}"), interpreter)
    _install(made, CURRENT)
    return made


def _install(environment: CrossEnvironment, requirements: tuple[str, ...]) -> None:
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "install", "--quiet", "--python", str(environment.python), *requirements]
    subprocess.run(command, check=True)


def _abi(environment: CrossEnvironment) -> str:
    found = environment.ask("['cp%d%d' % sys.version_info[:2], sys.abiflags]", target=None)
    return "".join(found)


def _build(environment: CrossEnvironment, target: str, folder: Path) -> tuple[str, str, str]:
    """Return what setup.py printed, the wheel's name and what the compiler was asked."""
    (folder / "setup.py").write_text(SETUP)
    (folder / "probe.c").write_text("#include <Python.h>\n")
    log = folder / "compiler.log"
    tools = Path(environment.paths(target).toolchain) / "bin"
    tools.mkdir(parents=True, exist_ok=True)
    for name in ("cc", "c++", "ar"):
        (tools / name).write_text(COMPILER.format(python=sys.executable, log=str(log)))
        (tools / name).chmod(0o755)
    environment.view_of(target)
    done = subprocess.run(
        [str(environment.python), "setup.py", "bdist_wheel"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "CROSSWHEEL_VIEW": str(environment.view_of(target))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (folder / "dist").iterdir()
    return done.stdout, wheel.name, log.read_text()


@pytest.mark.parametrize("platform", LINUX_PLATFORMS)
def test_setuptools_builds_for_the_target(
    environment: CrossEnvironment, tmp_path: Path, platform: str
) -> None:
    abi = _abi(environment)
    target = f"{abi}-{platform}"
    description = description_of(target)
    machine = description.platform.arch.value
    printed, wheel, calls = _build(environment, target, tmp_path)
    interpreter = abi.rstrip("t")
    assert f"machine: {machine} {machine}\n" in printed
    assert wheel == f"probe-1-{interpreter}-{abi}-linux_{machine}.whl"
    compile_call, link_call = calls.splitlines()
    paths = environment.paths(target)
    assert compile_call.startswith(f"{paths.toolchain}/bin/cc ")
    assert f"-I{paths.target}/include/{description.python_directory} " in compile_call
    assert f"{link_call} ".count(f"probe{description.ext_suffix} ") == 1
    own = environment.ask("of('sysconfig').get_path('include')", target=None)
    assert own not in calls


def test_cffi_names_its_modules_for_the_target(environment: CrossEnvironment) -> None:
    abi = _abi(environment)
    target = f"{abi}-linux_s390x_glibc_2_28"
    found = environment.ask("of('cffi.verifier')._get_so_suffixes()", target=target)
    assert found[0] == description_of(target).ext_suffix


def test_an_old_setuptools_builds_for_the_target(tmp_path: Path) -> None:
    environment = make_cross_environment(tmp_path / "old")
    _install(environment, OLD)
    target = f"{_abi(environment)}-linux_armv7l_glibc_2_28"
    source = tmp_path / "source"
    source.mkdir()
    printed, wheel, _ = _build(environment, target, source)
    assert "machine: armv7l armv7l\n" in printed
    assert wheel.endswith("-linux_armv7l.whl")


@pytest.mark.parametrize("choice", ["stdlib", "local"])
def test_distutils_itself_finds_the_targets_headers(tmp_path: Path, choice: str) -> None:
    (interpreter,) = [path for version, path in INSTALLED if version == "3.11"]
    environment = make_cross_environment(tmp_path / "distutils", interpreter)
    _install(environment, ("setuptools==65.5.1",))
    target = "cp311-linux_aarch64_glibc_2_28"
    program = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "import distutils.sysconfig as s, distutils.util as u; print(s.get_python_inc(), u.get_platform())"
    )
    done = environment.run(["-c", program], target=target, variables={"SETUPTOOLS_USE_DISTUTILS": choice})
    assert done.stdout == f"{environment.paths(target).target}/include/python3.11 linux-aarch64\n", (
        done.stderr
    )
