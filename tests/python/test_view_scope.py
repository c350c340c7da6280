"""The view of a target that is not Linux: who is shown its operating system, and who sees the truth."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import packaging
import pytest

from cross_environments import CrossEnvironment, make_cross_environment

PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
MACOS, WINDOWS = f"{PYTHON}-macos_aarch64_12_0", f"{PYTHON}-windows_x86_64"

_SHOWN = """
import json
import os, os.path
import platform
import shutil, subprocess, tempfile, zipfile
import sys
from sys import platform as from_sys
import sys as renamed

def shown():
    uname = platform.uname()
    return {
        "sys": [sys.platform, from_sys, renamed.platform],
        "os": os.name,
        "platform": [platform.system(), platform.machine(), uname.system, uname.processor, platform.mac_ver()[0]],
        "separator": os.path.sep + os.sep,
        "runs": subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, text=True).stdout,
    }
"""

_ASKING = """
import importlib, importlib.util
import json, os, sys

def found(call, *arguments):
    try:
        call(*arguments)
    except ImportError:
        return False
    return True

names = {
    name: hasattr(importlib.import_module(name.partition(".")[0]), name.partition(".")[2])
    for name in ("os.fork", "os.getpid", "os.memfd_create", "os.chflags", "os.startfile", "select.epoll", "select.kqueue")
    + ("signal.SIGALRM", "signal.SIGINT", "socket.AF_UNIX", "time.clock_gettime", "sys.getwindowsversion", "ctypes.windll")
}
modules = {name: found(importlib.import_module, name) for name in ("fcntl", "pwd", "msvcrt", "winreg", "errno")}
imported = {name: found(__import__, name) for name in modules}
specified = {name: importlib.util.find_spec(name) is not None for name in modules}
try:
    from os import fork
except ImportError:
    fork = None
star = {}
exec("from os import *", star)
print(json.dumps([names, modules, imported == modules == specified, "fork" in dir(os), fork is not None, "fork" in star, "getpid" in star]))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> CrossEnvironment:
    made = make_cross_environment(tmp_path_factory.mktemp("cross"))
    site = made.site_packages
    (site / "packaging").symlink_to(Path(str(packaging.__file__)).parent)
    (site / "bystander.py").write_text(_SHOWN)
    backend = site / "setuptools"
    backend.mkdir()
    run = "\ndef run(path):\n    text = open(path).read()\n    names = {'__file__': path, '__name__': '__main__'}\n    exec(compile(text, path, 'exec'), names)\n    return names['shown']()\n"
    (backend / "__init__.py").write_text(_SHOWN + run)
    (backend / "monkey.py").write_text(_SHOWN)
    (backend / "platform").mkdir()
    (backend / "platform" / "__init__.py").write_text(
        "from ..platform import own\nimport platform as of_python\n"
    )
    (backend / "platform" / "own.py").write_text("")
    for target in (MACOS, WINDOWS):
        source = Path(made.paths(target).source)
        source.mkdir(parents=True)
        (source / "setup.py").write_text(_SHOWN + "import own_helper\n")
        (source / "own_helper.py").write_text(_SHOWN)
        (source / "asking.py").write_text(_ASKING)
        (source / "using.py").write_text("import ctypes, sys\nprint(ctypes.windll.kernel32)\n")
        (source / "generate.py").write_text(f"{_SHOWN}import json\nprint(json.dumps(shown()))\n")
    return made


def _ask(environment: CrossEnvironment, target: str, expression: str) -> Any:
    source = environment.paths(target).source
    program = (
        f"import sys; sys.path.insert(0, {source!r})\n"
        f"import json, setuptools, setuptools.monkey, bystander, own_helper\nprint(json.dumps({expression}))"
    )
    done = environment.run(["-c", program], target=target)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _expected(target: str, *, os_name: str) -> dict[str, Any]:
    if target == WINDOWS:
        shown = ["win32", "Windows", "AMD64", "Windows", "AMD64", ""]
    else:
        shown = ["darwin", "Darwin", "arm64", "Darwin", "arm", "12.0"]
    platform = [*shown[1:]]
    return {
        "sys": [shown[0]] * 3,
        "os": os_name,
        "platform": platform,
        "separator": "//",
        "runs": "1\n",
    }


@pytest.mark.parametrize("target", [MACOS, WINDOWS])
def test_a_backend_sees_the_targets_system_but_keeps_the_name_of_the_os_it_works_with(
    environment: CrossEnvironment, target: str
) -> None:
    assert _ask(environment, target, "setuptools.shown()") == _expected(target, os_name="posix")


@pytest.mark.parametrize("target", [MACOS, WINDOWS])
def test_setup_py_and_the_projects_own_modules_see_all_of_it(
    environment: CrossEnvironment, target: str
) -> None:
    expected = _expected(target, os_name="nt" if target == WINDOWS else "posix")
    setup = str(Path(environment.paths(target).source, "setup.py"))
    assert _ask(environment, target, f"setuptools.run({setup!r})") == expected
    assert _ask(environment, target, "own_helper.shown()") == expected


@pytest.mark.parametrize("target", [MACOS, WINDOWS])
def test_a_program_of_the_project_sees_all_of_it(environment: CrossEnvironment, target: str) -> None:
    program = Path(environment.paths(target).source, "generate.py")
    done = environment.run([str(program)], target=target)
    assert json.loads(done.stdout) == _expected(target, os_name="nt" if target == WINDOWS else "posix"), (
        done.stderr
    )


