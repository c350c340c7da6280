"""The build environment: a virtual environment of the build Python made from locked, verified wheels.

Overlays lay a build requirement's files for the target (headers, static libraries) over its files for the build
machine, file by file; programs and extension modules stay the build machine's.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.building.build_python import BuildPython
from crosswheel.act.building.sandbox import Mounts, Sandbox
from crosswheel.act.storage.store import digest_of_file
from crosswheel.act.wheels.schemes import prefix_scheme
from crosswheel.act.wheels.tree import install_into
from crosswheel.act.wheels.wheel_archive import is_safe_path
from crosswheel.render.build_paths import BuildPaths
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.errors import BuildError

if TYPE_CHECKING:
    pass

__all__ = [
    "OVERLAID_SUFFIXES",
    "compile_modules",
    "environment_facts",
    "make_environment",
    "site_packages_of",
]

#: What of a build requirement is for the target: what compilers and code generators read, nothing that is loaded.
OVERLAID_SUFFIXES = [
    ".h",
    ".hh",
    ".hpp",
    ".hxx",
    ".h++",
    ".inc",
    ".inl",
    ".ipp",
    ".tcc",
    ".def",
    ".a",
    ".pxd",
    ".pxi",
    ".pc",
    ".cmake",
    ".f",
    ".f90",
    ".mod",
]


def site_packages_of(environment: Path, python: BuildPython) -> Path:
    """Return the folder of modules of an environment."""
    return environment / prefix_scheme(python.abi).site


def make_environment(
    destination: Path,
    *,
    python: BuildPython,
    requirements: Sequence[Path],
    overlays: Sequence[tuple[str, Path]],
    paths: BuildPaths,
    source_date_epoch: int,
) -> None:
    """Fill the empty folder `destination`, to be seen as `BuildPaths.environment`.

    Args:
        destination: the folder.
        python: the build Python.
        requirements: wheels of the build requirements.
        overlays: project and wheel for the target; of projects that are no requirement, nothing is taken.
        paths: where things stand for the build.
        source_date_epoch: time of the files, seconds.

    Raises:
        CheckError: a wheel is not what its RECORD says.
    """
    name = f"python{python.abi.version}"
    programs = destination / "bin"
    programs.mkdir()
    for link in ("python", "python3", name):
        (programs / link).symlink_to(f"{paths.python}/bin/{name}")
    # Python looks for its library beside `home`; without a sandbox the program there is a link to the real one
    home = Path(paths.python, "bin", name).resolve().parent
    (destination / "pyvenv.cfg").write_text(
        f"home = {home}\ninclude-system-site-packages = false\nversion = {python.version}\n"
    )
    site_packages_of(destination, python).mkdir(parents=True)
    install_into(
        destination,
        sorted(requirements, key=lambda wheel: wheel.name),
        scheme=prefix_scheme(python.abi),
        interpreter=f"{paths.environment}/bin/python",
        source_date_epoch=source_date_epoch,
    )
    for project, wheel in overlays:
        _lay_over(site_packages_of(destination, python), project, wheel)


def _lay_over(site: Path, project: str, wheel: Path) -> None:
    """Lay the target's files over those of `project`, if that is a build requirement."""
    if not _is_installed(site, project):
        return
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            if info.filename.endswith(tuple(OVERLAID_SUFFIXES)) and is_safe_path(info.filename):
                place = site / info.filename
                place.parent.mkdir(parents=True, exist_ok=True)
                place.unlink(missing_ok=True)
                place.write_bytes(archive.read(info))


def _is_installed(site: Path, project: str) -> bool:
    wanted = project.replace("-", "_").lower()
    return any(
        entry.name.partition("-")[0].replace(".", "_").lower() == wanted for entry in site.glob("*.dist-info")
    )


def compile_modules(
    folder: Path, place: str, *, python: BuildPython, sandbox: Sandbox, scratch: Path, scope: Sequence[str]
) -> None:
    """Compile the Python modules of `folder` with the build Python, so that no build has to.

    Args:
        folder: the folder on the build machine.
        place: where it stands for builds.
        python: the build Python.
        sandbox: what to run it in.
        scratch: an empty folder.
        scope: folders below `folder` to compile.

    Raises:
        BuildError: the build Python does not run in the sandbox.
    """
    paths = sandbox.paths(scratch, python)
    mounts = Mounts(writable=((folder, place),), build_python=python)
    command = [f"{paths.python}/bin/python{python.abi.version}", "-I", "-S", "-m", "compileall", "-q"]
    command += ["--invalidation-mode", "unchecked-hash", *(f"{place}/{part}" for part in scope)]
    with tempfile.TemporaryFile() as log:
        # A module that does not compile (Python 2 templates) is no fault: it fails when it is imported, if ever.
        code = sandbox.run(command, mounts=mounts, environment={}, working_directory="/", log=log)
        log.seek(0)
        said = log.read().decode(errors="replace").splitlines()
    if code not in {0, 1} or (code == 1 and not said):
        raise BuildError(
            "run build Python",
            str(python.executable),
            why=f"it does not start in the sandbox (exit code {code})",
            fix="choose another with --build-python",
            details=said[-20:],
        )


def environment_facts(
    python: BuildPython, requirements: Sequence[Path], overlays: Sequence[tuple[str, Path]]
) -> JsonValue:
    """Return everything an environment at the fixed paths depends on."""
    return {
        "python": [str(python.executable), python.version, python.executable.stat().st_mtime_ns],
        "requirements": sorted([wheel.name, digest_of_file(wheel).hex] for wheel in requirements),
        "overlays": sorted([project, wheel.name, digest_of_file(wheel).hex] for project, wheel in overlays),
    }
