"""The C and C++ toolchain: zig unpacked once, its runtime libraries made once per target, launchers in front of it.

What the launchers do to a call is decided by `crosswheel.render.compiler_arguments`; docs/concepts/toolchain.md
tells why.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crosswheel.act.building.musl_libc import (
    libc_command,
    libc_library,
    musl_facts,
    musl_of,
    write_zig_library,
    zig_library,
)
from crosswheel.act.building.sandbox import Mounts, Sandbox
from crosswheel.render.build_paths import BuildPaths
from crosswheel.render.cargo import rust_settings
from crosswheel.render.compiler_arguments import Run, rewrite
from crosswheel.render.rustc_arguments import RUSTC_WRAPPER
from crosswheel.render.system_settings import build_platform_settings, sdk_settings, system_settings
from crosswheel.target.targets import Target
from crosswheel.target.triples import debian_multiarch, gnu_triple, zig_triple
from crosswheel.values.canonical_json import JsonValue, digest_of_json, pretty_json
from crosswheel.values.errors import BuildError, InputError
from crosswheel.values.platforms import Arch, Glibc, Linux, Platform

if TYPE_CHECKING:
    from crosswheel.act.reporter import Reporter
    from crosswheel.act.storage.store import Store

__all__ = ["copy_cache", "prepare_zig", "toolchain_settings", "warm_cache", "write_launchers"]

#: Modules copied beside the launchers, each importing nothing but the others.
_REWRITER = (
    "compiler_arguments.py", "compiler_call.py", "compiler_flags.py", "compiler_outputs.py",
    "cpu_flags.py", "package_config.py", "rustc_arguments.py", "sysroot_libraries.py", "system_flags.py",
    "target_pragmas.py",
)  # fmt: skip
_NAMES = (
    "cc",
    "c++",
    "gcc",
    "g++",
    "clang",
    "clang++",
    "cpp",
    "ar",
    "ranlib",
    "strip",
    "ld",
    "objcopy",
    "pkg-config",
)
_TRIPLED = (
    "cc",
    "c++",
    "gcc",
    "g++",
    "cpp",
    "ar",
    "ranlib",
    "strip",
    "ld",
    "objcopy",
    "gcc-ar",
    "gcc-ranlib",
)
_NATIVE = ("cc", "c++", "gcc", "g++", "ar", "ranlib")

#: Compiled into C++ modules where libc++ calls a newer glibc than the target's; the file tells more.
_IEEE128 = "ieee128.c"
#: Compiled into what links an archive of the sysroot; the file tells more.
_GLIBC_COMPAT = "glibc_compat.c"

#: The oldest glibc that Rust's own compiler and cargo run with; what they load asks for no newer one.
_BUILD_GLIBC = "2.17"

#: Raise it when the warm-up below changes.
_WARM_UP = 2


def prepare_zig(store: Store, wheel: Path) -> Path:
    """Return the folder of the zig toolchain that the wheel ``ziglang`` holds, unpacking it the first time.

    Args:
        store: where it is kept, by the wheel's digest.
        wheel: the ``ziglang`` wheel for the build platform.

    Raises:
        InputError: the wheel holds no zig.
    """
    from crosswheel.act.storage.store import digest_of_file

    return store.make_tree("zig", digest_of_file(wheel), lambda folder: _unpack_zig(wheel, folder))


def _unpack_zig(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        members = [
            info for info in archive.infolist() if info.filename.startswith("ziglang/") and not info.is_dir()
        ]
        for info in members:
            place = folder / info.filename.removeprefix("ziglang/")
            if ".." in place.parts:
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(info) as source, place.open("wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
            os.utime(place, (0, 0))
    program = folder / "zig"
    if not program.is_file():
        raise InputError(
            "use toolchain",
            wheel.name,
            why="it holds no ziglang/zig",
            fix="give a wheel of the project ziglang",
        )
    program.chmod(0o755)


def toolchain_settings(
    target: Target,
    paths: BuildPaths,
    *,
    build_machine: str,
    libraries: Mapping[str, JsonValue] | None = None,
) -> dict[str, JsonValue]:
    """Return the contents of ``toolchain.json``, documented in docs/concepts/toolchain.md.

    Args:
        target: what is compiled for.
        paths: where things stand.
        build_machine: the build machine's architecture in zig's words, e.g. ``x86_64``.
        libraries: the sysroot's link table; ``None`` for a build without a sysroot.

    Raises:
        InputError: zig cannot compile for the target, e.g. its glibc is older than zig knows there.
    """
    fixed = str(Path(paths.target).parent)
    scratch = str(Path(paths.source).parent)
    in_place = [["/crosswheel", fixed], ["/build", scratch]]
    sysroot = {} if libraries is None else _sysroot(target.platform, paths, libraries)
    moved = [[f"/usr/{name}", f"{paths.sysroot}/usr/{name}"] for name in ("include", "lib")]
    return {
        "schema": 1,
        "zig": f"{paths.zig}/zig",
        "bin": f"{paths.toolchain}/bin",
        "target": {**_platform(target.platform, paths), **system_settings(target, paths)},
        # Static: what is compiled for the build machine runs whatever C library the sandbox holds.
        "build": build_platform_settings(build_machine, "musl"),
        # What a program of the build machine loads (a procedural macro) needs that program's C library.
        "build_shared": build_platform_settings(build_machine, "gnu", f".{_BUILD_GLIBC}"),
        "rust": rust_settings(target.platform, paths),
        "environment": _variables(target.platform, paths),
        "replaced_folders": [
            [f"{paths.python}/include/python{target.python.version}", f"{paths.target}/include"],
            *(moved if sysroot else []),
        ],
        "dropped_folders": [f"{paths.python}/lib", f"{paths.python}/include"],
        "own_folders": [paths.target, paths.environment, scratch, *([paths.sysroot] if sysroot else [])],
        **({"sysroot": sysroot} if sysroot else {}),
        # Without a sandbox folders have other names than inside; what lands in the bytes is as if inside.
        "prefix_maps": [[actual, name] for name, actual in in_place if actual != name],
    }


def _variables(platform: Platform, paths: BuildPaths) -> dict[str, JsonValue]:
    own_library = {"ZIG_LIB_DIR": zig_library(paths)} if musl_of(platform) is not None else {}
    caches = {f"ZIG_{name.upper()}_CACHE_DIR": f"{paths.cache}/{name}" for name in ("global", "local")}
    return {**caches, **own_library}


def _sysroot(
    platform: Platform, paths: BuildPaths, libraries: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """Return what the launchers know of the sysroot; folders of the architecture go before the common ones."""
    usr = f"{paths.sysroot}/usr"
    is_linux = isinstance(platform.os, Linux)
    is_glibc = isinstance(platform.os, Linux) and isinstance(platform.os.libc, Glibc)
    multiarch = [debian_multiarch(platform)] if is_linux else []
    folders = {
        kind: [*(f"{usr}/{kind}/{name}" for name in multiarch), f"{usr}/{kind}"]
        for kind in ("include", "lib")
    }
    return {
        "root": paths.sysroot,
        "headers": folders["include"],
        "libraries": folders["lib"],
        "package_configs": [f"{folder}/pkgconfig" for folder in (*folders["lib"], f"{usr}/share")],
        "sources": [f"{paths.toolchain}/lib/{_GLIBC_COMPAT}"] if is_glibc else [],
        "table": dict(libraries),
        **sdk_settings(platform, paths),
    }


def _platform(platform: Platform, paths: BuildPaths) -> dict[str, JsonValue]:
    old_long_double = _has_old_long_double(platform)
    return {
        "arch": platform.arch.value,
        "pointer_width": platform.arch.pointer_width,
        "zig_triple": zig_triple(platform),
        "gnu_triple": gnu_triple(platform),
        "multiarch": debian_multiarch(platform) if isinstance(platform.os, Linux) else "",
        "compile_options": _compile_options(platform, old_long_double=old_long_double),
        "cxx_sources": [f"{paths.toolchain}/lib/{_IEEE128}"] if old_long_double else [],
        "libc": libc_library(platform, paths),
    }


def _compile_options(platform: Platform, *, old_long_double: bool) -> list[JsonValue]:
    """Return what every compilation for the platform is told, before the options of the build.

    On musl position independent code, as on Alpine: in zig's list of libc's symbols all objects lie at one address, so
    a program that copies one of them (`stdin`, `environ`) into itself, which other code does, gets all of them there.
    """
    options: list[JsonValue] = ["-mabi=ibmlongdouble"] if old_long_double else []
    return ["-fPIC"] if musl_of(platform) is not None else options


def _has_old_long_double(platform: Platform) -> bool:
    """Return whether the platform's glibc has IBM's long double only, where zig would take the IEEE one.

    https://sourceware.org/glibc/wiki/Release/2.32
    """
    libc = platform.os.libc if isinstance(platform.os, Linux) else None
    return platform.arch is Arch.PPC64LE and isinstance(libc, Glibc) and libc < Glibc(major=2, minor=32)


def write_launchers(
    destination: Path,
    target: Target,
    paths: BuildPaths,
    *,
    zig: Path,
    libraries: Mapping[str, JsonValue] | None = None,
) -> None:
    """Fill the folder seen as `BuildPaths.toolchain`: launchers in ``bin/``, their program, ``toolchain.json``.

    For a musl target it holds what zig takes for its own ``lib``, too.

    Args:
        destination: the folder, empty.
        target: what is compiled for.
        paths: where things stand.
        zig: what `prepare_zig` returned.
        libraries: the sysroot's link table; ``None`` for a build without a sysroot.

    Raises:
        InputError: see `toolchain_settings`.
    """
    write_zig_library(destination, zig, target.platform, paths)
    settings = toolchain_settings(target, paths, build_machine=os.uname().machine, libraries=libraries)
    (destination / "toolchain.json").write_bytes(pretty_json(settings))
    package = destination / "lib" / "crosswheel_launcher"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    source = files("crosswheel")
    (package / "launcher.py").write_bytes(
        (source / "act" / "building" / "injected" / "launcher.py").read_bytes()
    )
    for name in (_IEEE128, _GLIBC_COMPAT):
        (destination / "lib" / name).write_bytes(
            (source / "act" / "building" / "injected" / name).read_bytes()
        )
    for name in _REWRITER:
        (package / name).write_bytes((source / "render" / name).read_bytes())
    folder = destination / "bin"
    folder.mkdir()
    triple = gnu_triple(target.platform)
    text = (
        f"#!{paths.python}/bin/python{target.python.version} -ISE\n"
        "import sys\n"
        f"sys.path.insert(0, {paths.toolchain + '/lib'!r})\n"
        "from crosswheel_launcher.launcher import main\n"
        f"main({paths.toolchain + '/toolchain.json'!r})\n"
    )
    names = [*_NAMES, RUSTC_WRAPPER, *(f"{triple}-{name}" for name in _TRIPLED)]
    names += [f"{prefix}-{name}" for prefix in ("build", "build-shared") for name in _NATIVE]
    for name in names:
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)


def warm_cache(
    store: Store,
    zig: Path,
    target: Target,
    *,
    sandbox: Sandbox,
    cxx: bool,
    reporter: Reporter,
    rust: bool = False,
    for_build_machine: bool = False,
) -> Path:
    """Return a folder of zig's runtime libraries for `target`: crt, compiler-rt, libc.

    With `cxx` libc++ is there too, with `rust` libunwind and all of it for the build machine as well. With
    `for_build_machine` they are those of programs which builds compile and run (``build-cc``), and nothing else.

    They are compiled once, in the sandbox, from zig's own sources and nothing else; a build gets a copy
    (`copy_cache`), so that no build can change what the next one links. `reporter` hears of it when they are made.

    Raises:
        InputError: zig cannot compile for the target.
        BuildError: zig failed.
    """
    triple = f"{os.uname().machine}-linux-musl" if for_build_machine else zig_triple(target.platform)
    facts: list[JsonValue] = ["warm-up", _WARM_UP, zig.name, triple, cxx, sandbox.kind]
    facts += ["programs"] if for_build_machine else []  # the triple may be a target's
    key = digest_of_json([*facts, *(["rust"] if rust else []), *musl_facts(target.platform)])
    languages = ("C++" if cxx else "C") + (", Rust" if rust else "")
    task = f"make zig's runtime libraries for {triple} ({languages})"
    calls = _warm_calls_of_build_machine(cxx=cxx) if for_build_machine else _warm_calls(cxx=cxx, rust=rust)

    def fill(folder: Path) -> None:
        reporter.started(task)
        outcome = "failed"
        try:
            _warm_up(store, folder, zig, target, sandbox, calls)
            outcome = "made"
        except KeyboardInterrupt:
            outcome = "interrupted"
            raise
        finally:
            reporter.finished(task, outcome)

    return store.make_tree("zig-cache", key, fill)


_SOURCES = {
    "shared.c": "int crosswheel_warm(int x) { return x + 1; }\n",
    "program.c": "int main(void) { return 0; }\n",
    "shared.cc": "#include <stdexcept>\n#include <string>\n"
    'int crosswheel_warm(int x) { if (x) throw std::runtime_error(std::string("x")); return 1; }\n',
    "program.cc": "int main() { return 0; }\n",
}


def _warm_up(
    store: Store, folder: Path, zig: Path, target: Target, sandbox: Sandbox, calls: Sequence[Sequence[str]]
) -> None:
    with store.scratch() as scratch, tempfile.TemporaryFile() as log:
        paths = sandbox.paths(scratch, None)
        settings = toolchain_settings(target, paths, build_machine=os.uname().machine)
        # There are no launchers yet, nor the source that lies beside them; the libraries do not depend on it.
        platform = _platform(target.platform, paths)
        absent: dict[str, JsonValue] = {"cxx_sources": [], "import_libraries": ""}
        settings["target"] = {**platform, **system_settings(target, paths), **absent}
        source, cache = scratch / "source", scratch / "cache"
        for made in (source, cache, scratch / "home"):
            made.mkdir()
        for name, text in _SOURCES.items():
            (source / name).write_text(text)
        read_only = [(zig, paths.zig)]
        kept = ["global/b", "global/h", "global/o"]
        libc = libc_library(target.platform, paths)
        commands = []
        if libc:
            (cache / "musl").mkdir()
            toolchain = scratch / "toolchain"
            toolchain.mkdir()
            write_zig_library(toolchain, zig, target.platform, paths)
            read_only.append((toolchain, paths.toolchain))
            kept.append("musl")
            commands.append(libc_command(target.platform, paths))
        for launcher, *arguments in calls:
            command = rewrite(launcher, arguments, settings, libc.__eq__)
            assert isinstance(command, Run)  # a plain call is always run
            commands.append(command.argv)
        mounts = Mounts(read_only=tuple(read_only), writable=((source, paths.source), (cache, paths.cache)))
        for argv in commands:
            code = sandbox.run(
                argv,
                mounts=mounts,
                environment={"HOME": paths.home, **_environment(settings)},
                working_directory=paths.source,
                log=log,
            )
            if code != 0:
                raise _warm_up_error(target, log)
        # z/ holds zig's own parse of its library, needed only to compile that library again: most of the bytes
        for name in kept:
            shutil.copytree(cache / name, folder / name, copy_function=shutil.copy2)


def _warm_calls(*, cxx: bool, rust: bool) -> list[list[str]]:
    """Return the launcher and the arguments of every call that makes a runtime library."""
    calls = _compile_and_link("cc", "c")
    calls += _compile_and_link("c++", "cc") if cxx else []
    if rust:  # as rustc links: a shared library with libunwind, for the target and for what it loads itself
        calls += [["cc", "-shared", "shared.o", "-nodefaultlibs", "-lgcc_s", "-lc", "-o", "unwinding.so"]]
        calls += _compile_and_link("build-shared-cc", "c", "-lgcc_s")
    return calls


def _warm_calls_of_build_machine(*, cxx: bool) -> list[list[str]]:
    programs = [["build-cc", "program.c"], ["build-c++", "program.cc"]]
    return [[*call, "-o", "program"] for call in programs[: 2 if cxx else 1]]


def _compile_and_link(launcher: str, suffix: str, *libraries: str) -> list[list[str]]:
    return [
        [launcher, "-c", "-fPIC", f"shared.{suffix}", "-o", "shared.o"],
        [launcher, "-shared", "shared.o", *libraries, "-o", "shared.so"],
        [launcher, f"program.{suffix}", *libraries, "-o", "program"],
    ]


def _environment(settings: dict[str, JsonValue]) -> dict[str, str]:
    environment = settings["environment"]
    return {name: str(value) for name, value in environment.items()} if isinstance(environment, dict) else {}


def _warm_up_error(target: Target, log: BinaryIO) -> BuildError:
    log.seek(0)
    said = log.read().decode(errors="replace").strip().splitlines()
    return BuildError(
        "make zig's runtime libraries for",
        target.id,
        why=f"zig failed ({said[0] if said else 'it said nothing'})",
        fix="read what zig says below; `crosswheel target list` has other targets",
        details=said[-20:],
    )


def copy_cache(warm: Path, destination: Path) -> None:
    """Give a build its own, writable copy of a warm cache in the folder `destination`, beside others of its kind."""
    for root, folders, names in os.walk(warm):
        place = destination / Path(root).relative_to(warm)
        for folder in folders:
            (place / folder).mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copy2(f"{root}/{name}", place / name)
            (place / name).chmod(0o644)
