"""Files that are put into an image one by one, each at a path of its own: what build systems know of an application.

Modes are told, not read: a build system that moves its files to other machines does not keep them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.images.own_binaries import binary_faults
from crosswheel.act.layers.layer_entries import FileContent, Folder, LayerEntry
from crosswheel.act.wheels.wheel_archive import is_safe_path
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

__all__ = ["PlacedFile", "folders_above", "placed_entries"]

_OWNER = "the application"
#: Folders of every system whose mode is none of an application's; what is in a layer replaces what is below it.
_SYSTEMS_OWN = frozenset({"dev", "proc", "root", "run", "sys", "tmp", "var/tmp"})


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedFile:
    """One file and where it goes.

    Attributes:
        path: absolute path in the image.
        source: the file; a link is followed.
        is_program: whether it can be executed.
    """

    path: str
    source: Path
    is_program: bool = False


def folders_above(path: str) -> Iterator[LayerEntry]:
    """Yield the folders that `path`, below the image's root, lies in, outermost first, but for the system's own."""
    parts = path.split("/")
    for end in range(1, len(parts)):
        folder = "/".join(parts[:end])
        if folder not in _SYSTEMS_OWN:
            yield LayerEntry(path=folder, content=Folder(), mode=0o755, owner=_OWNER)


def placed_entries(files: Sequence[PlacedFile], target: Target) -> list[LayerEntry]:
    """Return the entries of files and of the folders they lie in.

    Args:
        files: the files.
        target: what the image is for.

    Raises:
        CheckError: a file is for another machine, or needs a newer C library; all are collected.
        InputError: a file cannot be read, or a path is no absolute one.
    """
    entries: list[LayerEntry] = []
    faults: list[CrosswheelError] = []
    for file in files:
        inner = file.path.strip("/")
        if not file.path.startswith("/") or file.path.endswith("/") or not is_safe_path(inner):
            faults.append(
                InputError(
                    "put into an image",
                    file.path,
                    why="it is not the absolute path of a file",
                    fix="say where it lies in the image, for example at /app/main.py",
                )
            )
        elif not file.source.is_file():
            faults.append(
                InputError(
                    "put into an image",
                    str(file.source),
                    why="it is no file" if file.source.exists() else "there is no such file",
                    fix="give a file that can be read",
                )
            )
        else:
            entries += folders_above(inner)
            mode = 0o755 if file.is_program else 0o644
            entries.append(LayerEntry(path=inner, content=FileContent(file.source), mode=mode, owner=_OWNER))
            faults += binary_faults(inner, file.source, target)
    raise_faults(faults)
    return entries
