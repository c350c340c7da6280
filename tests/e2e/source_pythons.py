"""Pythons that nobody packages, built from CPython's source: on musl, and without the GIL.

The source is Debian's source package, the compiler the zig of the plan; what is made is kept outside the checkout.
As few standard modules as the exercises need are compiled into the interpreter, so that it takes a minute or two.

    python tests/e2e/source_pythons.py musl aarch64
    python tests/e2e/source_pythons.py free-threaded x86_64
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from crosswheel.act.target_python.load_description import load_description
from crosswheel.target.targets import parse_target_id
from e2e.target_pythons import (
    ARCHES,
    Recipe,
    TargetPython,
    cache_root,
    download_packages,
    make_once,
    merge_usr,
    private_apt,
    run_command,
    run_target_python,
    target_python,
    unpack_package,
)
from e2e.zig import unpacked_zig

__all__ = ["free_threaded_build_python", "free_threaded_python", "musl_python"]

# Raise it when the way an interpreter is made changes, so that old caches are not taken for new ones.
_METHOD = 1

#: Modules of the standard library, and their sources below ``Modules``.
_MODULES = {
    "3.11": """
array arraymodule.c
_asyncio _asynciomodule.c
_bisect _bisectmodule.c
_blake2 _blake2/blake2module.c _blake2/blake2b_impl.c _blake2/blake2s_impl.c
_contextvars _contextvarsmodule.c
_csv _csv.c
_datetime _datetimemodule.c
_heapq _heapqmodule.c
_json _json.c
_md5 md5module.c
_opcode _opcode.c
_pickle _pickle.c
_posixsubprocess _posixsubprocess.c
_queue _queuemodule.c
_random _randommodule.c
_sha1 sha1module.c
_sha256 sha256module.c
_sha3 _sha3/sha3module.c
_sha512 sha512module.c
_socket socketmodule.c
_struct _struct.c
_typing _typingmodule.c
binascii binascii.c
cmath cmathmodule.c
fcntl fcntlmodule.c
math mathmodule.c
mmap mmapmodule.c
select selectmodule.c
unicodedata unicodedata.c
""",
    "3.13": """
array arraymodule.c
_asyncio _asynciomodule.c
_bisect _bisectmodule.c
_contextvars _contextvarsmodule.c
_csv _csv.c
_datetime _datetimemodule.c
_heapq _heapqmodule.c
_json _json.c
_opcode _opcode.c
_pickle _pickle.c
_posixsubprocess _posixsubprocess.c
_queue _queuemodule.c
_random _randommodule.c
_socket socketmodule.c
_struct _struct.c
binascii binascii.c
cmath cmathmodule.c
fcntl fcntlmodule.c
math mathmodule.c
mmap mmapmodule.c
select selectmodule.c
unicodedata unicodedata.c
""",
}
#: The source package's suite, and the release it has.
_SUITES = {"3.11": "bookworm", "3.13": "trixie"}
_NOT_INSTALLED = shutil.ignore_patterns(
    "test", "tests", "idlelib", "tkinter", "lib2to3", "turtledemo", "__pycache__", "ensurepip", "*.exe"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SourcePython:
    """How to come by one interpreter.

    Attributes:
        version: ``X.Y``.
        arch: architecture as crosswheel names it.
        zig: zig's target; empty for this machine's own compiler.
        host: the machine in the words of configure.
        multiarch: what CPython puts into the suffixes of modules.
        options: further arguments of configure.
    """

    version: str
    arch: str
    zig: str
    host: str
    multiarch: str
    options: tuple[str, ...] = ()

    @property
    def flags(self) -> str:
        """ABI flags."""
        return "t" if "--disable-gil" in self.options else ""

    @property
    def key(self) -> str:
        """Cache key: changes when, and only when, the recipe does."""
        told = {**asdict(self), "method": _METHOD, "modules": _MODULES[self.version]}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _recipe(arch: str, version: str, multiarch: str) -> Recipe:
    debian, qemu = next((row[1], row[2]) for row in ARCHES if row[0] == arch)
    return Recipe(
        arch=arch, version=version, suite=_SUITES[version], debian=debian, qemu=qemu, multiarch=multiarch
    )


def musl_python(arch: str) -> TargetPython:
    """Return a CPython 3.11 of `arch` on Debian's musl, made once."""
    multiarch = f"{arch}-linux-musl"
    python = SourcePython(
        version="3.11", arch=arch, zig=multiarch, host=f"{arch}-unknown-linux-musl", multiarch=multiarch
    )
    recipe = _recipe(arch, "3.11", multiarch)

    def fill(scratch: Path) -> None:
        root = scratch / "root"
        merge_usr(root)
        with tempfile.TemporaryDirectory(prefix="crosswheel-apt-") as folder:
            for archive in download_packages(recipe, Path(folder), (), lone=("musl",)):
                unpack_package(archive, root)
        _build(python, root / "usr", build_python=_own_python())
        done = run_target_python(
            TargetPython(recipe=recipe, root=root), "import math, sys; print(sys.version)"
        )
        if done.returncode:
            raise RuntimeError(f"the musl Python of {arch} does not start:\n{done.stderr}")

    made = make_once(cache_root() / "source-pythons" / f"musl-{arch}-{python.key}", fill)
    return TargetPython(recipe=recipe, root=made / "root")


