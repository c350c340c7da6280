"""Installing wheels into a tree, each file compared with RECORD while it is written; nothing is executed.

The layouts and what a tree holds are documented in docs/guides/install-a-tree.md.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.storage.output_directory import OutputKind
from crosswheel.act.wheels.file_time import file_time
from crosswheel.act.wheels.opened_wheels import OpenedWheel, opened_wheels, parents, shared_paths
from crosswheel.act.wheels.program_interpreter import program_interpreter
from crosswheel.act.wheels.schemes import Scheme, TreeLayout, scheme_for
from crosswheel.act.wheels.wheel_files import WheelFiles
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import pretty_json
from crosswheel.values.errors import CheckError, CrosswheelError, OutputError, raise_faults

__all__ = [
    "TREE",
    "TREE_MARKER",
    "TreeLayout",
    "TreeSummary",
    "install_into",
    "install_wheels",
]

#: File that says which wheels a tree was made of, and that it is ours to replace.
TREE_MARKER = ".crosswheel-tree.json"
TREE = OutputKind(thing="tree", marker=TREE_MARKER)


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeSummary:
    """What was installed.

    Attributes:
        wheels: file names of the wheels, in the order given.
        files: number of files written.
        bytes: their size.
        notes: what the user should know.
    """

    wheels: tuple[str, ...]
    files: int
    bytes: int
    notes: tuple[str, ...] = ()


def install_wheels(
    wheels: Sequence[Path],
    destination: Path,
    *,
    target: Target,
    interpreter: str | None = None,
    layout: TreeLayout = TreeLayout.TARGET,
    source_date_epoch: int | None = None,
) -> TreeSummary:
    """Make the tree `destination` of `wheels`; the same wheels make the same bytes, modes and times.

    Args:
        wheels: the wheels, each verified against its RECORD.
        destination: the folder; replaced in one step if it is an earlier tree of ours or empty.
        target: where the tree will be used; decides paths.
        interpreter: path on the target for the first line of programs; see `program_interpreter`.
        layout: shape of the tree.
        source_date_epoch: time of all files, seconds; 1980-01-01 when ``None``.

    Returns:
        What was written.

    Raises:
        CheckError: a wheel is not what its RECORD says.
        InputError: two wheels disagree on a file.
        OutputError: `destination` is not ours to replace.
    """
    scheme = scheme_for(layout, target)
    program = program_interpreter(interpreter, target)
    time = file_time(source_date_epoch)
    with TREE.replaced(destination) as root:
        planned, summary = _install(wheels, root, scheme=scheme, interpreter=program, time=time)
        manifest = pretty_json(
            {
                "schema": 1,
                "target": target.id,
                "layout": layout.value,
                "interpreter": program,
                "wheels": [{"filename": one.wheel, "record": one.record.hex} for one in planned],
            }
        )
        _write(os.fspath(root / TREE_MARKER), manifest, 0o644, time)
        _set_folder_times(root, time)
    return summary


def install_into(
    root: Path,
    wheels: Sequence[Path],
    *,
    scheme: Scheme,
    interpreter: str,
    source_date_epoch: int | None = None,
) -> TreeSummary:
    """Install `wheels` into `root`, an existing folder of the caller such as a build environment.

    Args:
        root: the folder `scheme`'s paths are below.
        wheels: the wheels, each verified against its RECORD.
        scheme: where their parts go, e.g. `crosswheel.act.wheels.schemes.prefix_scheme`.
        interpreter: for the first line of programs.
        source_date_epoch: time of all files, seconds; 1980-01-01 when ``None``.

    Raises:
        CheckError: a wheel is not what its RECORD says.
        InputError: two wheels disagree on a file.
        OutputError: a file is already there.
    """
    time = file_time(source_date_epoch)
    try:
        return _install(wheels, root, scheme=scheme, interpreter=interpreter, time=time)[1]
    except OSError as error:
        raise OutputError(
            "write tree",
            str(error.filename or root),
            why=error.strerror or str(error),
            fix="give an empty folder that can be written",
        ) from None


def _install(
    wheels: Sequence[Path], root: Path, *, scheme: Scheme, interpreter: str, time: int
) -> tuple[list[WheelFiles], TreeSummary]:
    with opened_wheels(wheels, scheme, interpreter=interpreter) as opened:
        planned = [one.files for one in opened]
        shared = shared_paths(planned)
        _make_folders(root, {file.path for one in planned for file in one.files})
        written: set[str] = set()
        faults: list[CrosswheelError] = []
        for wheel in opened:
            faults += _write_files(wheel, os.fspath(root), written, shared, time)
        raise_faults(faults)
    files = {file.path: file for one in planned for file in one.files}
    return planned, TreeSummary(
        wheels=tuple(one.wheel for one in planned),
        files=len(files),
        bytes=sum(file.size for file in files.values()),
        notes=tuple(note for one in planned for note in one.notes),
    )


def _make_folders(root: Path, paths: Iterable[str]) -> None:
    folders = {
        folder for path in {path.rpartition("/")[0] for path in paths} for folder in parents(path + "/")
    }
    for folder in sorted(folders):
        path = root / folder
        try:
            path.mkdir()
        except FileExistsError:
            if not path.is_dir():
                raise
        else:
            path.chmod(0o755)


def _write_files(
    wheel: OpenedWheel, root: str, written: set[str], shared: Mapping[str, int], time: int
) -> list[CrosswheelError]:
    """Write the files of one wheel; return those whose content is not what RECORD says."""
    damaged = []
    for file in wheel.files.files:
        data: bytes | bytearray | memoryview = file.data
        if file.member is not None:
            data = wheel.archive.read(file.member)
            if hashlib.new(file.entry.algorithm, data).digest() != file.entry.digest:
                damaged.append(file.member.name)
                continue
        if file.path in shared:
            if file.path in written:
                continue
            written.add(file.path)
        _write(f"{root}/{file.path}", data, shared.get(file.path, file.mode), time)
    return [
        CheckError(
            "install wheel",
            wheel.files.wheel,
            why=f"the content of {name} does not match the hash in RECORD",
            fix="get the file again, or have its author repair it",
        )
        for name in damaged
    ]


def _write(path: str, data: bytes | bytearray | memoryview, mode: int, time: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        done = os.write(descriptor, data)
        while done < len(data):  # one write moves at most 2 GiB, see write(2)
            done += os.write(descriptor, memoryview(data)[done:])
        os.fchmod(descriptor, mode)  # whatever the umask is
        os.utime(descriptor, (time, time))
    finally:
        os.close(descriptor)


def _set_folder_times(root: Path, time: int) -> None:
    for folder, _, _ in os.walk(root, topdown=False):
        os.utime(folder, (time, time))
