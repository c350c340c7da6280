"""zig, unpacked once, and its runtime libraries, made once per target.

What the launchers do to a call of it is decided by `crosswheel.render.compiler_arguments`; docs/concepts/toolchain.md
tells why.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crosswheel.act.building.musl_libc import libc_command, libc_library
from crosswheel.act.building.sandbox import Mounts, Sandbox
from crosswheel.act.building.toolchain_settings import toolchain_settings
from crosswheel.act.building.zig_library import library_facts, write_zig_library
from crosswheel.act.building.zig_manifests import fit_manifests
from crosswheel.render.compiler_arguments import Run, rewrite
from crosswheel.render.cpu_flags import own_cpu
from crosswheel.target.targets import Target
from crosswheel.target.triples import zig_triple
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import BuildError, InputError
from crosswheel.values.platforms import Linux

if TYPE_CHECKING:
    from crosswheel.act.reporter import Reporter
    from crosswheel.act.storage.store import Store

__all__ = ["copy_cache", "prepare_zig", "warm_cache"]

_KIND = "zig-cache"
#: What is not read into memory as a whole.
_LARGE = 1 << 20
#: Systems that zig has headers and libraries for, half of all its files, and crosswheel no targets.
_OTHER_SYSTEMS = frozenset({"freebsd", "netbsd", "openbsd", "wasi"})
#: What it calls the other systems that there are targets of.
_BESIDE_LINUX = frozenset({"darwin", "mingw", "windows"})
#: Raise it when the warm-up below changes.
_WARM_UP = 2


def prepare_zig(
    store: Store, wheel: Path, check: Callable[[], None] = lambda: None, *, target: Target | None = None
) -> Path:
    """Return the folder of the zig toolchain that the wheel ``ziglang`` holds, unpacking it the first time.

    Args:
        store: where it is kept, by the wheel's digest.
        wheel: the ``ziglang`` wheel for the build platform.
        check: called between files; what it raises ends the unpacking.
        target: what will be compiled for, besides programs of the build machine; ``None`` for any. For Linux that is
            half of the files.

    Raises:
        InputError: the wheel holds no zig.
    """
    from crosswheel.act.storage.store import digest_of_file

    linux = target is not None and isinstance(target.platform.os, Linux)
    unread = _OTHER_SYSTEMS | _BESIDE_LINUX if linux else _OTHER_SYSTEMS
    return store.make_tree(
        "zig-linux" if linux else "zig",
        digest_of_file(wheel),
        lambda folder: _unpack_zig(wheel, folder, unread, check),
    )


def _is_read(name: str, unread: frozenset[str]) -> bool:
    """Whether a file of zig's lies where it says, and is no part of a C library of the systems `unread`."""
    parts = name.split("/")
    if parts[:2] == ["lib", "libc"] and unread.intersection("-".join(parts[2:4]).split("-")):
        return False
    return ".." not in parts


