"""The files of a project's folder that say something of it, and those of the workspace that it is in, or is."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from crosswheel.decide.locks.own_folders import is_member
from crosswheel.decide.projects.composed_services import named_files
from crosswheel.decide.projects.place_hints import is_container_file
from crosswheel.decide.projects.project_proposal import WorkspaceAbove, is_lock, is_read

__all__ = ["locks_below", "project_texts", "texts_of_members", "workspace_above"]

_LARGEST_READ = 1 << 22


def project_texts(folder: Path) -> dict[str, str]:
    """Return the files of a project's folder that say something of it, and those that they name, by path."""
    paths = sorted([*folder.iterdir(), *folder.glob(".github/workflows/*")])
    names = [name for path in paths if is_read(name := path.relative_to(folder).as_posix())]
    texts = {name: _text(folder / name) for name in names if (folder / name).is_file()}
    # What these name is read as well, and may name more.
    while named := [name for name in named_files(texts) if name not in texts and _is_file(folder / name)]:
        texts |= {name: _text(folder / name) for name in named}
    return texts


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that a stranger wrote, longer than any
        return False


def _text(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.read(_LARGEST_READ).decode("utf-8", "replace")


def locks_below(folder: Path) -> list[str]:
    """Return the locks in the folders of a project, such as those of each place it runs in, by path."""
    found = []
    for path in sorted(folder.glob("[!.]*/*.t*")):
        if path.is_file() and (is_lock(path.name) or path.suffix == ".txt"):
            with path.open("rb") as stream:
                locks = path.suffix == ".toml" or b"--hash=sha256:" in stream.read(_LARGEST_READ)
            found += [path.relative_to(folder).as_posix()] if locks else []
    return found


def workspace_above(folder: Path) -> WorkspaceAbove | None:
    """Return the nearest folder above whose uv.lock was made for this project, too; ``None`` if there is none."""
    here = folder.resolve()
    for above in here.parents:
        lock = above / "uv.lock"
        if lock.is_file() and is_member(
            lock.read_text("utf-8", errors="replace"), here.relative_to(above).as_posix()
        ):
            return WorkspaceAbove(
                folder=os.path.relpath(above, Path.cwd()), member=os.path.relpath(here, Path.cwd())
            )
    return None


def texts_of_members(folder: Path, said: Mapping[str, str], members: Sequence[str]) -> dict[str, str]:
    """Return the container files in the folders of members, by path.

    Args:
        folder: the project's.
        said: the texts that are read already.
        members: the folders, relative to the project's; of these, what lies outside of it is not read.
    """
    paths = [
        path for member in members if ".." not in member.split("/") for path in _children(folder / member)
    ]
    names = [path.relative_to(folder).as_posix() for path in paths if is_container_file(path.name)]
    return {name: said[name] if name in said else _text(folder / name) for name in names}


def _children(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_file())
