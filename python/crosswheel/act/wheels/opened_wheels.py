"""What wheels become together: their files, and where they bring the same path.

One decision for every form in which they are shipped: trees, layers and Lambda layers hold the same files.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.wheels.namespace_packages import with_one_declaration
from crosswheel.act.wheels.schemes import Scheme
from crosswheel.act.wheels.wheel_archive import WheelArchive
from crosswheel.act.wheels.wheel_files import InstalledFile, WheelFiles, wheel_files
from crosswheel.values.errors import CheckError, CrosswheelError, InputError, raise_faults

__all__ = ["OpenedWheel", "opened_wheels", "parents", "shared_paths"]

#: Files that are open beside the wheels, at most.
_OTHER_FILES = 64


@dataclass(frozen=True, slots=True)
class OpenedWheel:
    """An open wheel and what it becomes."""

    archive: WheelArchive
    files: WheelFiles


@contextmanager
def opened_wheels(
    wheels: Sequence[Path], scheme: Scheme, *, interpreter: str
) -> Iterator[tuple[OpenedWheel, ...]]:
    """Open `wheels` and decide what each becomes under `scheme`; they are closed with the context.

    Args:
        wheels: the wheels.
        scheme: where their parts go.
        interpreter: for the first line of programs.

    Raises:
        CheckError: a wheel is not what its RECORD says; all faults of all wheels are collected.
        InputError: no first line can name `interpreter`.
    """
    _allow_open_files(len(wheels) + _OTHER_FILES)
    with ExitStack() as stack:
        opened: list[OpenedWheel] = []
        faults: list[CrosswheelError] = []
        for wheel in wheels:
            try:
                archive = stack.enter_context(WheelArchive(wheel))
                opened.append(OpenedWheel(archive, wheel_files(archive, scheme, interpreter=interpreter)))
                archive.forget_all()
            except (CheckError, InputError) as error:
                faults.append(error)
        raise_faults(faults)
        merged = with_one_declaration([(one.archive, one.files) for one in opened])
        yield tuple(OpenedWheel(one.archive, files) for one, files in zip(opened, merged, strict=True))


def _allow_open_files(count: int) -> None:
    """Raise how many files may be open, as far as that is ours to say: macOS begins with 256 (getrlimit(2))."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        most = count if hard == resource.RLIM_INFINITY else min(count, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def shared_paths(planned: Iterable[WheelFiles]) -> Mapping[str, int]:
    """Return the mode of each path that several wheels bring with the same bytes: that of a program if it is one of any.

    Raises:
        InputError: wheels bring a path with different bytes, or as a file and as a folder; all are collected.
    """
    owners: dict[str, tuple[str, InstalledFile]] = {}
    shared: dict[str, int] = {}
    faults: list[CrosswheelError] = []
    for one in planned:
        for file in one.files:
            wheel, other = owners.setdefault(file.path, (one.wheel, file))
            if other is file:
                continue
            shared[file.path] = shared.get(file.path, other.mode) | file.mode
            if other.entry.hash != file.entry.hash or other.data != file.data:
                faults.append(_collision(file.path, wheel, one.wheel, "with different content"))
    folders = {parent: path for path in owners for parent in parents(path)}
    for path in sorted(folders.keys() & owners.keys()):
        below = owners[folders[path]][0]
        faults.append(_collision(path, owners[path][0], below, "one as a file, one as a folder"))
    raise_faults(faults)
    return shared


def _collision(path: str, one: str, other: str, how: str) -> InputError:
    return InputError(
        "install file",
        path,
        why=f"{one} and {other} both bring it, {how}" if one != other else f"{one} brings it twice, {how}",
        fix="leave one of them out",
    )


def parents(path: str) -> list[str]:
    """Return the folders that `path` lies in, outermost first.

    >>> parents("a/b/c.py")
    ['a', 'a/b']
    """
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