def free_threaded_build_python() -> Path:
    """Return a CPython 3.13 without the GIL for this machine, made once."""
    return _free_threaded("x86_64", None) / "bin" / "python3.13t"


def free_threaded_python(arch: str) -> TargetPython:
    """Return a CPython 3.13 without the GIL of `arch`, made once; its C library is Debian's."""
    made = _free_threaded(arch, free_threaded_build_python())
    debian = target_python(arch, "3.13")
    return TargetPython(recipe=debian.recipe, root=debian.root, program=made / "bin" / "python3.13t")


def _free_threaded(arch: str, build_python: Path | None) -> Path:
    # As a build Python it needs zlib, which only this machine's own compiler finds.
    python = SourcePython(
        version="3.13",
        arch=arch,
        zig=f"{arch}-linux-gnu.2.31" if build_python else "",
        host=f"{arch}-pc-linux-gnu",
        multiarch=f"{arch}-linux-gnu",
        options=("--disable-gil",),
    )

    def fill(scratch: Path) -> None:
        _build(python, scratch, build_python=build_python)

    return make_once(cache_root() / "source-pythons" / f"{arch}-free-threaded-{python.key}", fill)


def _own_python() -> Path:
    return Path(getattr(sys, "_base_executable", sys.executable))


def cpython_source(version: str) -> Path:
    """Return the unpacked source of CPython `version`, as Debian's source package has it."""

    def fill(scratch: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="crosswheel-apt-") as folder:
            apt = private_apt(Path(folder), _recipe("x86_64", version, ""), sources=True)
            archives = Path(folder) / "archives"
            run_command([*apt, "update"], cwd=archives)
            run_command([*apt, "source", "--download-only", "--tar-only", f"python{version}"], cwd=archives)
            (archive,) = (path for path in archives.glob("*.orig.tar.*") if path.suffix != ".asc")
            run_command(["tar", "-x", "--strip-components=1", "-f", str(archive)], cwd=scratch)

    return make_once(cache_root() / "source-pythons" / f"source-{version}-{_SUITES[version]}", fill)


def _build(python: SourcePython, prefix: Path, *, build_python: Path | None) -> None:
    """Configure, compile and install below `prefix`; without a build Python, it is for this machine."""
    source = cpython_source(python.version)
    options = ["--without-ensurepip", "--disable-test-modules", "--without-doc-strings", *python.options]
    variables = ["OPT=-DNDEBUG -O1"]
    if build_python is not None:
        # Up to 3.11 configure takes the C library from the name of the machine it runs on.
        libc = "musl" if "musl" in python.zig else "gnu"
        options += [f"--build=x86_64-pc-linux-{libc}", f"--host={python.host}"]
        options += [f"--with-build-python={build_python}"]
        variables += ["ac_cv_file__dev_ptmx=no", "ac_cv_file__dev_ptc=no", "ac_cv_buggy_getaddrinfo=no"]
        variables += ["READELF=/bin/false", "PKG_CONFIG=/bin/false"]
        if libc == "musl":
            # Position independent: zig's list of libc's objects has all of them at one address, so none may be copied.
            variables += ["LDFLAGS=-dynamic", "CFLAGS=-fPIC"]
    jobs = f"-j{os.cpu_count() or 1}"
    with tempfile.TemporaryDirectory(prefix="crosswheel-cpython-") as folder:
        work = Path(folder)
        if python.zig:
            variables += _compilers(python, work)
            variables.append(f"CONFIG_SITE={_config_site(python, work)}")
        run_command([str(source / "configure"), "-q", f"--prefix={prefix}", *options, *variables], cwd=work)
        if build_python is None:
            run_command(["make", "-s", jobs], cwd=work)
            run_command(["make", "-s", "install"], cwd=work)
            return
        (work / "Modules" / "Setup.local").write_text(f"*static*\n{_MODULES[python.version]}")
        run_command(["make", "-s", jobs, "python", "pybuilddir.txt"], cwd=work)
        _install(python, source, work, prefix)


