"""Which interpreter of this machine can play the build Python, and its facts.

Facts are read by running the interpreter itself, which is the build machine's; a target Python is never run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crosswheel.values.errors import BuildPythonError
from crosswheel.values.python_abi import PythonAbi

__all__ = ["BuildPython", "find_build_python", "read_build_python"]

_FACTS = """
import json, os, sys, sysconfig, struct
flags = getattr(sys, "abiflags", "")
stdlib = os.path.dirname(os.path.realpath(os.__file__))
print(json.dumps({
    "implementation": sys.implementation.name,
    "version": sys.version.split()[0].rstrip("+"),
    "major": sys.version_info[0],
    "minor": sys.version_info[1],
    "free_threaded": "t" in flags,
    "debug": "d" in flags,
    "executable": os.path.realpath(getattr(sys, "_base_executable", sys.executable)),
    "prefix": sys.base_prefix,
    "stdlib": stdlib,
    "dynload": [p for p in sys.path if p.endswith("lib-dynload") and os.path.isdir(p)],
    "platlibdir": getattr(sys, "platlibdir", "lib"),
    "include": sysconfig.get_path("include"),
    "platinclude": sysconfig.get_path("platinclude"),
    "soabi": sysconfig.get_config_var("SOABI"),
    "platform": sysconfig.get_platform(),
    "byteorder": sys.byteorder,
    "pointer_width": struct.calcsize("P") * 8,
}))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildPython:
    """An interpreter of the build machine; of a virtual environment, the one it was made from.

    Attributes:
        executable: the real executable, no link.
        version: full version, e.g. ``3.11.7``.
        abi: its ABI.
        prefix: `sys.base_prefix`.
        stdlib: folder of the standard library.
        dynload: folder of the standard library's extension modules; ``None`` where all are built in.
        platlibdir: `sys.platlibdir`, ``lib`` or ``lib64``.
        include: folder of ``Python.h``.
        platinclude: folder of ``pyconfig.h``.
        soabi: e.g. ``cpython-311-x86_64-linux-gnu``.
        platform: `sysconfig.get_platform`, e.g. ``linux-x86_64``.
        byteorder: `sys.byteorder`.
        pointer_width: bits.
    """

    executable: Path
    version: str
    abi: PythonAbi
    prefix: Path
    stdlib: Path
    dynload: Path | None
    platlibdir: str
    include: Path
    platinclude: Path
    soabi: str
    platform: str
    byteorder: str
    pointer_width: int


def find_build_python(python: PythonAbi, *, explicit: Path | None = None) -> BuildPython:
    """Return an interpreter of this machine whose version and flags equal those of `python`.

    Looked at in this order: `explicit` and nothing else if given; the interpreter that runs now; ``pythonX.Y`` on
    PATH; pyenv's versions; what ``uv python list --only-installed`` names.

    Raises:
        BuildPythonError: there is none, or `explicit` is another; says what was looked at.
    """
    if explicit is not None:
        return _checked_explicit(python, explicit)
    looked: list[str] = []
    for place, executable in _candidates(python):
        found = _read(executable) if executable.exists() else None
        if found is not None and found.abi == python:
            return found
        looked.append(
            f"{place}: {executable}" + (f" is {found.abi} ({found.version})" if found else " does not run")
        )
    wanted = python.version + ("t" if python.free_threaded else "")
    raise BuildPythonError(
        "find build Python",
        str(python),
        why=f"a target of {python} needs a build Python {wanted}, and no interpreter of that version and these flags is installed",
        fix=f"install one (`uv python install {wanted}`) or name it with --build-python",
        details=looked or ["looked at PATH, pyenv and uv: none found"],
    )


def read_build_python(executable: Path) -> BuildPython:
    """Return the facts of the interpreter `executable`.

    Raises:
        BuildPythonError: it does not run, or is no CPython.
    """
    found = _read(executable)
    if found is None:
        raise BuildPythonError(
            "use build Python",
            str(executable),
            why="it is not a CPython interpreter that runs on this machine"
            if executable.exists()
            else "there is no such file",
            fix="name the path of an interpreter",
        )
    return found


def _checked_explicit(python: PythonAbi, explicit: Path) -> BuildPython:
    found = read_build_python(explicit)
    if found.abi != python:
        wanted = python.version + ("t" if python.free_threaded else "")
        raise BuildPythonError(
            "use build Python",
            str(explicit),
            why=f"it is {found.abi} ({found.version}), and a target of {python} needs a build Python {wanted}",
            fix=f"name an interpreter {wanted}, or leave the option out to have one looked for",
        )
    return found


def _candidates(python: PythonAbi) -> Iterator[tuple[str, Path]]:
    name = f"python{python.version}{python.flags}"
    if sys.version_info[:2] == (python.major, python.minor):
        yield "this interpreter", Path(sys.executable)
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if folder and (found := Path(folder) / name).is_file():
            yield "PATH", found
    yield from _pyenv_candidates(python)
    yield from _uv_candidates(python)


def _pyenv_candidates(python: PythonAbi) -> Iterator[tuple[str, Path]]:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for folder in sorted(root.glob(f"versions/{python.version}*"), reverse=True):
        if (found := folder / "bin" / f"python{python.version}{python.flags}").is_file():
            yield "pyenv", found


def _uv_candidates(python: PythonAbi) -> Iterator[tuple[str, Path]]:
    """Yield what uv knows to be installed, uv being one of our own dependencies."""
    try:
        import uv

        command = [
            uv.find_uv_bin(),
            "python",
            "list",
            "--only-installed",
            "--output-format",
            "json",
            "--offline",
        ]
        answer = subprocess.run(command, capture_output=True, check=True, timeout=30).stdout
        rows = json.loads(answer)
    except (ImportError, OSError, ValueError, subprocess.SubprocessError):
        return
    for row in rows:
        if (
            isinstance(row, dict)
            and str(row.get("version", "")).startswith(f"{python.version}.")
            and row.get("path")
        ):
            yield "uv", Path(row["path"])


@cache
def _read(executable: Path) -> BuildPython | None:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    for name in ("HOME", "PYENV_ROOT"):  # pyenv's shims look there
        if value := os.environ.get(name):
            environment[name] = value
    command = [str(executable), "-I", "-S", "-c", _FACTS]
    try:
        answer = subprocess.run(
            command, capture_output=True, check=True, timeout=60, env=environment, stdin=subprocess.DEVNULL
        )
        facts = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    if facts["implementation"] != "cpython":
        return None
    return BuildPython(
        executable=Path(facts["executable"]),
        version=facts["version"],
        abi=PythonAbi(
            major=facts["major"],
            minor=facts["minor"],
            free_threaded=facts["free_threaded"],
            debug=facts["debug"],
        ),
        prefix=Path(facts["prefix"]),
        stdlib=Path(facts["stdlib"]),
        dynload=Path(facts["dynload"][0]) if facts["dynload"] else None,
        platlibdir=facts["platlibdir"],
        include=Path(facts["include"]),
        platinclude=Path(facts["platinclude"]),
        soabi=facts["soabi"] or "",
        platform=facts["platform"],
        byteorder=facts["byteorder"],
        pointer_width=facts["pointer_width"],
    )
