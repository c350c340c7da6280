"""Beginning with a project, as a typed function: what ``crosswheel init`` does; see `crosswheel.api`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.api import Session
from crosswheel.api_arguments import as_names, as_paths, told_types

if TYPE_CHECKING:
    from crosswheel.act.planning.project_start import StartedProject

__all__ = ["init"]


@told_types
def init(
    folder: str | Path = ".",
    *,
    lock: str = "",
    targets: str | Sequence[str] = (),
    python: str | None = None,
    projects: str | Path | Sequence[str | Path] | None = None,
    bazel: bool = False,
    nix: bool = False,
    plan: bool = True,
    force: bool = False,
    write: bool = True,
    session: Session | None = None,
) -> StartedProject:
    """Look at a project, choose Python and targets, and write the configuration and the plan, all or nothing.

    Args:
        folder: the project's.
        lock: name of the lock in `folder`; empty for the one that is there.
        targets: targets in any spelling; empty to have them chosen by what the project says of where it runs.
        python: ``X.Y`` of the targets; ``None`` to have it chosen likewise.
        projects: your own that are planned besides; ``None`` for `folder`, if it is a package, and the folders that the lock names.
        bazel: write MODULE.bazel and BUILD.bazel, too.
        nix: write flake.nix, too.
        plan: make the plan, which may need a network.
        force: replace files that are there.
        write: ``False`` to plan, but write nothing into `folder`.
        session: what to work with.

    Returns:
        What was chosen and why (`proposal`), the files that are or would be written (`files`), and the plan with the files that
        go with it (`planned`), if one was wanted.

    Raises:
        CrosswheelError: there is no lock, a target or Python is wrong, the configuration that is there says something else,
            planning failed, or a file would be replaced.
    """
    from crosswheel import __version__
    from crosswheel.act.planning.project_start import (
        StartOptions,
        prepare_project,
        preview_project,
        write_project,
    )

    session = session or Session()
    options = StartOptions(
        folder=Path(folder),
        lock=lock,
        python=python or "",
        targets=as_names(targets, "targets"),
        projects=None if projects is None else as_paths(projects, "projects"),
        bazel=bazel,
        nix=nix,
        plan=plan,
        force=force,
        build_python=None if session.build_python is None else Path(session.build_python),
    )
    project = prepare_project(options, version=__version__)
    return (write_project if write else preview_project)(project, options, session.services)
