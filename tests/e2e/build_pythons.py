"""Build Pythons for the tests: one that is installed, else Debian's, unpacked and made to run where it lies."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from e2e.target_pythons import cache_root, make_once, recipe_for, unpack_packages

__all__ = ["build_python"]

_PROBE = """
import json, os, sys, sysconfig
include = sysconfig.get_path("include")
print(json.dumps(["%d.%d" % sys.version_info[:2], os.path.exists(os.path.join(include, "Python.h")), sys.executable]))
"""


def build_python(version: str) -> Path:
    """Return an interpreter of `version` for this machine that has its headers."""
    for candidate in _installed(version):
        usable = _usable(candidate, version)
        if usable is not None:
            return usable
    return _unpacked(version)


def _installed(version: str) -> Iterator[Path]:
    roots = os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))
    yield from sorted(Path(roots).glob(f"versions/{version}.*/bin/python{version}"))
    for folder in os.get_exec_path():
        yield Path(folder) / f"python{version}"


def _usable(executable: Path, version: str) -> Path | None:
    """Return the interpreter's own path if it starts and has headers; a version manager's shim may do neither."""
    if not executable.exists():
        return None
    done = subprocess.run([str(executable), "-c", _PROBE], capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    found, headers, path = json.loads(done.stdout)
    return Path(path) if found == version and headers else None


def _unpacked(version: str) -> Path:
    recipe = recipe_for("x86_64", version)
    destination = cache_root() / "build-pythons" / f"{version}-{recipe.key}"
    executable = destination / "root" / "usr" / "bin" / f"python{version}"

    def fill(scratch: Path) -> None:
        unpack_packages(recipe, scratch)
        _anchor(scratch / "root", destination / "root", executable.relative_to(destination / "root"))

    make_once(destination, fill)
    if _usable(executable, version) is None:
        raise RuntimeError(f"the unpacked build Python {executable} does not start")
    return executable


def _anchor(root: Path, final_root: Path, executable: Path) -> None:
    """Write the tree's own loader and library folders into the interpreter, so that no system file is used."""
    patchelf = shutil.which("patchelf")
    if patchelf is None:
        raise LookupError("cannot find 'patchelf': install Debian's patchelf")
    libraries = final_root / "usr" / "lib" / "x86_64-linux-gnu"
    # RPATH and not RUNPATH: it also holds for the libraries of the libraries.
    anchored = ["--force-rpath", "--set-rpath", str(libraries)]
    anchored += ["--set-interpreter", str(libraries / "ld-linux-x86-64.so.2")]
    subprocess.run([patchelf, *anchored, str(root / executable)], check=True)
