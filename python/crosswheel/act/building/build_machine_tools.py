"""Which programs of the build machine a build may call, and where their files stand in the sandbox.

One table; docs/concepts/sandbox.md prints it. Compilers, `git`, `curl` and their like are absent on purpose.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crosswheel.act.building.build_python import BuildPython
from crosswheel.act.building.interpreter_closure import (
    elf_interpreter,
    in_store,
    script_interpreter,
    shared_library_closure,
)

__all__ = ["TOOLS", "FileMounts", "python_mounts", "tool_mounts"]

#: POSIX programs that `configure` scripts, makefiles and `setup.py` files call; one that is not installed is left out.
_TOOL_LINES = (
    "sh bash dash",
    "[ basename cat chgrp chmod chown cksum comm cp csplit cut date dd df dirname du echo env expand expr false fmt",
    "fold head id install join ln ls md5sum mkdir mkfifo mktemp mv nl nproc od paste pathchk pr printenv printf pwd",
    "readlink realpath rm rmdir seq sha1sum sha256sum sha512sum sleep sort split stat stty sum sync tac tail tee test",
    "timeout touch tr true truncate tsort tty uname unexpand uniq wc who whoami yes",
    "awk bunzip2 bzip2 cmp diff ed egrep fgrep file find flock gawk getopt gmake grep gunzip gzip hostname m4 make",
    "mawk patch perl ps sed tar unxz unzip which xargs xz xzcat zcat zip",
)
TOOLS = tuple(name for line in _TOOL_LINES for name in line.split())

_TOOL_FOLDERS = ("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/run/current-system/sw/bin", "/usr/local/bin")

#: Libraries that wheels of build requirements may link without bringing them (PEP 600 and 656), apart from graphics.
WHEEL_LIBRARIES = (
    *(
        "libpthread.so.0",
        "libdl.so.2",
        "librt.so.1",
        "libutil.so.1",
        "libm.so.6",
        "libresolv.so.2",
        "libnsl.so.1",
    ),
    *("libmvec.so.1", "libgcc_s.so.1", "libstdc++.so.6", "libatomic.so.1", "libz.so.1", "libexpat.so.1"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class FileMounts:
    """Files and folders of the build machine to be mounted read-only, and links to be made.

    Attributes:
        mounts: real path on the build machine and path in the sandbox.
        links: link text and path in the sandbox.
        hidden: folders in the sandbox that an empty one is laid over.
    """

    mounts: tuple[tuple[Path, str], ...]
    links: tuple[tuple[str, str], ...] = ()
    hidden: tuple[str, ...] = ()


@cache
def tool_mounts() -> FileMounts:
    """Return the tools at ``/usr/bin``, with loader, libraries and the machine's own links (``/bin``, ``/lib``)."""
    mounts: dict[str, Path] = {}
    folders = os.pathsep.join([*_store_folders("PATH"), *_TOOL_FOLDERS])
    for name in TOOLS:
        found = shutil.which(name, path=folders)
        if found is None:
            continue
        program = Path(os.path.realpath(found))
        mounts[f"/usr/bin/{name}"] = program
        if (runs := script_interpreter(program)) is not None:
            mounts[str(runs)] = program = Path(os.path.realpath(runs))
        for source, place in shared_library_closure(program).mounts:
            mounts.setdefault(place, source)
    if perl := mounts.get("/usr/bin/perl"):
        mounts |= _perl_library(perl)
    if file := mounts.get("/usr/bin/file"):
        mounts |= _magic_database(file)
    return FileMounts(
        mounts=tuple((source, place) for place, source in sorted(mounts.items())), links=_root_links()
    )


def _store_folders(variable: str) -> list[str]:
    """Return those folders of a search path that lie in a store: who names them there declares them as inputs."""
    return [folder for folder in os.environ.get(variable, "").split(os.pathsep) if in_store(folder)]


def _perl_library(perl: Path) -> dict[str, Path]:
    """Return the folders of perl's own modules, e.g. ``/usr/share/perl/5.36``; no site modules."""
    import subprocess

    command = [str(perl), "-MConfig", "-e", r'print "$Config{privlibexp}\n$Config{archlibexp}\n"']
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env={"LC_ALL": "C"})
    folders = {os.path.realpath(line): line for line in answer.stdout.splitlines() if line.startswith("/")}
    return {place: Path(real) for real, place in folders.items() if os.path.isdir(real)}  # noqa: PTH112


