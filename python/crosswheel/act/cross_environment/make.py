"""Making a cross environment: a virtual environment of the build Python whose interpreter reports the target."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.building.build_environment import site_packages_of
from crosswheel.act.building.build_python import BuildPython, find_build_python
from crosswheel.act.building.cross_python import VIEW_MODULES, build_environment_variables, write_cross_python
from crosswheel.act.building.toolchain import write_launchers
from crosswheel.act.building.zig import prepare_zig
from crosswheel.act.cross_environment.native_inputs import NativeInputs, NativeRequest, native_inputs
from crosswheel.act.machine_platform import build_machine_platform
from crosswheel.act.planning.headers_choice import HeadersChooser
from crosswheel.act.planning.toolchain_wheel import ToolchainWheels
from crosswheel.act.planning.uv_program import UvProgram
from crosswheel.act.storage.output_directory import folder_in_place, refuse_no_folder
from crosswheel.act.sysroot.assembly import assemble_sysroot, read_link_table
from crosswheel.act.target_python.load_description import load_description
from crosswheel.decide.plans.plan import BUILD_PYTHON_HEADERS
from crosswheel.render.build_paths import BuildPaths
from crosswheel.render.cargo import rust_environment
from crosswheel.render.cross_environment import (
    CMAKE_ROOTS,
    OWN_FOLDER,
    environment_paths,
    environment_settings,
    environment_variables,
    render_activate,
    render_meson,
    render_program_runner_of_environment,
    render_uv,
)
from crosswheel.target.descriptions import TargetDescription
from crosswheel.target.targets import Target
from crosswheel.target.triples import linked_rust_triple
from crosswheel.values.canonical_json import JsonValue, pretty_json
from crosswheel.values.errors import InputError, OutputError, ResolutionError
from crosswheel.values.platforms import Linux
from crosswheel.values.python_abi import PythonAbi

if TYPE_CHECKING:
    from crosswheel.act.services import Services

__all__ = ["SETTINGS_FILE", "CrossEnvironmentRequest", "make_cross_environment", "write_cross_environment"]

#: What makes a folder a cross environment.
SETTINGS_FILE = f"{OWN_FOLDER}/environment.json"

#: Modification time of what is rendered: 1980-01-01, the oldest a zip can hold.
_EPOCH = 315532800


@dataclass(frozen=True, kw_only=True, slots=True)
class CrossEnvironmentRequest:
    """What to make.

    Attributes:
        target: where what is built and installed will run; Linux.
        destination: the environment's folder.
        headers: where the target's headers come from, as ``--headers`` of a plan.
        descriptions: target descriptions of the user's own.
        clear: replace a cross environment that is there.
        pip: put pip into it.
        native: libraries of the target and Rust.
    """

    target: Target
    destination: Path
    headers: str = BUILD_PYTHON_HEADERS
    descriptions: tuple[Path, ...] = ()
    clear: bool = False
    pip: bool = True
    native: NativeRequest = field(default_factory=NativeRequest)


def make_cross_environment(request: CrossEnvironmentRequest, *, services: Services) -> None:
    """Make a cross environment, whole or not at all.

    Args:
        request: what to make.
        services: store, indexes and the build Python; the sandbox is not used.

    Raises:
        InputError: no Linux target, no description of it, or headers that do not fit.
        BuildPythonError: no interpreter of this machine can show the target.
        OutputError: the folder holds something else.
        CrosswheelError: the toolchain, libraries, Rust or pip cannot be fetched.
    """
    _refuse_other_systems(request.target)
    description = load_description(request.target, extra=request.descriptions)
    python = find_build_python(request.target.python, explicit=services.build_python)
    destination = Path(os.path.abspath(request.destination))  # noqa: PTH100  # a link stays one
    _refuse_spaces(destination)
    _refuse_occupied(destination, replace=request.clear)
    refuse_no_folder(destination)
    chooser = HeadersChooser(
        store=services.store, settings=services.settings, reporter=services.reporter, folder=Path.cwd()
    )
    headers = chooser.choose(
        request.target, request.headers, description=description, build_python=python
    ).pack
    uv = _uv(services)
    zig = prepare_zig(services.store, _toolchain(uv, services), target=request.target)
    native = native_inputs(request.native, request.target, services=services)
    with folder_in_place(destination):
        write_cross_environment(
            destination, description=description, headers=headers, python=python, zig=zig, native=native
        )
        if request.pip:
            _install_pip(destination, uv)


def _refuse_other_systems(target: Target) -> None:
    if not isinstance(target.platform.os, Linux):
        raise InputError(
            "make a cross environment for",
            target.id,
            why="a Python that runs on Linux can report another Linux to a whole shell, but not another system",
            fix="build wheels for it with `crosswheel build`, or give a Linux target",
        )


def _refuse_spaces(destination: Path) -> None:
    """Refuse a path that makefiles and the kernel's ``#!`` would take apart."""
    if any(not char.isprintable() or char in " '\"\\$`:;" for char in str(destination)):
        raise OutputError(
            "make a cross environment at",
            str(destination),
            why="compiler paths with blanks, quotes, colons, semicolons or invisible characters are taken apart by makefiles, "
            "shells and `#!` lines",
            fix="choose a folder without them",
        )


