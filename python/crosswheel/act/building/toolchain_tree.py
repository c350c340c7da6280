"""The files of a toolchain of the user's own: which there are, their digest, and a copy of them in the store.

A build sees the copy, never the folder. So what a plan pins by digest is what compiles, whatever becomes of the folder
meanwhile, and a toolchain that the store has need not be there any more. Why: docs/decisions (other toolchains).
"""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from posixpath import dirname, normpath, relpath

from crosswheel.act.building.build_machine_tools import WHEEL_LIBRARIES
from crosswheel.act.building.interpreter_closure import elf_interpreter, shared_libraries
from crosswheel.act.check.elf_machines import ELF_MACHINES
from crosswheel.act.machine_platform import build_machine_platform
from crosswheel.act.storage.store import Store, digest_of_file
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError

__all__ = [
    "COMPILER",
    "LIBRARIES",
    "SYSROOT",
    "ToolchainFiles",
    "content_of",
    "keep_toolchain",
    "toolchain_files",
]

#: Folders of the tree in the store: the toolchain's folder, its sysroot, the libraries its programs load.
COMPILER, SYSROOT, LIBRARIES = "compiler", "sysroot", "libraries"
#: What programs load that is the machine's own: its C library, and what any machine has.
_MACHINES_OWN = ("ld-linux", "ld64.so", "ld.so", "libc.so", "libc.musl-", *WHEEL_LIBRARIES)

#: By path in the tree: a file on this machine, or the text of a link.
ToolchainFiles = Mapping[str, Path | str]


def toolchain_files(folder: Path, inputs: Sequence[str], sysroot: Path | None) -> ToolchainFiles:
    """Return what a build sees of a toolchain.

    Links stay links, read as if `folder` (or `sysroot`) were the root where they are absolute, and what a link to a file
    leads to is there too; one that leads out or nowhere is left out.

    Args:
        folder: the toolchain's folder.
        inputs: what of it belongs to the toolchain; empty for all.
        sysroot: the folder with the target's C library, if it is another.

    Raises:
        InputError: an input is not there, or a file cannot be read.
    """
    found: dict[str, Path | str] = {}
    try:
        own = _files_of(folder, inputs)
        found |= {f"{COMPILER}/{path}": file for path, file in own.items()}
        if sysroot is not None:
            found |= {f"{SYSROOT}/{path}": file for path, file in _files_of(sysroot, ()).items()}
        for name, library in _loaded_by(own.values()):
            place = relpath(os.path.abspath(library), os.path.abspath(folder))  # noqa: PTH100  # links stay
            if folder != Path("/") and not place.startswith("../"):
                # The program looks for it there, wherever the folder stands.
                found.setdefault(f"{COMPILER}/{place}", Path(os.path.realpath(library)))
            else:
                found[f"{LIBRARIES}/{name}"] = Path(os.path.realpath(library))
    except OSError as error:
        raise InputError(
            "read toolchain",
            error.filename,
            why=error.strerror or str(error),
            fix="let it be read, or leave it out of the toolchain's inputs",
        ) from None
    return dict(sorted(found.items()))


def _files_of(folder: Path, inputs: Sequence[str]) -> dict[str, Path | str]:
    found: dict[str, Path | str] = {}
    pending = list(inputs or sorted(os.listdir(folder)))  # noqa: PTH208 # names only
    while pending:
        path = pending.pop()
        place = folder / path
        if place.is_symlink():
            target = _led_to(folder, path)
            if path not in found and target is not None:
                found[path] = relpath(target, dirname(path) or ".")
                pending += [] if (folder / target).is_dir() else [target]
        elif place.is_dir():
            pending += [f"{path}/{name}" for name in os.listdir(place)]  # noqa: PTH208
        elif place.is_file():
            found[path] = place
        elif path in inputs:
            raise InputError(
                "use toolchain input",
                path,
                why=f"{folder} has no such file or folder",
                fix="name what the compiler reads, relative to the toolchain's folder",
            )
    return found


def _led_to(folder: Path, path: str, *, steps: int = 40) -> str | None:
    """Return the path below `folder` that a link leads to, through no other link to a folder."""
    text = os.readlink(folder / path)  # noqa: PTH115  # the text matters
    if text.startswith("/"):
        whole = f"{folder}/" if folder != Path("/") else "/"
        target = normpath(text.removeprefix(whole).lstrip("/"))
    else:
        target = normpath(f"{dirname(path)}/{text}" if "/" in path else text)
    place = ""
    for part in target.split("/"):
        if part == ".." or steps == 0:
            return None
        if place and (folder / place).is_symlink():
            further = _led_to(folder, place, steps=steps - 1)
            if further is None:
                return None
            place = further
        place = f"{place}/{part}" if place else part
    return place if os.path.lexists(folder / place) else None


def _loaded_by(files: Iterable[Path | str]) -> Iterator[tuple[str, Path]]:
    """Yield name and file of each shared library that a program among `files` loads from anywhere on this machine."""
    for file in files:
        if isinstance(file, Path) and os.access(file, os.X_OK) and _runs_here(file):
            for name, library in shared_libraries(file):
                if not name.startswith(_MACHINES_OWN):
                    yield name, library


def _runs_here(path: Path) -> bool:
    """Tell whether a file is a program of this machine with a loader."""
    expected = ELF_MACHINES[build_machine_platform().arch]
    with path.open("rb") as stream:
        head = stream.read(20)
    if len(head) < 20 or head[:4] != b"\x7fELF" or head[4] * 32 != expected.bits:
        return False
    (machine,) = struct.unpack_from("<H" if head[5] == 1 else ">H", head, 18)
    return bool(machine == expected.machine) and elf_interpreter(path) is not None


def content_of(files: ToolchainFiles, store: Store | None = None) -> Digest:
    """Return the digest of a toolchain: of every path with the file's bytes, or the link's text.

    Args:
        files: what `toolchain_files` returned.
        store: remembers what was read before, by sizes and times; ``None`` to read all.
    """
    if store is None:
        return digest_of_json({path: _content(file) for path, file in files.items()})
    seen = digest_of_json({path: _stamp(file) for path, file in files.items()})
    known = store.read_record("toolchain-content", seen)
    if isinstance(known, str):
        return Digest(known)
    content = content_of(files)
    store.write_record("toolchain-content", seen, content.hex)
    return content


def _content(file: Path | str) -> JsonValue:
    if isinstance(file, str):
        return ["link", file]
    return ["program" if os.access(file, os.X_OK) else "file", digest_of_file(file).hex]


def _stamp(file: Path | str) -> JsonValue:
    if isinstance(file, str):
        return file
    status = file.stat()
    times = (status.st_mtime_ns, status.st_ctime_ns)
    return [str(file), status.st_dev, status.st_ino, status.st_size, status.st_mode, *times]


def keep_toolchain(store: Store, content: Digest, files: ToolchainFiles) -> Path:
    """Return the folder of the store with a copy of a toolchain's files.

    Raises:
        InputError: what was copied is not what `content` says.
    """

    def fill(folder: Path) -> None:
        copied: dict[str, Path | str] = {}
        for path, file in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(file, str):
                place.symlink_to(file)
            else:
                shutil.copyfile(file, place)
                place.chmod(0o755 if os.access(file, os.X_OK) else 0o644)
            copied[path] = file if isinstance(file, str) else place
        if (found := content_of(copied)) != content:
            raise InputError(
                "use toolchain",
                why=f"the SHA-256 of its files is {found}, not {content}",
                fix="put back the toolchain that the plan was made with, or plan again",
            )

    return store.make_tree("toolchain-files", content, fill)