@pytest.mark.parametrize("target", [MACOS, WINDOWS])
def test_the_project_finds_what_the_standard_library_has_there(
    environment: CrossEnvironment, target: str
) -> None:
    done = environment.run([f"{environment.paths(target).source}/asking.py"], target=target)
    assert done.returncode == 0, done.stderr
    names, modules, same, *forks, getpid = json.loads(done.stdout)
    windows = target == WINDOWS
    everywhere = {"os.getpid", "signal.SIGINT"}
    unix = {
        "os.fork",
        "signal.SIGALRM",
        "socket.AF_UNIX",
        "time.clock_gettime",
        "os.chflags",
        "select.kqueue",
    }
    own = {"os.startfile", "sys.getwindowsversion", "ctypes.windll"}
    assert {name for name, there in names.items() if there} == everywhere | (own if windows else unix)
    assert {name for name, there in modules.items() if there} == {"errno"} | (
        set() if windows else {"fcntl", "pwd"}
    )
    assert same
    assert forks == [not windows] * 3
    assert getpid
    missed = [line.rpartition(" ")[2] for line in done.stderr.splitlines() if "target not loaded" in line]
    assert missed == (["msvcrt", "winreg"] * 3 if windows else [])


def test_the_version_of_windows_is_that_which_platform_tells(environment: CrossEnvironment) -> None:
    program = "import sys; v = sys.getwindowsversion(); print(v[:2], v.build, v.platform_version, len(v), sys.winver)"
    (Path(environment.paths(WINDOWS).source) / "version.py").write_text(program)
    done = environment.run([f"{environment.paths(WINDOWS).source}/version.py"], target=WINDOWS)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert done.stdout == f"(10, 0) 14393 (10, 0, 14393) 5 {version}\n", done.stderr


def test_what_only_the_target_has_ends_the_build_when_it_is_used(environment: CrossEnvironment) -> None:
    done = environment.run([f"{environment.paths(WINDOWS).source}/using.py"], target=WINDOWS)
    assert done.returncode != 0
    assert done.stderr.startswith(
        f"crosswheel: cannot use ctypes.windll of '{WINDOWS}': the code of the project"
    )


@pytest.mark.parametrize("target", [MACOS, WINDOWS])
def test_everyone_else_sees_the_truth(environment: CrossEnvironment, target: str) -> None:
    truth = _ask(environment, target, "bystander.shown()")
    assert truth["sys"] == ["linux"] * 3
    assert (truth["os"], truth["platform"][0]) == ("posix", "Linux")
    # this part of setuptools would go on to read the registry
    assert _ask(environment, target, "setuptools.monkey.shown()") == truth


def test_a_backends_own_module_of_the_same_name_is_its_own(environment: CrossEnvironment) -> None:
    program = "__import__('setuptools.platform') and [setuptools.platform.own.__name__, setuptools.platform.of_python.system()]"
    assert _ask(environment, WINDOWS, program) == ["setuptools.platform.own", "Windows"]


def test_what_a_consumer_sets_is_set_for_all(environment: CrossEnvironment) -> None:
    program = "exec('import sys; sys.argv = [1, 2]', vars(setuptools)) or __import__('sys').argv"
    assert _ask(environment, WINDOWS, program) == [1, 2]


@pytest.mark.parametrize(
    ("target", "platform", "tag"),
    [(MACOS, "macosx-12.0-arm64", "macosx_12_0_arm64"), (WINDOWS, "win-amd64", "win_amd64")],
)
def test_sysconfig_and_packaging_agree_on_the_target(
    environment: CrossEnvironment, target: str, platform: str, tag: str
) -> None:
    found = environment.ask(
        "[of('sysconfig').get_platform(), of('sysconfig').get_config_var('EXT_SUFFIX'),"
        " str(next(iter(of('packaging.tags').sys_tags()))), of('importlib.machinery').EXTENSION_SUFFIXES[0]]",
        target=target,
    )
    suffix = f".{PYTHON}-win_amd64.pyd" if target == WINDOWS else f".cpython-{PYTHON[2:]}-darwin.so"
    assert found == [platform, suffix, f"{PYTHON}-{PYTHON}-{tag}", suffix]


def test_markers_are_the_targets(environment: CrossEnvironment) -> None:
    found = environment.ask("of('packaging.markers').default_environment()", target=WINDOWS)
    names = ("os_name", "sys_platform", "platform_machine", "platform_system")
    assert [found[name] for name in names] == ["nt", "win32", "AMD64", "Windows"]


def test_windows_gets_import_libraries_where_cmake_and_the_launchers_look(
    environment: CrossEnvironment,
) -> None:
    target = environment.view_of(WINDOWS).parent
    version = PYTHON.removeprefix("cp")
    cmake = (target / "toolchain.cmake").read_text()
    assert "set(CMAKE_SYSTEM_NAME Windows)" in cmake
    for name, variable in ((f"python{version}", "LIBRARY"), ("python3", "SABI_LIBRARY")):
        library = target / "libs" / f"{name}.lib"
        assert library.read_bytes().startswith(b"!<arch>\n")
        assert f'set(${{_python}}_{variable} {library} CACHE FILEPATH "")' in cmake
    assert not (environment.view_of(MACOS).parent / "libs").exists()
    assert (
        "set(CMAKE_SYSTEM_NAME Darwin)" in (environment.view_of(MACOS).parent / "toolchain.cmake").read_text()
    )
