"""Wheels for macOS and Windows from Linux, held against the project's own by their structure: nothing runs them here."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from crosswheel.act.check.code_signature import Signature
from crosswheel.act.check.mach_o import MachO, MachOCpu, parse_mach_o
from crosswheel.act.check.pe import Pe, PeMachine, parse_pe
from e2e.crosswheel_command import built_wheel, crosswheel, lock, shared_store

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