def _unpack_zig(wheel: Path, folder: Path, unread: frozenset[str], check: Callable[[], None]) -> None:
    """Unpack what builds for any target may read; other build systems do it for every build."""
    folders: set[str] = set()
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            name = info.filename.removeprefix("ziglang/")
            if name == info.filename or info.is_dir() or not _is_read(name, unread):
                continue
            check()
            parent = name.rpartition("/")[0]
            if parent not in folders:
                (folder / parent).mkdir(parents=True, exist_ok=True)
                folders.add(parent)
            place = f"{folder}/{name}"
            with open(place, "wb") as out:  # noqa: PTH123  # thousands of files: a path for each takes as long as its bytes
                if info.file_size < _LARGE:
                    out.write(archive.read(info))
                else:
                    with archive.open(info) as source:
                        shutil.copyfileobj(source, out, _LARGE)
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
    `for_build_machine` they are those of programs which builds compile and run (``build-cc``), with `rust` also of what
    its compiler loads (``build-shared-cc``), and nothing else.

    They are compiled once, in the sandbox, from zig's own sources and nothing else; a build gets a copy
    (`copy_cache`), so that no build can change what the next one links. `reporter` hears of it when they are made.

    Raises:
        InputError: zig cannot compile for the target.
        BuildError: zig failed.
    """
    triple = f"{os.uname().machine}-linux-musl" if for_build_machine else zig_triple(target.platform)

    def key_of(*, cxx: bool, rust: bool) -> Digest:
        facts: list[JsonValue] = ["warm-up", _WARM_UP, zig.name, triple, cxx, sandbox.kind]
        facts += ["programs"] if for_build_machine else []  # the triple may be a target's
        facts += own_cpu(triple.partition("-")[0])
        return digest_of_json([*facts, *(["rust"] if rust else []), *library_facts(target.platform)])

    languages = ("C++" if cxx else "C") + (", Rust" if rust else "")
    task = f"make zig's runtime libraries for {triple} ({languages})"
    warm_calls = _warm_calls_of_build_machine if for_build_machine else _warm_calls
    calls = warm_calls(cxx=cxx, rust=rust)

    def fill(folder: Path) -> None:
        reporter.started(task)
        outcome = "failed"
        # What was made for fewer languages is not compiled again. Which of it there is changes no byte.
        fewer = [key_of(cxx=one, rust=two) for one, two in _fewer_languages(cxx=cxx, rust=rust)]
        made = [tree for one in fewer if (tree := store.tree(_KIND, one)) is not None]
        try:
            _warm_up(store, folder, zig, target, sandbox, calls, made)
            outcome = "made"
        except KeyboardInterrupt:
            outcome = "interrupted"
            raise
        finally:
            reporter.finished(task, outcome)

    return store.make_tree(_KIND, key_of(cxx=cxx, rust=rust), fill)


def _fewer_languages(*, cxx: bool, rust: bool) -> list[tuple[bool, bool]]:
    """Return what may have been made before of C++ and Rust, of these."""
    every = [(False, False), (cxx, False), (False, rust)]
    return [one for one in dict.fromkeys(every) if one != (cxx, rust)]


_SOURCES = {
    "shared.c": "int crosswheel_warm(int x) { return x + 1; }\n",
    "program.c": "int main(void) { return 0; }\n",
    "shared.cc": "#include <stdexcept>\n#include <string>\n"
    'int crosswheel_warm(int x) { if (x) throw std::runtime_error(std::string("x")); return 1; }\n',
    "program.cc": "int main() { return 0; }\n",
}


def _warm_up(
    store: Store,
    folder: Path,
    zig: Path,
    target: Target,
    sandbox: Sandbox,
    calls: Sequence[Sequence[str]],
    made: Sequence[Path],
) -> None:
    with store.scratch() as scratch, tempfile.TemporaryFile() as log:
        paths = sandbox.paths(scratch, None)
        settings = toolchain_settings(target, paths, build_machine=os.uname().machine)
        # There are no launchers yet, nor the source that lies beside them; the libraries do not depend on it.
        platform = settings["target"]
        assert isinstance(platform, dict)
        settings["target"] = {**platform, "link_sources": [], "cxx_sources": [], "import_libraries": ""}
        source, cache = scratch / "source", scratch / "cache"
        for place in (source, cache, scratch / "home"):
            place.mkdir()
        for tree in made:
            copy_cache(tree, cache, zig)
        for name, text in _SOURCES.items():
            (source / name).write_text(text)
        toolchain = scratch / "toolchain"
        toolchain.mkdir()
        write_zig_library(toolchain, zig, target.platform, paths)
        read_only = [(zig, paths.zig), (toolchain, paths.toolchain)]
        kept = ["global/b", "global/h", "global/o"]
        libc = libc_library(target.platform, paths)
        commands = []
        if libc:
            (cache / "musl").mkdir(exist_ok=True)
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
    return [*calls, *_calls_of_rusts_compiler(rust=rust)]


def _calls_of_rusts_compiler(*, rust: bool) -> list[list[str]]:
    return _compile_and_link("build-shared-cc", "c", "-lgcc_s") if rust else []


def _warm_calls_of_build_machine(*, cxx: bool, rust: bool) -> list[list[str]]:
    programs = [["build-cc", "program.c"], ["build-c++", "program.cc"]]
    calls = [[*call, "-o", "program"] for call in programs[: 2 if cxx else 1]]
    return [*calls, *_calls_of_rusts_compiler(rust=rust)]


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


def copy_cache(warm: Path, destination: Path, zig: Path) -> None:
    """Give a build its own, writable copy of a warm cache in the folder `destination`, beside others of its kind.

    What it knows of the files of `zig`, the compiler that will use it, is true of where that is now.
    """
    for root, folders, names in os.walk(warm):
        place = destination / Path(root).relative_to(warm)
        for folder in folders:
            (place / folder).mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copy2(f"{root}/{name}", place / name)
            (place / name).chmod(0o644)
    fit_manifests(destination / "global", zig)
