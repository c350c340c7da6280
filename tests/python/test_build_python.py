"""Finding the build Python, and the files it needs to start."""

from __future__ import annotations

import shutil
import struct
import sys
from pathlib import Path

import pytest

from crosswheel.act.building import build_python
from crosswheel.act.building.build_python import find_build_python, read_build_python
from crosswheel.act.building.interpreter_closure import (
    elf_interpreter,
    in_store,
    script_interpreter,
    shared_library_closure,
)
from crosswheel.values.errors import BuildPythonError
from crosswheel.values.python_abi import PythonAbi

RUNNING = PythonAbi(
    major=sys.version_info[0],
    minor=sys.version_info[1],
    free_threaded="t" in sys.abiflags,
    debug="d" in sys.abiflags,
)
OTHER = PythonAbi(major=3, minor=99)


def test_the_interpreter_that_runs_is_taken_when_it_fits() -> None:
    found = find_build_python(RUNNING)
    assert found.abi == RUNNING
    assert found.byteorder == sys.byteorder
    assert found.pointer_width == struct.calcsize("P") * 8


def test_of_a_virtual_environment_the_base_is_taken() -> None:
    found = read_build_python(Path(sys.executable))
    assert found.executable == Path(sys.executable).resolve()
    assert found.prefix == Path(sys.base_prefix)
    assert (found.stdlib / "os.py").is_file()


def test_a_version_that_is_nowhere_is_an_error_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_python, "_candidates", lambda _: iter(()))
    with pytest.raises(BuildPythonError) as caught:
        find_build_python(OTHER)
    assert str(caught.value) == (
        "cannot find build Python 'cp399': a target of cp399 needs a build Python 3.99, and no interpreter of that "
        "version and these flags is installed; install one (`uv python install 3.99`) or name it with --build-python"
    )
    assert caught.value.details == ("looked at PATH, pyenv and uv: none found",)


def test_an_interpreter_of_another_version_is_named_among_what_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = read_build_python(Path(sys.executable))
    monkeypatch.setattr(build_python, "_candidates", lambda _: iter([("PATH", Path(sys.executable))]))
    with pytest.raises(BuildPythonError) as caught:
        find_build_python(OTHER)
    assert caught.value.details == (f"PATH: {sys.executable} is {found.abi} ({found.version})",)


def test_an_explicit_interpreter_of_another_version_is_refused() -> None:
    found = read_build_python(Path(sys.executable))
    with pytest.raises(BuildPythonError) as caught:
        find_build_python(OTHER, explicit=Path(sys.executable))
    assert str(caught.value) == (
        f"cannot use build Python '{sys.executable}': it is {found.abi} ({found.version}), and a target of cp399 needs "
        "a build Python 3.99; name an interpreter 3.99, or leave the option out to have one looked for"
    )


def test_what_is_no_interpreter_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho no\n")
    program.chmod(0o755)
    with pytest.raises(BuildPythonError) as caught:
        find_build_python(RUNNING, explicit=program)
    assert caught.value.why == "it is not a CPython interpreter that runs on this machine"


def test_a_free_threaded_target_needs_a_free_threaded_build_python() -> None:
    flipped = PythonAbi(major=3, minor=max(RUNNING.minor, 13), free_threaded=not RUNNING.free_threaded)
    with pytest.raises(BuildPythonError):
        find_build_python(flipped, explicit=Path(sys.executable))


def test_a_program_on_path_is_found_by_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tmp_path / f"python{OTHER.version}"
    link.symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))
    assert ("PATH", link) in list(build_python._candidates(OTHER))


def test_pyenvs_versions_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "versions" / "3.99.3" / "bin" / "python3.99"
    program.parent.mkdir(parents=True)
    program.touch()
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert ("pyenv", program) in list(build_python._candidates(OTHER))


def test_the_closure_of_an_interpreter_holds_its_loader_and_its_c_library() -> None:
    executable = read_build_python(Path(sys.executable)).executable
    loader = elf_interpreter(executable)
    assert loader is not None
    places = [place for _, place in shared_library_closure(executable).mounts]
    assert any(Path(place).name == Path(loader).name for place in places)
    assert any("/libc." in place for place in places)


def test_a_library_of_a_private_folder_is_placed_beside_the_c_library() -> None:
    executable = read_build_python(Path(sys.executable)).executable
    homes = {str(Path(place).parent) for _, place in shared_library_closure(executable).mounts}
    assert not any(home.startswith(("/root", "/home")) for home in homes)


def test_a_script_has_no_loader() -> None:
    assert elf_interpreter(Path(__file__)) is None


@pytest.mark.parametrize(
    ("path", "stored"), [("/nix/store/x-bash/bin", True), ("/gnu/store/x", True), ("/nix", False)]
)
def test_paths_of_stores_are_known(path: str, stored: bool) -> None:
    assert in_store(path) is stored


@pytest.mark.parametrize("line", ["#!/bin/sh", "#!/nix/store/not-there/bin/sh -e", "#!", "import os", ""])
def test_a_script_of_no_store_brings_no_interpreter(tmp_path: Path, line: str) -> None:
    script = tmp_path / "script"
    script.write_text(f"{line}\n")
    assert script_interpreter(script) is None


def test_a_program_without_a_loader_needs_nothing() -> None:
    assert shared_library_closure(Path(__file__)).mounts == ()


def test_the_loader_of_a_shell_is_read() -> None:
    shell = shutil.which("sh")
    assert shell is not None
    assert elf_interpreter(Path(shell)) is not None