def _magic_database(program: Path) -> dict[str, Path]:
    """Return what `file` tells files apart by, where it looks for that; without, it knows none of them."""
    import subprocess

    answer = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False)
    told = answer.stdout.partition("magic file from ")[2].strip()
    compiled = (place if place.endswith(".mgc") else f"{place}.mgc" for place in told.split(":"))
    return {place: Path(os.path.realpath(place)) for place in compiled if os.path.isfile(place)}  # noqa: PTH113


def _root_links() -> tuple[tuple[str, str], ...]:
    links = [("usr/bin", "/bin")]
    for name in ("lib", "lib32", "lib64", "libx32"):
        top = Path("/", name)
        if top.is_symlink():
            links.append((os.readlink(top).lstrip("/"), str(top)))  # noqa: PTH115
    return tuple(links)


@cache
def python_mounts(python: BuildPython, prefix: str) -> FileMounts:
    """Return the build Python's files at `prefix`: executable, standard library, libraries; no headers, no site packages.

    Args:
        python: the build Python.
        prefix: where its prefix stands in the sandbox; it finds its standard library relative to its executable.
    """
    name = f"python{python.abi.version}"
    library = f"{prefix}/{python.platlibdir}/{python.stdlib.name}"
    modules = sorted(python.dynload.glob("*.so")) if python.dynload else []
    modules += _wheel_libraries(python.executable)
    libraries = {place: source for source, place in shared_library_closure(python.executable, modules).mounts}
    home = next((place.rpartition("/")[0] for place in libraries if "/libc." in place), "/usr/lib")
    for extra in _wheel_libraries(python.executable):
        libraries.setdefault(f"{home}/{extra.name}", Path(os.path.realpath(extra)))
    libraries |= _usual_places(python.executable, libraries)
    mounts = [
        (python.executable, f"{prefix}/bin/{name}"),
        (python.stdlib, library),
        *((source, place) for place, source in sorted(libraries.items())),
    ]
    if python.dynload is not None and python.dynload.parent != python.stdlib:
        mounts.append((python.dynload, f"{prefix}/{python.platlibdir}/{python.stdlib.name}/lib-dynload"))
    hidden = [
        f"{library}/{folder}"
        for folder in ("site-packages", "dist-packages")
        if (python.stdlib / folder).is_dir()
    ]
    links = ((name, f"{prefix}/bin/python3"),)
    return FileMounts(mounts=tuple(mounts), links=links, hidden=tuple(hidden))


def _usual_places(executable: Path, libraries: Mapping[str, Path]) -> dict[str, Path]:
    """Return a store's loader and C library where programs in wheels (cmake, ninja) ask for them, unless a tool did."""
    loader = elf_interpreter(executable)
    if loader is None or not in_store(loader):
        return {}
    name = Path(loader).name
    if any(place.endswith(f"/{name}") and not in_store(place) for _, place in tool_mounts().mounts):
        return {}
    wanted = {name, "libc.so.6", *WHEEL_LIBRARIES}
    found = {Path(place).name: source for place, source in libraries.items()}
    return {
        f"/{folder}/{name}": source
        for folder in ("lib", "lib64")
        for name, source in found.items()
        if name in wanted
    }


def _wheel_libraries(executable: Path) -> list[Path]:
    """Return those of `WHEEL_LIBRARIES` that are installed, looked for where the interpreter's own libraries are."""
    closure = shared_library_closure(executable).mounts
    folders = dict.fromkeys(
        [
            *(str(source.parent) for source, _ in closure),
            *_store_folders("LD_LIBRARY_PATH"),
            *("/usr/lib64", "/usr/lib", "/lib"),
        ]
    )
    found = []
    for name in WHEEL_LIBRARIES:
        places = (Path(folder, name) for folder in folders)
        if (place := next((place for place in places if place.is_file()), None)) is not None:
            found.append(place)
    return found
