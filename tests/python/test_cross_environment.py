"""The cross environment: its interpreter shows the target by itself, installers of build tools see the machine."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import tarfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from cross_targets import description_of, write_include_tree
from crosswheel.act.building.build_python import read_build_python
from crosswheel.act.cross_environment.make import (
    SETTINGS_FILE,
    CrossEnvironmentRequest,
    make_cross_environment,
    write_cross_environment,
)
from crosswheel.act.cross_environment.native_inputs import NativeInputs, NativeRequest, native_inputs
from crosswheel.act.cross_environment.target_run import target_command
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.services import services_with
from crosswheel.act.target_python.headers import pack_headers
from crosswheel.command_line.main import main
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.render.cargo import rust_environment
from crosswheel.render.cross_environment import (
    environment_paths,
    environment_variables,
    render_meson,
    render_uv,
    uv_platform,
)
from crosswheel.render.pyconfig import render_pyconfig
from crosswheel.target.spellings import parse_target
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CrosswheelError, InputError, OutputError
from crosswheel.values.python_abi import PythonAbi
from elf_files import elf_file

PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
TARGET = f"{PYTHON}-linux_aarch64_glibc_2_28"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cross")
    description = description_of(TARGET)
    include = write_include_tree(root / "include", f"{description.python.version}.0")
    headers = {path.relative_to(include).as_posix(): path.read_bytes() for path in include.rglob("*.h")}
    (root / "headers.tar").write_bytes(pack_headers(headers, render_pyconfig(description), description))
    (root / "zig").mkdir()
    write_cross_environment(
        root / "environment",
        description=description,
        headers=root / "headers.tar",
        python=read_build_python(Path(sys.executable)),
        zig=root / "zig",
        native=NativeInputs(),
    )
    return root / "environment"


@pytest.fixture
def settings(environment: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((environment / SETTINGS_FILE).read_text())
    return found


def run(command: list[str | Path], **variables: str) -> str:
    clean = {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **variables}
    done = subprocess.run(command, env=clean, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


_MACHINE = "import os, platform; print(platform.machine(), os.environ.get('CC', 'none').rpartition('/')[2])"


def test_its_python_shows_the_target_by_itself(environment: Path) -> None:
    assert run([environment / "bin/python", "-c", _MACHINE]) == "aarch64 cc"
    assert run([environment / "bin/python", "-Ic", _MACHINE]) == "aarch64 cc"


def test_its_build_python_and_what_that_starts_show_the_machine(environment: Path) -> None:
    here = f"{os.uname().machine} none"
    assert run([environment / "bin/build-python", "-c", _MACHINE]) == here
    starts = f"import subprocess; subprocess.run([{str(environment / 'bin/python')!r}, '-c', {_MACHINE!r}])"
    assert run([environment / "bin/build-python", "-c", starts]) == here


@pytest.mark.parametrize(
    ("arguments", "machine"),
    [
        (["install", "markupsafe"], "aarch64 cc"),
        (["install", "--prefix", "/opt/firmware", "markupsafe"], "aarch64 cc"),
        (["install", "--prefix", "/tmp/pip-build-env-x/overlay", "cmake"], f"{os.uname().machine} none"),
    ],
)
def test_pip_sees_the_target_but_where_it_installs_build_requirements(
    environment: Path, tmp_path: Path, arguments: list[str], machine: str
) -> None:
    script = tmp_path / "pip" / "__pip-runner__.py"
    script.parent.mkdir()
    script.write_text(_MACHINE)
    assert run([environment / "bin/python", script, *arguments]) == machine


def test_what_is_built_for_the_target_is_not_cached_with_what_is_built_for_the_machine(
    environment: Path, tmp_path: Path
) -> None:
    (tmp_path / "pip.py").write_text(
        "import os; print(os.environ['PIP_CACHE_DIR'], os.environ['UV_CACHE_DIR'])"
    )
    given = {"PIP_CACHE_DIR": "/cache/pip", "UV_CACHE_DIR": "/cache/uv"}
    own = f"{environment}/crosswheel/wheels"
    for_requirements = ["install", "--prefix", "/tmp/pip-build-env-x/overlay", "cmake"]
    pip: list[str | Path] = [environment / "bin/python", tmp_path / "pip.py"]
    assert run([*pip, "install", "x"], **given) == f"{own}/pip {own}/uv"
    assert run([*pip, *for_requirements], **given) == "/cache/pip /cache/uv"
    active = (
        f". {environment}/bin/activate; python pip.py install x; python pip.py {' '.join(for_requirements)}"
    )
    said = run(["sh", "-c", f"cd {tmp_path}; {active}; build-python pip.py install x"], **given)
    assert said.splitlines() == [f"{own}/pip {own}/uv", "/cache/pip /cache/uv", "/cache/pip /cache/uv"]


def test_an_isolated_environment_of_a_build_frontend_shows_the_target_to_hooks_and_not_to_pip(
    environment: Path, tmp_path: Path
) -> None:
    makes = f"import venv; venv.EnvBuilder(symlinks=True).create({str(tmp_path / 'isolated')!r})"
    run([environment / "bin/python", "-c", makes])
    isolated = tmp_path / "isolated" / "bin" / "python"
    assert run([isolated, "-c", _MACHINE], PYTHONPATH="") == "aarch64 cc"
    script = tmp_path / "pip.py"
    script.write_text(_MACHINE)
    assert run([isolated, script]) == f"{os.uname().machine} none"


def test_an_interpreter_that_only_pythonpath_leads_to_the_environment_shows_the_target(
    environment: Path, settings: dict[str, Any], tmp_path: Path
) -> None:
    base = getattr(sys, "_base_executable", sys.executable)
    run([base, "-m", "venv", "--without-pip", str(tmp_path / "of-uv")])
    front = settings["folders"]["PYTHONPATH"][0]
    assert run([tmp_path / "of-uv/bin/python", "-c", _MACHINE], PYTHONPATH=front) == "aarch64 cc"
    # no virtual environment: a program of the machine, which the user's shell may start
    assert run([base, "-c", _MACHINE], PYTHONPATH=front) == f"{os.uname().machine} none"


def test_meson_setup_is_given_the_cross_file(environment: Path, tmp_path: Path) -> None:
    script = tmp_path / "meson.py"
    script.write_text("import platform, sys; print(platform.machine(), *sys.argv[1:])")
    machine, verb, first, second, source = run([environment / "bin/python", script, "setup", "build"]).split()
    assert (machine, verb, source) == (os.uname().machine, "setup", "build")
    assert first == f"--cross-file={environment}/crosswheel/target/meson-cross.ini"
    own = Path(second.removeprefix("--cross-file=")).read_text()
    assert f"python = '{environment}/bin/python'" in own
    assert run([environment / "bin/python", script, "setup", "--cross-file=x", "build"]).endswith(
        "setup --cross-file=x build"
    )


def test_importing_an_extension_module_of_the_target_says_what_to_do(environment: Path) -> None:
    modules = environment / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    suffix = json.loads((environment / SETTINGS_FILE).read_text())["extension_suffix"]
    (modules / f"_compiled{suffix}").write_bytes(b"\x7fELF")
    done = subprocess.run(
        [environment / "bin/python", "-c", "import _compiled"], capture_output=True, text=True, check=False
    )
    assert "cannot import '_compiled' on the build machine" in done.stderr
    assert "crosswheel run" in done.stderr
    said = run(
        [environment / "bin/python", "-c", "import importlib.util as u; print(u.find_spec('no_such'))"]
    )
    assert said == "None"


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_activate_sets_the_tools_and_deactivate_gives_back_what_was(environment: Path, shell: str) -> None:
    script = (
        f". {environment}/bin/activate; echo $CC $(python -c 'import platform; print(platform.machine())');"
        'deactivate; echo "$CC|${CXX-none}|$PATH|${PYTHONPATH-none}|${CROSSWHEEL_VIEW-none}"'
    )
    active, left = run([shell, "-c", script], CC="mine").splitlines()
    assert active == f"{environment}/crosswheel/toolchain/bin/cc aarch64"
    assert left == "mine|none|/usr/bin:/bin|none|none"


def test_a_variable_that_the_user_sets_in_the_active_environment_wins(environment: Path) -> None:
    script = f". {environment}/bin/activate; CC=other python -c 'import os; print(os.environ[\"CC\"])'"
    assert run(["sh", "-c", script]) == "other"


def test_leaving_undoes_entering(environment: Path, settings: dict[str, Any]) -> None:
    sys.path.insert(0, str(environment / "crosswheel" / "site"))
    try:
        module = runpy.run_path(
            str(files("crosswheel") / "act/cross_environment/injected/_crosswheel_environment.py")
        )
    finally:
        sys.path.pop(0)
        sys.modules.pop("_crosswheel_view", None)
    given = {"CC": "mine", "PATH": "/bin"}
    found = dict(given)
    module["enter"](settings, found)
    assert found["CC"].endswith("toolchain/bin/cc")
    module["leave"](settings, found)
    assert found.pop("CROSSWHEEL_NATIVE") == str(environment)
    assert found == given


def test_uv_is_told_the_target_where_it_has_a_word_for_it(environment: Path, tmp_path: Path) -> None:
    paths = environment_paths(str(environment), "/usr")
    assert "--python-platform aarch64-manylinux_2_28" in str(render_uv(description_of(TARGET), paths))
    assert render_uv(description_of(f"{PYTHON}-linux_s390x_glibc_2_28"), paths) is None
    assert uv_platform(parse_target("musllinux_1_2_x86_64", python=_ABI).target.platform) == (
        "x86_64-unknown-linux-musl"
    )
    for name in ("uv", "meson"):
        (tmp_path / name).write_text('#!/bin/sh\necho "$@"\n')
        (tmp_path / name).chmod(0o755)
    path = f"{environment}/bin:{tmp_path}:/usr/bin:/bin"
    assert run([environment / "bin/uv", "pip", "install", "a b"], PATH=path) == (
        "pip install --python-platform aarch64-manylinux_2_28 a b"
    )
    assert run([environment / "bin/uv", "pip", "list"], PATH=path) == "pip list"
    assert "--cross-file" in render_meson(paths)
    assert run([environment / "bin/meson", "setup", "b"], PATH=path, MESON_CROSS_FILE="f") == (
        "setup --cross-file f b"
    )


_ABI = PythonAbi(major=3, minor=sys.version_info.minor)


@pytest.fixture
def target_tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    (tree / "usr/bin").mkdir(parents=True)
    program = tree / "usr/bin" / f"python3.{sys.version_info.minor}"
    program.write_bytes(elf_file("aarch64", interpreter="/lib/ld-of-the-test.so.1"))
    (tree / "lib").mkdir()
    (tree / "lib/ld-of-the-test.so.1").touch()
    return tree


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    program = tmp_path / "programs" / "qemu-aarch64"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.delenv("QEMU_LD_PREFIX", raising=False)
    return str(program)


def test_the_target_python_is_emulated_with_the_environments_modules(
    environment: Path,
    target_tree: Path,
    emulator: str,
    settings: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in settings["variables"].items():
        monkeypatch.setenv(name, value)
    command = target_command(environment, ["-c", "1"], target_python=target_tree)
    program = target_tree / "usr/bin" / f"python3.{sys.version_info.minor}"
    assert command.arguments == (emulator, "-L", str(target_tree), str(program), "-c", "1")
    assert command.environment["PYTHONPATH"] == settings["modules"]
    assert not set(settings["variables"]) & set(command.environment)


def test_what_is_missing_to_run_the_target_python_is_said(
    environment: Path, target_tree: Path, emulator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal(where: Path, target_python: Path) -> str:
        with pytest.raises(InputError) as caught:
            target_command(where, [], target_python=target_python)
        return str(caught.value)

    assert "make one with `crosswheel venv`" in refusal(tmp_path, target_tree)
    assert "there is no such file or folder" in refusal(environment, tmp_path / "nowhere")
    assert "there is no 'python3." in refusal(environment, tmp_path)
    (target_tree / "lib/ld-of-the-test.so.1").unlink()
    assert "program loader '/lib/ld-of-the-test.so.1' is not in" in refusal(environment, target_tree)
    Path(emulator).unlink()
    assert "install qemu-user" in refusal(environment, target_tree)
    program = next((target_tree / "usr/bin").iterdir())
    program.write_bytes(elf_file("x86_64"))
    assert "it is no program for aarch64 (ELF machine 62)" in refusal(environment, target_tree)
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("name", "folder", "error", "words"),
    [
        ("win_amd64", "new", InputError, "not another system"),
        ("linux_arm64", "with blank", OutputError, "choose a folder without them"),
        ("linux_arm64", "full", OutputError, "there is something else"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_written(
    tmp_path: Path, name: str, folder: str, error: type[CrosswheelError], words: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    request = CrossEnvironmentRequest(
        target=parse_target(name, python=_ABI).target, destination=tmp_path / folder
    )
    with pytest.raises(error, match=words):
        make_cross_environment(request, services=_NoServices())  # type: ignore[arg-type]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full"]


class _NoServices:
    build_python = None


def test_run_passes_on_what_stands_after_the_dashes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(tmp_path), "--target-python", "x", "--", "-c", "1"]) == InputError.exit_code
    assert "cannot use cross environment" in capsys.readouterr().err
    assert main(["run", str(tmp_path), "--target-python", "x", "-c", "1"]) == 2


def refused_native(request: NativeRequest, tmp_path: Path) -> str:
    services = services_with(
        cache_dir=tmp_path / "store",
        sandbox="none",
        settings=FetchSettings(),
        reporter=SilentReporter(),
        build_python=None,
        jobs=1,
    )
    with pytest.raises(CrosswheelError) as caught:
        native_inputs(request, parse_target_id(TARGET), services=services)
    return str(caught.value)


def test_libraries_are_linked_only_if_there_are_any(tmp_path: Path) -> None:
    assert refused_native(NativeRequest(link=LinkKind.SHARED), tmp_path) == (
        "cannot link libraries 'shared': there are none: no sysroot is named; "
        "name Debian packages or a folder with --sysroot, for example --sysroot libssl-dev"
    )


def test_a_folder_of_libraries_stands_alone_and_exists(tmp_path: Path) -> None:
    assert refused_native(NativeRequest(sysroot=("./libraries", "libssl-dev")), tmp_path) == (
        "cannot read sysroot './libraries': it is a folder, and something else is named besides; "
        "name Debian packages only, or one folder that holds all libraries"
    )
    assert "cannot read sysroot './libraries': there is no such folder" in refused_native(
        NativeRequest(sysroot=("./libraries",)), tmp_path
    )


def test_an_archive_of_rust_without_a_compiler_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "rust.tar", "w"):
        pass
    (tmp_path / "crosswheel.toml").write_text('rust = "rust.tar"\n')
    told = refused_native(NativeRequest(rust=True, configuration=tmp_path / "crosswheel.toml"), tmp_path)
    assert told.startswith("cannot use Rust toolchain 'rust.tar': it lacks bin/cargo and bin/rustc and")


def test_rust_of_an_environment_leaves_cargos_home_to_the_user() -> None:
    paths = environment_paths("/e", "/python")
    description = description_of(TARGET)
    rust = rust_environment(description, paths, build_triple="x86_64-unknown-linux-gnu")
    variables = environment_variables({"CC": "cc", "HOME": "/h"}, description, paths, rust=rust)
    assert variables["CARGO_BUILD_TARGET"] == "aarch64-unknown-linux-gnu"
    assert variables["RUSTC"] == "/e/crosswheel/rust/bin/rustc"
    assert not {"CARGO_HOME", "CARGO_NET_OFFLINE", "HOME"} & set(variables)
