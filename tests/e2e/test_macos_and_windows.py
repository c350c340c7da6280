"""Wheels for macOS and Windows from Linux, held against the project's own by their structure: nothing runs them here."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from crosswheel.act.check.code_signature import Signature
from crosswheel.act.check.mach_o import MachO, MachOCpu, parse_mach_o
from crosswheel.act.check.pe import Pe, PeMachine, parse_pe
from e2e.crosswheel_command import built_wheel, crosswheel, lock, shared_store
from e2e.native_projects import write_lock

pytestmark = pytest.mark.e2e


def _build(folder: Path, name: str, target: str) -> tuple[Path, Path]:
    """Build `name` from its sdist; return the wheel, and the project's own that the build compared it with."""
    lock(folder, name)
    crosswheel(
        *("build", "pylock.toml", "--target", target, "--no-binary", name, "--python", "3.11", "-o", "dist"),
        cwd=folder,
    )
    built = built_wheel(folder, name)
    published = next(shared_store().glob(f"v1/artifacts/*/*/*/{built.name}"))
    assert published.read_bytes() != built.read_bytes()
    return built, published


def _member(wheel: Path, name: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name)


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_a_wheel_for_macos_has_what_the_published_one_has(tmp_path: Path) -> None:
    built, published = _build(tmp_path, "markupsafe", "macos_arm64")
    assert built.name.endswith("-cp311-cp311-macosx_11_0_arm64.whl")
    assert _names(built) == _names(published)

    def image(wheel: Path) -> MachO:
        (found,) = parse_mach_o(_member(wheel, "markupsafe/_speedups.cpython-311-darwin.so"))
        return found

    own, other = image(built), image(published)
    assert (own.cpu, own.minimum, own.signature) == (MachOCpu.ARM64, (11, 0, 0), Signature.VALID)
    assert "PyInit__speedups" in own.defined & other.defined
    assert {library.name for library in own.libraries} <= {library.name for library in other.libraries}
    assert {symbol.name for symbol in own.undefined} == {symbol.name for symbol in other.undefined}
    assert own.install_name == "@rpath/_speedups.cpython-311-darwin.so"


def test_a_wheel_for_windows_has_what_the_published_one_has(tmp_path: Path) -> None:
    built, published = _build(tmp_path, "markupsafe", "win_amd64")
    assert built.name.endswith("-cp311-cp311-win_amd64.whl")
    assert _names(built) == _names(published)

    def image(wheel: Path) -> Pe:
        return parse_pe(_member(wheel, "markupsafe/_speedups.cp311-win_amd64.pyd"))

    own, other = image(built), image(published)
    assert (own.machine, own.is_dll) == (PeMachine.AMD64, True)
    assert own.exports == other.exports == {"PyInit__speedups"}
    python = {library.library: set(library.names) for library in own.imports if "python" in library.library}
    assert python == {
        library.library: set(library.names) for library in other.imports if "python" in library.library
    }
    assert not {library.library for library in own.imports if library.library.startswith(("lib", "msvc"))}


def _found_and_linked(folder: Path, target: str) -> bytes:
    """Build the project that links what it found of the C library; return its module."""
    write_lock(folder, "by_finding_in_c")
    crosswheel("build", "pylock.toml", "--target", target, "--python", "3.11", "-o", "dist", cwd=folder)
    wheel = built_wheel(folder, "by_finding_in_c")
    (name,) = _names(wheel)
    data = _member(wheel, name)
    assert b"/crosswheel" not in data
    return data


def test_the_c_library_of_macos_is_found_by_its_files_and_linked_by_their_paths(tmp_path: Path) -> None:
    data = _found_and_linked(tmp_path, "macos_arm64")
    assert b"c m pthread dl\0" in data
    (image,) = parse_mach_o(data)
    assert {library.name for library in image.libraries} == {"/usr/lib/libSystem.B.dylib"}


def _built_module(folder: Path, name: str, target: str) -> tuple[bytes, MachO]:
    write_lock(folder, name)
    crosswheel("build", "pylock.toml", "--target", target, "--python", "3.11", "-o", "dist", cwd=folder)
    wheel = built_wheel(folder, name)
    (member,) = (one for one in _names(wheel) if one.endswith(".so"))
    data = _member(wheel, member)
    (image,) = parse_mach_o(data)
    return data, image


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("macos_arm64", b"found pipe clock_gettime\0"),
        ("macosx_15_4_arm64", b"found pipe clock_gettime strchrnul\0"),
        ("macosx_10_13_x86_64", b"found pipe clock_gettime\0"),
    ],
)
def test_a_project_that_asks_for_functions_of_macos_finds_those_of_the_target(
    tmp_path: Path, target: str, found: bytes
) -> None:
    assert found in _built_module(tmp_path, "asking_for_late", target)[0]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("calling_late", r"'strchrnul' is only available on macOS 15\.4 or newer"),
        ("calling_late_by_another_name", r"it needs strchrnul, which libSystem has since macOS 15\.4"),
    ],
)
def test_a_function_newer_than_the_targets_macos_is_refused(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        _built_module(tmp_path, name, "macos_arm64")


def test_a_newer_function_may_be_called_where_the_system_was_asked(tmp_path: Path) -> None:
    _, image = _built_module(tmp_path, "calling_late_when_there", "macos_arm64")
    assert {symbol.name: symbol.weak for symbol in image.undefined}["strchrnul"]


def test_the_libraries_of_windows_are_found_by_their_files_and_linked_by_their_paths(tmp_path: Path) -> None:
    data = _found_and_linked(tmp_path, "win_amd64")
    assert b"m pthread ws2_32\0" in data
    imports = {library.library.lower() for library in parse_pe(data).imports}
    assert "ws2_32.dll" in imports
    assert not {name for name in imports if name.startswith(("lib", "msvc"))}


def test_a_file_names_what_a_library_for_windows_exports(tmp_path: Path) -> None:
    write_lock(tmp_path, "by_list")
    crosswheel(
        "build", "pylock.toml", "--target", "win_amd64", "--python", "3.11", "-o", "dist", cwd=tmp_path
    )
    image = parse_pe(_member(built_wheel(tmp_path, "by_list"), "by_list.cp311-win_amd64.pyd"))
    assert image.exports == {"PyInit_by_list", "listed"}