def _uv(services: Services) -> UvProgram:
    from crosswheel.act.fetching.index_configuration import read_resolver_indexes

    return UvProgram(indexes=read_resolver_indexes(working_directory=Path.cwd()), settings=services.settings)


def _toolchain(uv: UvProgram, services: Services) -> Path:
    from crosswheel.act.fetching.fetch import fetch_artifacts

    machine = Target(python=_own_python(), platform=build_machine_platform())
    wheels = ToolchainWheels(uv=uv, store=services.store, known=lambda _: None)
    artifact = wheels.wheel_for(machine)
    found = fetch_artifacts(
        services.store, [artifact], base=Path.cwd(), settings=services.settings, reporter=services.reporter
    )
    return found[artifact.sha256]


def _own_python() -> PythonAbi:
    from crosswheel.act.machine_platform import build_machine_python

    return build_machine_python()


def _refuse_occupied(destination: Path, *, replace: bool) -> None:
    """Refuse a folder that holds anything but a cross environment that may be replaced."""
    if not os.path.lexists(destination) or (destination.is_dir() and not any(destination.iterdir())):
        return
    is_ours = (destination / SETTINGS_FILE).is_file()
    if replace and is_ours:
        return
    raise OutputError(
        "make a cross environment at",
        str(destination),
        why="there is a cross environment already" if is_ours else "there is something else",
        fix="replace it with --clear" if is_ours else "choose another folder",
    )


def write_cross_environment(
    destination: Path,
    *,
    description: TargetDescription,
    headers: Path,
    python: BuildPython,
    zig: Path,
    native: NativeInputs,
) -> None:
    """Write everything of a cross environment but pip.

    Args:
        destination: the folder, absent or empty; it cannot be moved afterwards.
        description: the target description.
        headers: the headers pack.
        python: the build Python.
        zig: the unpacked toolchain; the environment gets its own links to the files, so that it outlives the store.
        native: libraries of the target and Rust; Rust's files are linked, too.

    Raises:
        InputError: the headers do not fit, a library is damaged, or the toolchain cannot compile for the target.
    """
    paths = _paths(destination, python)
    own = destination / OWN_FOLDER
    for folder in (own, Path(paths.temporary), Path(paths.cache)):
        folder.mkdir(parents=True)
    _write_virtual_environment(destination, python, paths)
    write_cross_python(
        Path(paths.target), description=description, headers=headers, paths=paths, source_date_epoch=_EPOCH
    )
    with Path(paths.target, "toolchain.cmake").open("a") as stream:
        stream.write(CMAKE_ROOTS)
    runner = render_program_runner_of_environment(description, paths)
    Path(paths.target, "libexec", "run-build-python").write_text(runner)
    shutil.copytree(zig, paths.zig, copy_function=_link_or_copy)
    libraries = _write_sysroot(native, description, paths, zig)
    Path(paths.toolchain).mkdir()
    write_launchers(Path(paths.toolchain), description.target, paths, zig=zig, libraries=libraries)
    _write_start_up(own, destination, python)
    rust = _write_rust(native, description, paths)
    of_build = build_environment_variables(description, paths, source_date_epoch=_EPOCH)
    variables = environment_variables(of_build, description, paths, rust=rust)
    programs = [f"{paths.rust}/bin"] if rust else []
    programs += [f"{paths.sysroot}/usr/bin"] if native.sysroot else []
    settings = environment_settings(description, paths, variables, programs=programs)
    (destination / SETTINGS_FILE).write_bytes(pretty_json(settings))
    texts = {"meson": render_meson(paths), "uv": render_uv(description, paths)}
    texts["build-pip"] = f'#!/bin/sh\nexec {destination}/bin/build-python -m pip "$@"\n'
    for name, text in texts.items():
        if text is not None:
            (destination / "bin" / name).write_text(text)
            (destination / "bin" / name).chmod(0o755)
    (destination / "bin" / "activate").write_text(render_activate(settings))