def _config_site(python: SourcePython, work: Path) -> Path:
    """Write what configure need not find out, for the shipped description states it: half of its time.

    On musl there is a second reason. zig's is newer than the one of Debian that the interpreter runs on, and the
    description has only what the oldest of that version has.
    """
    libc = "musl_1_2" if "musl" in python.zig else "glibc_2_31"
    abi = f"cp{python.version.replace('.', '')}{python.flags}"
    description = load_description(parse_target_id(f"{abi}-linux_{python.arch}_{libc}"))
    lines = []
    for macro, value in description.pyconfig.macros.items():
        name = macro.removeprefix("HAVE_").lower()
        if macro.startswith("SIZEOF_"):
            special = {"SIZEOF_VOID_P": "void_p", "SIZEOF__BOOL": "_Bool"}
            lines.append(
                f"ac_cv_sizeof_{special.get(macro, macro.removeprefix('SIZEOF_').lower())}={value or 0}"
            )
        elif name != macro.lower() and value in {None, "1"} and "bluetooth" not in name:
            kind = "header" if name.endswith("_h") else "func"
            lines.append(f"ac_cv_{kind}_{name}={'yes' if value else 'no'}")
    site = work / "config.site"
    site.write_text("\n".join([*lines, ""]))
    return site


def _compilers(python: SourcePython, work: Path) -> list[str]:
    """Write the compilers as programs of one word and return them as arguments of configure."""
    zig, cache = unpacked_zig() / "zig", cache_root() / "zig"
    # zig answers questions about itself with an error where the target has a version.
    plain = python.zig.partition("gnu.")[0] + ("gnu" if "gnu." in python.zig else "")
    for tool in ("cc", "c++"):
        (work / tool).write_text(
            f"#!/bin/sh\ncase $1 in\n--print-multiarch) echo {python.multiarch}; exit 0 ;;\n"
            f"--version|-v|-V|-qversion|-version) exec {zig} {tool} -target {plain} --version ;;\nesac\n"
            f"export ZIG_GLOBAL_CACHE_DIR={cache} ZIG_LOCAL_CACHE_DIR={cache}\n"
            f'exec {zig} {tool} -target {python.zig} -g0 -fno-sanitize=undefined -Wno-date-time "$@"\n'
        )
    (work / "ar").write_text(f'#!/bin/sh\nexec {zig} ar "$@"\n')
    for tool in ("ar", "cc", "c++"):
        (work / tool).chmod(0o755)
    return [f"CC={work}/cc", f"CXX={work}/c++", f"AR={work}/ar"]


def _install(python: SourcePython, source: Path, work: Path, prefix: Path) -> None:
    """Put an interpreter and what it reads where `make install` would, which wants every module compiled."""
    folder = f"python{python.version}{python.flags}"
    library, include = prefix / "lib" / folder, prefix / "include" / folder
    library.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source / "Lib", library, ignore=_NOT_INSTALLED)
    (library / "lib-dynload").mkdir()
    shutil.copytree(source / "Include", include)
    shutil.copy(work / "pyconfig.h", include)
    data = work / (work / "pybuilddir.txt").read_text().strip()
    for file in data.glob("_sysconfigdata*.py"):
        shutil.copy(file, library)
    program = prefix / "bin" / f"python{python.version}{python.flags}"
    program.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(work / "python", program)


def main(arguments: Sequence[str]) -> None:
    """Make one interpreter and print where it is."""
    parser = argparse.ArgumentParser(description="Build a Python from source.")
    parser.add_argument("kind", choices=("musl", "free-threaded"))
    parser.add_argument("arch", choices=[row[0] for row in ARCHES])
    asked = parser.parse_args(arguments)
    made = musl_python(asked.arch) if asked.kind == "musl" else free_threaded_python(asked.arch)
    print(subprocess.list2cmdline(made.command()))


if __name__ == "__main__":
    main(sys.argv[1:])