def _write_sysroot(
    native: NativeInputs, description: TargetDescription, paths: BuildPaths, zig: Path
) -> Mapping[str, JsonValue] | None:
    """Put the libraries in place and return their link table; ``None`` without."""
    if native.sysroot is None:
        return None
    folder = Path(paths.sysroot)
    folder.mkdir()
    assemble_sysroot(
        folder,
        native.sysroot,
        target=description.target,
        zig=zig,
        place=paths.sysroot,
        tools=f"{paths.toolchain}/bin",
    )
    return read_link_table(folder)


def _write_rust(native: NativeInputs, description: TargetDescription, paths: BuildPaths) -> Mapping[str, str]:
    """Put the Rust toolchain in place and return the variables of builds with it; none without."""
    if native.rust is None:
        return {}
    shutil.copytree(native.rust, paths.rust, symlinks=True, copy_function=_link_or_copy)
    here = linked_rust_triple(build_machine_platform())
    return rust_environment(description, paths, build_triple=here)


def _paths(destination: Path, python: BuildPython) -> BuildPaths:
    name = f"python{python.abi.version}"
    prefix = python.prefix
    if not (prefix / "bin" / name).exists():
        prefix = destination / OWN_FOLDER / "python"
        (prefix / "bin").mkdir(parents=True)
        (prefix / "bin" / name).symlink_to(python.executable)
    return environment_paths(str(destination), str(prefix))


def _write_virtual_environment(destination: Path, python: BuildPython, paths: BuildPaths) -> None:
    name = f"python{python.abi.version}"
    programs = destination / "bin"
    programs.mkdir()
    for link in ("python", "python3", name, "build-python"):
        (programs / link).symlink_to(f"{paths.python}/bin/{name}")
    home = Path(paths.python, "bin", name).resolve().parent
    (destination / "pyvenv.cfg").write_text(
        f"home = {home}\ninclude-system-site-packages = false\nversion = {python.version}\n"
    )
    site_packages_of(destination, python).mkdir(parents=True)


def _write_start_up(own: Path, destination: Path, python: BuildPython) -> None:
    source = files("crosswheel") / "act"
    site, path = own / "site", own / "path"
    site.mkdir()
    path.mkdir()
    for name in (f"{module}.py" for module in VIEW_MODULES):
        (site / name).write_bytes((source / "building" / "injected" / name).read_bytes())
    injected = source / "cross_environment" / "injected"
    module = "_crosswheel_environment"
    (site / f"{module}.py").write_bytes((injected / f"{module}.py").read_bytes())
    (path / "sitecustomize.py").write_bytes((injected / "sitecustomize.py").read_bytes())
    modules = site_packages_of(destination, python)
    # Python 3.15 reads the second and then ignores import lines of the first (PEP 829), but not its folder.
    (modules / f"{module}.pth").write_text(f"{site}\nimport {module}; {module}.start()\n")
    (modules / f"{module}.start").write_text(f"{module}:start\n")


def _link_or_copy(source: str, place: str) -> None:
    try:
        os.link(source, place)
    except OSError:  # another file system
        shutil.copy2(source, place)


def _install_pip(destination: Path, uv: UvProgram) -> None:
    failure = ResolutionError(
        "install pip into",
        str(destination),
        why="uv could not",
        fix="see what it says below, or make the environment without pip (--without-pip) and use uv",
    )
    uv.run(
        ["pip", "install", "--python", f"{destination}/bin/python", "pip"],
        directory=destination,
        failure=failure,
    )
